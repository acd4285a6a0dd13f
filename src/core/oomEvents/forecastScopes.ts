import type { WatchedCgroup } from '../cgroups/cgroup';
import { ancestorPathsOf } from '../cgroups/effectiveLimit';
import type { ForecastScope } from './forecast';

/** Somewhere memory can run out, and what oom_score_adj is a share of there. */
export interface MeasuredScope {
  readonly scope: ForecastScope;
  readonly totalBytes: number;
  /** Whether all parts of the total are known. */
  readonly isTotalKnown: boolean;
  /** Undefined for the machine. */
  readonly cgroup: WatchedCgroup | undefined;
}

/** All memory and swap of the machine; undefined: not known. */
export interface MachineMemory {
  readonly memTotalBytes: number;
  readonly swapTotalBytes: number | undefined;
  /** `vm.swappiness`: with 0 swap counts to no cgroup. */
  readonly swappiness: number | undefined;
}

/** So many cgroups have a forecast. */
const mostCgroups = 20;

/** `constrained_alloc` (mm/oom_kill.c): RAM and swap. */
export function machineScope({ memTotalBytes, swapTotalBytes }: MachineMemory): MeasuredScope {
  return {
    scope: { kind: 'machine' },
    totalBytes: memTotalBytes + (swapTotalBytes ?? 0),
    isTotalKnown: swapTotalBytes !== undefined,
    cgroup: undefined,
  };
}

/**
 * The cgroups with a limit of their own that they can meet, those nearest to it first, at most 20: not beyond that of a group
 * above them, nor beyond what the machine has.
 */
export function cgroupScopes(cgroups: readonly WatchedCgroup[], machine: MachineMemory): MeasuredScope[] {
  const machineBytes = machine.memTotalBytes + (machine.swapTotalBytes ?? 0);
  return cgroups
    .flatMap((cgroup) => {
      const limitBytes = cgroup.limits.max;
      if (typeof limitBytes !== 'number' || limitBytes === 0 || limitBytes >= machineBytes) return [];
      const { bytes: effective = limitBytes } = cgroup.effectiveMax ?? {};
      if (effective !== 'max' && effective < limitBytes) return [];
      return [{ cgroup, limitBytes, usedBytes: cgroup.workingSetBytes ?? cgroup.currentBytes }];
    })
    .sort((one, other) => shareOf(other) - shareOf(one))
    .slice(0, mostCgroups)
    .map(({ cgroup, limitBytes, usedBytes }) => ({
      scope: { kind: 'cgroup', path: cgroup.path, limitBytes, usedBytes },
      ...cgroupTotal(cgroup, limitBytes, machine),
      cgroup,
    }));
}

/** The scope and all groups above it. */
export function pathsUpFrom(path: string): string[] {
  return [path, ...ancestorPathsOf(path)];
}

/**
 * The highest group, from that of the victim up to the one whose memory ran out, whose tasks die together
 * (`mem_cgroup_get_oom_group`, mm/memcontrol.c; since 4.19, version 2 only).
 * @param scopePath undefined: that of the machine.
 */
export function groupKilledWith(
  victimPath: string | undefined,
  scopePath: string | undefined,
  find: (path: string) => Pick<WatchedCgroup, 'oomGroup'> | undefined,
): string | undefined {
  let group: string | undefined;
  for (const path of victimPath === undefined ? [] : pathsUpFrom(victimPath)) {
    if (find(path)?.oomGroup === true) group = path;
    if (path === scopePath) break;
  }
  return group;
}

function shareOf({
  limitBytes,
  usedBytes = 0,
}: {
  limitBytes: number;
  usedBytes: number | undefined;
}): number {
  return usedBytes / limitBytes;
}

/** `mem_cgroup_get_max` (mm/memcontrol.c): the limit, and as much swap as it leaves and the machine has. */
function cgroupTotal(
  { version, limits }: WatchedCgroup,
  limitBytes: number,
  { swapTotalBytes, swappiness }: MachineMemory,
): Pick<MeasuredScope, 'totalBytes' | 'isTotalKnown'> {
  const { swapMax, memswMax } = limits;
  const own = version === 2 ? swapMax : memswMax === 'max' ? 'max' : memswMax && memswMax - limitBytes;
  if (swappiness === 0 || own === 0) return { totalBytes: limitBytes, isTotalKnown: true };
  if (swapTotalBytes === undefined) return { totalBytes: limitBytes, isTotalKnown: false };
  // Without a file for it, swap is not accounted for and all of it counts.
  const allowed = own === undefined || own === 'max' ? swapTotalBytes : Math.max(0, own);
  return {
    totalBytes: limitBytes + Math.min(allowed, swapTotalBytes),
    isTotalKnown: own !== undefined || swapTotalBytes === 0,
  };
}
