import type { CgroupEvents } from '../proc/cgroupMemoryEvents';
import type { CgroupStat } from '../proc/cgroupMemoryStat';
import type { Cgroup, CgroupLimits } from './cgroup';
import type { CgroupFacts1, CgroupFacts2 } from './cgroupFiles';
import { ownerOf } from './cgroupOwner';

/** What was read of a group in the words of its version. */
export type CgroupFacts =
  | { readonly version: 1; readonly facts: CgroupFacts1 }
  | { readonly version: 2; readonly facts: CgroupFacts2 };

/** Puts what was read of a cgroup in terms that are the same for both versions. */
export function cgroupOf(path: string, readAtMs: number, read: CgroupFacts): Cgroup {
  const group = { path, readAtMs, version: read.version, owner: ownerOf(path) };
  return defined<Cgroup>(
    read.version === 1 ? { ...group, ...termsOf1(read.facts) } : { ...group, ...termsOf2(read.facts) },
  );
}

/**
 * Memory that a group is judged by where page cache that nobody uses is not to count: Kubernetes calls it the working set
 * (google/cadvisor, container/libcontainer/handler.go, setMemoryStats).
 * @returns undefined where either is not known.
 */
export function workingSetOf(
  currentBytes: number | undefined,
  inactiveFileBytes: number | undefined,
): number | undefined {
  if (currentBytes === undefined || inactiveFileBytes === undefined) return undefined;
  return Math.max(0, currentBytes - inactiveFileBytes);
}

function kernelPartsOf(stat: CgroupStat | undefined): number | undefined {
  if (stat?.slabReclaimableBytes === undefined || stat.slabUnreclaimableBytes === undefined) return undefined;
  const { kernelStackBytes = 0, pagetablesBytes = 0, percpuBytes = 0 } = stat;
  return (
    stat.slabReclaimableBytes + stat.slabUnreclaimableBytes + kernelStackBytes + pagetablesBytes + percpuBytes
  );
}

type Terms = Undefinable<Omit<Cgroup, 'path' | 'readAtMs' | 'version' | 'owner'>>;

function termsOf2({ current, swapCurrent, max, high, swapMax, ...same }: CgroupFacts2): Terms {
  const { stat, events, pressure, pids, oomGroup, frozen } = same;
  return {
    currentBytes: current,
    workingSetBytes: workingSetOf(current, stat?.inactiveFileBytes),
    swapBytes: swapCurrent,
    kernelBytes: stat?.kernelBytes ?? kernelPartsOf(stat),
    limits: defined<CgroupLimits>({ max, high, swapMax }),
    stat,
    events,
    pressure,
    pids,
    oomGroup,
    frozen,
  };
}

function termsOf1({ usage, limit, memswUsage, memswLimit, ...rest }: CgroupFacts1): Terms {
  const { stat, failcnt, oomControl, freezerState, frozenUnified } = rest;
  const inactiveFileBytes = stat?.common.inactiveFileBytes;
  const bothAreKnown = usage !== undefined && memswUsage !== undefined;
  const events = defined<CgroupEvents>({ max: failcnt, oomKill: oomControl?.oomKill });
  return {
    currentBytes: usage,
    workingSetBytes: workingSetOf(usage, inactiveFileBytes),
    // The two usages are not read at the same moment, and both are counted in batches.
    swapBytes: stat?.swapBytes ?? (bothAreKnown ? Math.max(0, memswUsage - usage) : undefined),
    limits: defined<CgroupLimits>({
      max: limit,
      memswMax: memswLimit,
      hierarchicalMax: stat?.hierarchicalMax,
    }),
    stat: stat?.common,
    events: Object.keys(events).length === 0 ? undefined : events,
    underOom: oomControl?.underOom,
    oomKillDisable: oomControl?.oomKillDisable,
    frozen: freezerState === true ? true : (frozenUnified ?? freezerState),
  };
}

/** The same, where a key may be there with the value undefined. */
type Undefinable<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** Leaves out the keys that are undefined: a missing fact is not there. */
function defined<T extends object>(value: Undefinable<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, fact]) => fact !== undefined)) as T;
}
