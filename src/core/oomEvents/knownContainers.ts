import type { Container } from '../containers/container';

/** The containers as their API has told them last. Times are the host's uptime. */
export interface KnownContainers {
  readonly containers: readonly Container[];
  /** When they were asked for; -Infinity: not known. */
  readonly askedMs: number;
  /** When the first process of one of them was asked for; -Infinity: never, or not known. */
  readonly inspectedMs: (container: Container) => number;
  /** Whether the API is open now, so that it can be asked anew. */
  readonly isOpen: boolean;
}
