import type { Resident } from '../processes';

/** What is measured: a tool that watches a host, or this program. */
export interface Subject {
  readonly name: string;
  /** Who has just started does not yet do what it goes on doing: so long is not counted, in seconds. */
  readonly settleSeconds: number;
  /** @throws Error with the reason where it cannot run here. */
  open(): Promise<OpenSubject>;
}

/** How often something was read. */
export interface ReadSoFar {
  /** `/proc/PID/stat`. */
  readonly stats: number;
  /** Processes whose other files were read. */
  readonly processes: number;
  /** Memory cgroups with all their files. */
  readonly cgroups: number;
  /** Files that change slowly, such as `/proc/zoneinfo`. */
  readonly others: number;
}

/** All of it runs. */
export interface OpenSubject {
  /** What has to be done once a second, such as to ask for a sample. */
  everySecond(): Promise<void>;
  /** Processor time since it was opened, of what has ended as well, in ms. */
  readonly usedMs: number;
  /** The same of the SSH server that it is reached over. */
  readonly sshdMs?: number;
  readonly resident: readonly Resident[];
  /**
   * Begins to count.
   * @returns how many processes and threads it has started since then; undefined: some, but nobody knows how many.
   */
  countStarted(): () => number | undefined;
  /** What it has read so far, to show that it does its work; undefined: it does not tell. */
  readonly read?: ReadSoFar | undefined;
  close(): Promise<void>;
}
