import type { CgroupOwner } from '../cgroups/cgroupOwner';

/** Whose memory would run out. */
export type ForecastScope =
  | { readonly kind: 'machine' }
  /** A memory cgroup with a limit of its own that it could meet. `usedBytes`: without page cache that nobody uses. */
  | {
      readonly kind: 'cgroup';
      readonly path: string;
      readonly limitBytes: number;
      readonly usedBytes: number | undefined;
    };

/** One that the kernel would come to, by its own measure. */
export interface ForecastCandidate {
  readonly pid: number;
  readonly startTicks: number;
  readonly name: string;
  /** The one that its memory is charged to. */
  readonly cgroup: string | undefined;
  readonly owner: CgroupOwner | undefined;
  /** rss + swap + page tables + oom_score_adj × total / 1000; may be below 0. */
  readonly badnessBytes: number;
  readonly heldBytes: number;
  readonly oomScoreAdj: number;
}

/** Why another one may be next. */
export type ForecastDoubt =
  /** Some processes in scope were not read yet, or too long ago. */
  | 'not-all-read'
  | 'same-score'
  /** vm.oom_kill_allocating_task is set. */
  | 'allocating-task'
  /** vm.panic_on_oom is set: the machine stops instead. */
  | 'panic'
  /** Version 1's `oom_kill_disable` is set: the tasks of the group stand still instead. */
  | 'kill-disabled'
  /** The limit, or swap that counts to it, is not known. */
  | 'total'
  /** The host is a container: processes beside it, which the kernel would compare as well, cannot be seen. */
  | 'container'
  /** Before 4.17 the kernel favours those that may administer the machine, and the margin is within that. */
  | 'root-bonus'
  /** The kernel's own oom_score of the first is not what its formula gives. */
  | 'score-differs'
  /** A user-space killer runs, which may be first. */
  | 'user-space-killer';

/** Who would be killed if memory ran out now. A forecast, no promise. */
export interface Forecast {
  readonly scope: ForecastScope;
  /** What oom_score_adj is a share of. */
  readonly totalBytes: number;
  /** Worst first, at most 5. */
  readonly candidates: readonly ForecastCandidate[];
  /** Between the first and the second; undefined with fewer than two. */
  readonly marginBytes: number | undefined;
  /** Before 5.1: the child of the first that would be killed in its place. */
  readonly child: ForecastCandidate | undefined;
  /** The cgroup that would be killed as a whole (`memory.oom.group`); undefined: none, or not known. */
  readonly groupKilled: string | undefined;
  /** Processes in scope that the kernel never takes (oom_score_adj −1000, and the first process), at most 5, largest first. */
  readonly protected: readonly ForecastCandidate[];
  /** Those whose oom_score_adj is below 0, so that others come before them, at most 5, largest first. */
  readonly favoured: readonly ForecastCandidate[];
  readonly doubts: readonly ForecastDoubt[];
}

/** Who would die first: the one with the greatest badness, or its child. Undefined: nobody can be killed. */
export function forecastVictimOf({ child, candidates }: Forecast): ForecastCandidate | undefined {
  return child ?? candidates[0];
}
