import type { WatchedCgroup } from '../core/cgroups/cgroup';
import type { Container } from '../core/containers/container';
import type { GroupFigures } from '../protocol';
import { usedBytesOf } from './surveyLimit';
import { known } from './surveyProcesses';

/**
 * @param cgroup undefined: it was not read.
 * @param container what the API tells of it, where it is the container itself.
 */
export function groupFigures(
  cgroup: WatchedCgroup | undefined,
  container: Container | undefined,
): GroupFigures {
  const { stat, rates, events, kernelBytes, swapBytes } = cgroup ?? {};
  const growth = rates?.growthBytesPerSecond;
  return known<GroupFigures>({
    workingSetBytes: cgroup && usedBytesOf(cgroup),
    anonBytes: stat?.anonBytes,
    fileBytes: stat?.fileBytes,
    kernelBytes,
    swapBytes,
    growthBytesPerMinute: growth === undefined ? undefined : growth * 60,
    majorFaultsPerSecond: rates?.majorFaultsPerSecond,
    oomKills: events?.oomKill,
    restarts: container?.restartCount,
  });
}

const figures = [
  'workingSetBytes',
  'anonBytes',
  'fileBytes',
  'kernelBytes',
  'swapBytes',
  'growthBytesPerMinute',
  'majorFaultsPerSecond',
  'oomKills',
  'restarts',
] as const satisfies readonly (keyof GroupFigures)[];

/** Each figure of all of them together, as far as it is known; absent where none has it. */
export function sumOfFigures(all: readonly GroupFigures[]): GroupFigures {
  const sums: { -readonly [Figure in keyof GroupFigures]?: number } = {};
  for (const one of all) {
    for (const figure of figures) {
      const value = one[figure];
      if (value !== undefined) sums[figure] = (sums[figure] ?? 0) + value;
    }
  }
  return sums;
}
