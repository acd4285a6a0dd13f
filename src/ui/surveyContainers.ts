import type { Container } from '../core/containers/container';

/** As a runtime names a container; a shorter id is the beginning of it. */
const fullIdLength = 64;

/** What the API tells of the containers of a host. */
export class ListedContainers {
  readonly #byId: ReadonlyMap<string, Container>;
  readonly #withShortId: readonly Container[];

  /** @param all undefined: the API has told nothing. */
  constructor(readonly all: readonly Container[] = []) {
    this.#byId = new Map(all.map((container) => [container.id, container]));
    this.#withShortId = all.filter(({ id }) => id.length < fullIdLength);
  }

  /** @param id that its cgroup goes by. */
  get(id: string): Container | undefined {
    return this.#byId.get(id) ?? this.#withShortId.find((container) => id.startsWith(container.id));
  }
}
