import type { CgroupMembership } from '../proc/cgroupMembership';
import type { ProcessStat } from '../proc/processStat';
import type { ProcessStatus } from '../proc/processStatus';

/**
 * What is known of one process (of a thread group, as programs go by it). `pid` and `startTicks` together are its
 * identity: a pid alone is given to another process sooner or later.
 *
 * An object is of one moment and never changes; the next reading makes another one.
 */
export interface Process {
  readonly pid: number;
  /** `starttime`: ticks of 10 ms (`USER_HZ` 100) between the boot of the machine and its start. */
  readonly startTicks: number;
  /** The host's uptime in ms when `stat` was read, or was found to be what it was. */
  readonly readAtMs: number;
  /** What `/proc/PID/stat` says: name, state, threads, pages in memory, counters since its start. */
  readonly stat: ProcessStat;
  /** Resident memory: `stat.rssPages` in bytes. Undefined while the page size is not known. 0 for a kernel thread. */
  readonly rssBytes: number | undefined;
  /**
   * Processor time in percent of one processor, so 400 is four processors in full use. This and the next three are of the
   * span between the two last readings that lie at least 2 s apart; undefined before the second, and where a counter went back.
   */
  readonly processorPercent: number | undefined;
  readonly minorFaultsPerSecond: number | undefined;
  /** Page faults that had to wait for a disk. */
  readonly majorFaultsPerSecond: number | undefined;
  /** By how much `rssBytes` grows; negative where it shrinks. */
  readonly growthBytesPerSecond: number | undefined;
  /** The same over the last 30 to 60 s; undefined before the process has been watched for 30 s. */
  readonly minuteGrowthBytesPerSecond: number | undefined;
  /** Undefined: not read yet, never read (kernel threads), or none of it could be read. */
  readonly details: ProcessDetails | undefined;
}

/** What is dear to read, so that it is read for some processes only, and less often. Files that may not be read are undefined. */
export interface ProcessDetails {
  /** The host's uptime in ms when the newest of these was read. */
  readonly readAtMs: number;
  /** User, split of the resident memory, swap, page tables. */
  readonly status: ProcessStatus | undefined;
  /** The cgroups that it is in. Its memory is charged to `memoryV1`, or where that is undefined to `unified`. */
  readonly cgroup: CgroupMembership | undefined;
  /** `oom_score`: how likely the OOM killer takes it, 0 to 2000 (to 1000 before 5.9, unbounded before 2.6.36). */
  readonly oomScore: number | undefined;
  /** `oom_score_adj`, −1000 (never) to 1000. Since 2.6.36. */
  readonly oomScoreAdj: number | undefined;
  /**
   * Its arguments with blanks between them, as ps shows them, control characters replaced by `?`; cut to 512 characters.
   * `''`: it has none (a zombie). May hold secrets: not for logs, events and exports.
   */
  readonly commandLine: string | undefined;
}
