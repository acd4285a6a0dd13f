import type { WatchedCgroup } from '../cgroups/cgroup';
import { isOwnOfContainer, type ContainerRuntime, type Pod } from '../cgroups/cgroupOwner';
import type { Container } from './container';

/** A container with the figures of its cgroup; one of the two is there. */
export interface JoinedContainer {
  /** Of the container, or where only the cgroup is known what its path says: 12 to 64 characters. */
  readonly id: string;
  /** Undefined: the API is not to be had, or the container is of another runtime or another user's. */
  readonly container: Container | undefined;
  /** Undefined: it does not run, or the host's cgroups are not read (yet). */
  readonly cgroup: WatchedCgroup | undefined;
  /** Undefined: only the API knows it, or the path does not say. */
  readonly runtime: ContainerRuntime | undefined;
  readonly pod?: Pod;
  /** The user, by number, whose rootless container it is. */
  readonly user?: number;
}

/** Whether it stands still, be it by its runtime or, past that, by the kernel's freezer. */
export function isFrozenContainer({ container, cgroup }: JoinedContainer): boolean {
  return container?.state === 'paused' || cgroup?.frozen === true;
}

/**
 * Each container with its cgroup, in the order given, then those that only their cgroups tell of: in peace of another
 * runtime, and all of them where the API is not to be had.
 * @param containers undefined: the API is not to be had.
 */
export function joinContainers(
  containers: readonly Container[] | undefined,
  cgroups: readonly WatchedCgroup[],
): readonly JoinedContainer[] {
  const groups = new Map<string, WatchedCgroup>();
  for (const cgroup of cgroups) {
    const { owner } = cgroup;
    if (!isOwnOfContainer(owner)) continue;
    const known = groups.get(owner.id);
    if (known === undefined || cgroup.path.length < known.path.length) groups.set(owner.id, cgroup);
  }
  const joined: JoinedContainer[] = [];
  const taken = new Set<string>();
  for (const container of containers ?? []) {
    const id = fullIdOf(container.id, groups);
    if (taken.has(id)) continue;
    taken.add(id);
    const cgroup = groups.get(id);
    joined.push({ id: container.id, container, cgroup, ...ownerFacts(cgroup) });
  }
  for (const [id, cgroup] of groups) {
    if (!taken.has(id)) joined.push({ id, container: undefined, cgroup, ...ownerFacts(cgroup) });
  }
  return joined;
}

/** The id that the cgroup goes by, where the API told its beginning only. */
function fullIdOf(id: string, groups: ReadonlyMap<string, unknown>): string {
  if (id.length === 64 || groups.has(id)) return id;
  for (const full of groups.keys()) if (full.startsWith(id)) return full;
  return id;
}

function ownerFacts(cgroup: WatchedCgroup | undefined): Pick<JoinedContainer, 'runtime' | 'pod' | 'user'> {
  if (cgroup?.owner.kind !== 'container') return { runtime: undefined };
  const { runtime, pod, user } = cgroup.owner;
  return { runtime, ...(pod && { pod }), ...(user !== undefined && { user }) };
}
