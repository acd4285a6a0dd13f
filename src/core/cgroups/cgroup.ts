import type { Limit } from '../proc/cgroupLimit';
import type { CgroupEvents } from '../proc/cgroupMemoryEvents';
import type { CgroupStat } from '../proc/cgroupMemoryStat';
import type { Pressure } from '../proc/pressure';
import type { CgroupOwner } from './cgroupOwner';

/** Limits of a cgroup itself, as they are set; `'max'`: none. Undefined: not known. */
export interface CgroupLimits {
  /** Where the OOM killer comes. */
  readonly max?: Limit;
  /** Beyond it tasks are slowed down. Version 2. */
  readonly high?: Limit;
  /** Swap alone. Version 2. */
  readonly swapMax?: Limit;
  /** Memory and swap together. Version 1. */
  readonly memswMax?: Limit;
  /** The least of its own and its ancestors' `max`, those that cannot be seen from here among them. Version 1. */
  readonly hierarchicalMax?: Limit;
}

/** The least of the limits of a cgroup and its ancestors. */
export interface EffectiveLimit {
  readonly bytes: Limit;
  /**
   * The group that sets it: itself or an ancestor. Undefined with `'max'`, and where it is an ancestor that cannot be
   * seen from here, as in a container.
   */
  readonly path: string | undefined;
}

/** A memory cgroup as it was read last, in the same terms for both versions. A missing fact is undefined. */
export interface Cgroup {
  /** As `/proc/PID/cgroup` names it: `/` is the root. */
  readonly path: string;
  readonly version: 1 | 2;
  readonly owner: CgroupOwner;
  /** The host's uptime in ms. */
  readonly readAtMs: number;
  /** All memory charged to it and its descendants, page cache too. The root group of version 2 has none. */
  readonly currentBytes?: number;
  /** `current` without `inactive_file`, never below 0: what Kubernetes judges a group by. */
  readonly workingSetBytes?: number;
  readonly swapBytes?: number;
  /** Memory of the kernel for it, without network buffers. Before 5.18 the sum of those parts that it tells. Version 2. */
  readonly kernelBytes?: number;
  readonly limits: CgroupLimits;
  readonly stat?: CgroupStat;
  /** In version 1 `max` is `memory.failcnt`, and `oomKill` is of the group alone. */
  readonly events?: CgroupEvents;
  /** Version 1: tasks stand still at the limit, and whether they do so instead of being killed. */
  readonly underOom?: boolean;
  readonly oomKillDisable?: boolean;
  /** Version 2 since 4.20, where PSI is on. */
  readonly pressure?: Pressure;
  /** Tasks, threads counted each. Version 2. */
  readonly pids?: number;
  /** All of its tasks die where the OOM killer takes one of them. Version 2 since 4.19. */
  readonly oomGroup?: boolean;
  /** Its tasks stand still by the freezer, or are about to. Version 2 since 5.2. */
  readonly frozen?: boolean;
}

/** What follows from two readings of a cgroup; a rate is undefined where a reading lacks it, and where a counter went back. */
export interface CgroupRates {
  readonly elapsedMs: number;
  /** Below 0: it shrinks. */
  readonly growthBytesPerSecond: number | undefined;
  readonly faultsPerSecond: number | undefined;
  readonly majorFaultsPerSecond: number | undefined;
  /** Pages a second. */
  readonly refaultFilePerSecond: number | undefined;
  readonly refaultAnonPerSecond: number | undefined;
  readonly scannedPerSecond: number | undefined;
  readonly stolenPerSecond: number | undefined;
  /** How often it met its limit, and how often it was slowed down at `memory.high`. */
  readonly limitHitsPerSecond: number | undefined;
  readonly highHitsPerSecond: number | undefined;
  /** Share of the time in which some or all of its tasks waited for memory. */
  readonly memorySomePercent: number | undefined;
  readonly memoryFullPercent: number | undefined;
  /** Counters that went further than they can, for a log or a tooltip. */
  readonly refused: readonly string[];
}

/** What happened since a cgroup was read first. Undefined: the kernel does not count it. */
export interface CgroupHappened {
  readonly sinceMs: number;
  /** Processes killed. */
  readonly oomKills: number | undefined;
  /** How often it met its limit. */
  readonly limitHits: number | undefined;
}

/** A cgroup that is watched. */
export interface WatchedCgroup extends Cgroup {
  /** Undefined: it was read once only. */
  readonly rates: CgroupRates | undefined;
  readonly happened: CgroupHappened;
  /** Undefined: none of the limits is known. */
  readonly effectiveMax: EffectiveLimit | undefined;
  readonly effectiveHigh: EffectiveLimit | undefined;
}
