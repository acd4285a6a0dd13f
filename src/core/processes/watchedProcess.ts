import type { ProcessStat } from '../proc/processStat';
import { mostProcessors } from '../proc/stat';
import type { Process, ProcessDetails } from './process';

/** Rates of a shorter span are coarse: processor time is counted in steps of 10 ms. */
const shortestSpanMs = 2000;

/** Growth over "a minute" is measured from a reading between one and two such spans ago. */
const markSpanMs = 30_000;

/** 10^7 page faults a second on each of a thousand processors. */
const mostFaultsPerSecond = 1e10;

/** `USER_HZ` is 100. */
const msPerTick = 10;

interface RssMark {
  readonly atMs: number;
  readonly pages: number;
}

/** One process while it lives: its newest reading, and what is kept of earlier ones to make rates of. */
export class WatchedProcess {
  #process: Process;
  /** The reading that rates are counted from. */
  #base: { readonly atMs: number; readonly stat: ProcessStat };
  #newerMark: RssMark | undefined;
  #olderMark: RssMark | undefined;
  #stale = false;
  #askedAtMs: number | undefined;
  #rssPagesWhenAsked = 0;

  constructor(stat: ProcessStat, atMs: number, pageSizeBytes: number | undefined) {
    this.#base = { atMs, stat };
    this.#mark(stat, atMs);
    this.#process = {
      pid: stat.pid,
      startTicks: stat.starttimeTicks,
      readAtMs: atMs,
      stat,
      rssBytes: bytesOf(stat.rssPages, pageSizeBytes),
      ...noRates,
      minuteGrowthBytesPerSecond: undefined,
      details: undefined,
    };
  }

  get process(): Process {
    return this.#process;
  }

  /** When its dear facts were read last, or could not be. */
  get askedAtMs(): number | undefined {
    return this.#askedAtMs;
  }

  /** Its dear facts were never read, or are no longer true: it has run another program since, or {@link askAgain}. */
  get isNew(): boolean {
    return this.#askedAtMs === undefined || this.#stale;
  }

  /** Has its dear facts read anew, though they are known. */
  askAgain(): void {
    this.#stale = true;
  }

  /** By how many pages it has shrunk since its dear facts were read: freed, or swapped out. */
  get shrunkPages(): number {
    return this.#rssPagesWhenAsked - (this.#process.stat.rssPages ?? 0);
  }

  /** Takes in the next reading of the same process; also one that says what the last one said. */
  update(stat: ProcessStat, atMs: number, pageSizeBytes: number | undefined): void {
    const { details, stat: last } = this.#process;
    if (stat.name !== last.name) this.#stale = true;
    this.#process = {
      ...this.#process,
      readAtMs: atMs,
      stat,
      rssBytes: bytesOf(stat.rssPages, pageSizeBytes),
      ...this.#rates(stat, atMs, pageSizeBytes),
      minuteGrowthBytesPerSecond: this.#minuteGrowth(stat, atMs, pageSizeBytes),
      details: details && stat.name !== last.name ? { ...details, commandLine: undefined } : details,
    };
  }

  /**
   * @param found what was read just now; a key with undefined is a file that could not be read.
   * What is not in it stays.
   */
  addDetails(found: Partial<Omit<ProcessDetails, 'readAtMs'>>, atMs: number): void {
    const facts = { ...noDetails, ...this.#process.details, ...found, readAtMs: undefined };
    const some = Object.values(facts).some((fact) => fact !== undefined);
    this.#process = { ...this.#process, details: some ? { ...facts, readAtMs: atMs } : undefined };
    this.#askedAtMs = atMs;
    this.#stale = false;
    this.#rssPagesWhenAsked = this.#process.stat.rssPages ?? 0;
  }

  #rates(stat: ProcessStat, atMs: number, pageSizeBytes: number | undefined): typeof noRates {
    const { atMs: baseMs, stat: base } = this.#base;
    const elapsedMs = atMs - baseMs;
    if (elapsedMs >= 0 && elapsedMs < shortestSpanMs) {
      const { processorPercent, minorFaultsPerSecond, majorFaultsPerSecond, growthBytesPerSecond } =
        this.#process;
      return { processorPercent, minorFaultsPerSecond, majorFaultsPerSecond, growthBytesPerSecond };
    }
    this.#base = { atMs, stat };
    // The host's uptime goes back where a virtual machine is set back to a snapshot.
    if (elapsedMs < 0) return noRates;
    const rate = (before: number | undefined, after: number | undefined, most: number): number | undefined =>
      ratePerSecond(before, after, elapsedMs, most);
    const ticks = rate(sum(base), sum(stat), (mostProcessors * 1000) / msPerTick);
    return {
      processorPercent: ticks === undefined ? undefined : (ticks * msPerTick) / 10,
      minorFaultsPerSecond: rate(base.minflt, stat.minflt, mostFaultsPerSecond),
      majorFaultsPerSecond: rate(base.majflt, stat.majflt, mostFaultsPerSecond),
      growthBytesPerSecond: growthOf(base.rssPages, stat.rssPages, elapsedMs, pageSizeBytes),
    };
  }

  #minuteGrowth(stat: ProcessStat, atMs: number, pageSizeBytes: number | undefined): number | undefined {
    if (atMs < (this.#newerMark?.atMs ?? 0)) this.#newerMark = this.#olderMark = undefined;
    this.#mark(stat, atMs);
    const mark = this.#olderMark;
    return mark && growthOf(mark.pages, stat.rssPages, atMs - mark.atMs, pageSizeBytes);
  }

  #mark({ rssPages: pages }: ProcessStat, atMs: number): void {
    if (pages === undefined || (this.#newerMark && atMs - this.#newerMark.atMs < markSpanMs)) return;
    this.#olderMark = this.#newerMark;
    this.#newerMark = { atMs, pages };
  }
}

const noRates: Pick<
  Process,
  'processorPercent' | 'minorFaultsPerSecond' | 'majorFaultsPerSecond' | 'growthBytesPerSecond'
> = {
  processorPercent: undefined,
  minorFaultsPerSecond: undefined,
  majorFaultsPerSecond: undefined,
  growthBytesPerSecond: undefined,
};

const noDetails: Omit<ProcessDetails, 'readAtMs'> = {
  status: undefined,
  cgroup: undefined,
  oomScore: undefined,
  oomScoreAdj: undefined,
  commandLine: undefined,
};

function bytesOf(pages: number | undefined, pageSizeBytes: number | undefined): number | undefined {
  if (pages === undefined || pageSizeBytes === undefined) return undefined;
  const bytes = pages * pageSizeBytes;
  return bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

/** Processor time in user mode and in the kernel. */
function sum({ utimeTicks, stimeTicks }: ProcessStat): number | undefined {
  return utimeTicks === undefined || stimeTicks === undefined ? undefined : utimeTicks + stimeTicks;
}

/** Undefined where the counter went back, and where it went further than any machine could make it. */
function ratePerSecond(
  before: number | undefined,
  after: number | undefined,
  elapsedMs: number,
  most: number,
): number | undefined {
  if (before === undefined || after === undefined || after < before) return undefined;
  const rate = ((after - before) * 1000) / elapsedMs;
  return rate <= most ? rate : undefined;
}

function growthOf(
  before: number | undefined,
  after: number | undefined,
  elapsedMs: number,
  pageSizeBytes: number | undefined,
): number | undefined {
  const [from, to] = [bytesOf(before, pageSizeBytes), bytesOf(after, pageSizeBytes)];
  return from === undefined || to === undefined ? undefined : ((to - from) * 1000) / elapsedMs;
}
