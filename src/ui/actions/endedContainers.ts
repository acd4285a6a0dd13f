import type { ActionId } from '../../core/actions';
import type { TargetResult } from '../../core/actions/result';
import type { JoinedContainer } from '../../core/containers/joinContainers';

const mostKept = 10_000;

/** Actions after which a container is no more, unless it is started again. */
const ending: readonly ActionId[] = ['kill-all-containers', 'kill-containers', 'stop-containers'];

/** Containers that were ended from here: the cgroup of one may be known for a while after that. */
export class EndedContainers {
  /** The host's uptime in ms when each had ended, by id. */
  private readonly atMs = new Map<string, number>();

  /** Takes in what an action has done. @param endedAtMs the host's uptime then. */
  note(action: ActionId, results: readonly TargetResult[], endedAtMs: number): void {
    if (!ending.includes(action)) return;
    for (const { key, outcome } of results) {
      if (this.atMs.size >= mostKept) this.atMs.clear();
      if (outcome === 'done' || outcome === 'gone') this.atMs.set(key, endedAtMs);
    }
  }

  /** Those of which more is known than what was read before they ended. */
  without(containers: readonly JoinedContainer[]): readonly JoinedContainer[] {
    return containers.filter((one) => !this.has(one));
  }

  /** Whether all that is known of a container is what was read of its cgroup before it ended. */
  has({ container, cgroup, id }: JoinedContainer): boolean {
    const endedAtMs = this.atMs.get(id);
    return endedAtMs !== undefined && container === undefined && (cgroup?.readAtMs ?? 0) <= endedAtMs;
  }
}
