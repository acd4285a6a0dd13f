import type { RescueShell } from './rescueShell';

/** A container that is to be killed. */
export interface RescueTarget {
  /** As the API names it. */
  readonly id: string;
  /** As `/proc/PID/cgroup` has it; undefined: not known, so that only the API can kill it. */
  readonly cgroup: string | undefined;
  /** The API has not told of it: one that does not know it says nothing of whether it is dead. */
  readonly unlisted?: true;
}

/** What of the rescue shell is needed to kill containers. */
export type RescueLane = Pick<
  RescueShell,
  'isRoot' | 'leaseMs' | 'mayTake' | 'freeze' | 'thaw' | 'killGroup' | 'state' | 'ended'
>;

/** What can be done to some containers before anything is tried. */
export interface RescuePlan {
  /** Those that can be frozen first, and killed though the API does not answer. */
  readonly byLane: readonly RescueTarget[];
  /** Those for which there is the API only. */
  readonly byApiOnly: readonly RescueTarget[];
  /** Why there is the API only, for all of them; undefined where there is more. */
  readonly laneMissing: 'no-shell' | 'not-root' | undefined;
}

/** Says beforehand what can be done with which container. */
export function rescuePlan(
  targets: readonly RescueTarget[],
  lane: Pick<RescueLane, 'isRoot' | 'mayTake'> | undefined,
): RescuePlan {
  const laneMissing = lane === undefined ? 'no-shell' : lane.isRoot ? undefined : 'not-root';
  const canTake = ({ cgroup }: RescueTarget): boolean =>
    lane !== undefined && lane.isRoot && cgroup !== undefined && lane.mayTake(cgroup);
  return {
    byLane: targets.filter(canTake),
    byApiOnly: targets.filter((target) => !canTake(target)),
    laneMissing,
  };
}
