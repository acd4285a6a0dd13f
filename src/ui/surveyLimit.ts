import type { WatchedCgroup } from '../core/cgroups/cgroup';
import { ancestorPathsOf } from '../core/cgroups/effectiveLimit';
import type { Limit } from '../core/proc/cgroupLimit';

/** The limit that a group is nearest to meeting. */
export interface NearestLimit {
  readonly bytes: Limit;
  /** The group that has it: itself or an ancestor. Undefined with `'max'`, and where it cannot be seen from here. */
  readonly path: string | undefined;
  /** How much of it the group that has it uses: what lies beside a group meets the limit of both. */
  readonly percent?: number;
}

type Group = Pick<WatchedCgroup, 'path' | 'limits' | 'workingSetBytes' | 'currentBytes'>;

/** What a group uses that cannot be taken from it at once. */
export function usedBytesOf({
  workingSetBytes,
  currentBytes,
}: Pick<Group, 'workingSetBytes' | 'currentBytes'>): number | undefined {
  return workingSetBytes ?? currentBytes;
}

/**
 * Of the limits of a group and its ancestors the one of which most is used. Where that cannot be told, since not all is
 * known of the group with the least limit, it is the least.
 * @param find a group that was read.
 * @returns undefined where no limit is known.
 */
export function nearestLimitOf(
  group: Group & Pick<WatchedCgroup, 'effectiveMax'>,
  find: (path: string) => Group | undefined,
): NearestLimit | undefined {
  const { path, effectiveMax: least } = group;
  if (least?.path === undefined) return least;
  const known = [group, ...ancestorPathsOf(path).map(find)].flatMap((other) => {
    const limit = other && usedLimitOf(other);
    // In version 1 one that is below the least does not count its descendants.
    return limit && limit.bytes >= Number(least.bytes) ? [limit] : [];
  });
  if (!known.some((limit) => limit.path === least.path)) return least;
  return known.reduce((nearest, limit) => (limit.percent > nearest.percent ? limit : nearest));
}

function usedLimitOf(group: Group): { bytes: number; path: string; percent: number } | undefined {
  const { path, limits } = group;
  const used = usedBytesOf(group);
  if (typeof limits.max !== 'number' || limits.max <= 0 || used === undefined) return undefined;
  return { bytes: limits.max, path, percent: (used / limits.max) * 100 };
}
