import type { Frame } from './frameReader';

/** What watching costs a host. A figure that could not be had is undefined. */
export interface WatchCost {
  /** Share of one processor that our shells, our awks and the SSH server of this connection take, surveys included. */
  readonly processorShare: number | undefined;
  /** Of answers, surveys included, before encryption. */
  readonly bytesPerSecond: number | undefined;
  /** What surveys take of the share. */
  readonly surveyShare: number | undefined;
  /** Both for one answer, however often it is asked for, without surveys. */
  readonly processorMsPerAnswer: number | undefined;
  readonly bytesPerAnswer: number | undefined;
  /** Memory of those processes, pages that others use as well counted in part (Pss of smaps_rollup, since 4.14). */
  readonly residentBytes: number | undefined;
}

/** The cost of memory walks page tables, so it is asked for this rarely, in ms. */
const residentEveryMs = 60_000;

/** Shares are told over at least this long, in ms: the figures of a second jump. */
const spanMs = 30_000;

interface Mark {
  readonly atMs: number;
  readonly processorMs: number;
  readonly bytes: number;
  readonly answers: number;
  readonly surveyMs: number;
  readonly surveyBytes: number;
}

/** Adds up what the program says of itself. Times are the host's uptime. */
export class CostMeter {
  private bytes = 0;

  /** @param heldBytes what was copied into the host's memory for the processes to run from. */
  constructor(private readonly heldBytes = 0) {}

  private pids: readonly string[] = [];
  private surveyPids: readonly string[] = [];
  private surveyMs = 0;
  private surveyBytes = 0;
  private readonly marks: Mark[] = [];
  private residentAtMs = -Infinity;
  private residentBytes: number | undefined;
  private counted: Omit<WatchCost, 'residentBytes'> | undefined;
  private answers = 0;

  get cost(): WatchCost | undefined {
    if (!this.counted && this.residentBytes === undefined) return undefined;
    return {
      processorShare: this.counted?.processorShare,
      bytesPerSecond: this.counted?.bytesPerSecond,
      surveyShare: this.counted?.surveyShare,
      processorMsPerAnswer: this.counted?.processorMsPerAnswer,
      bytesPerAnswer: this.counted?.bytesPerAnswer,
      residentBytes: this.residentBytes,
    };
  }

  /** The files that tell the memory, where it is time to look. */
  pathsToRead(nowMs: number): string[] {
    if (this.pids.length === 0 || nowMs - this.residentAtMs < residentEveryMs) return [];
    this.residentAtMs = nowMs;
    return this.all.map(rollupOf);
  }

  private get all(): string[] {
    return [...this.pids, ...this.surveyPids];
  }

  /** What a slice of a survey cost; counted with the next answer. */
  noteSurvey(bytes: number, cost: Frame['cost']): void {
    this.surveyBytes += bytes;
    if (cost.length === 0) return;
    if (this.surveyPids.length === 0) this.residentAtMs = -Infinity; // there is more to count now
    this.surveyPids = cost.map(({ pid }) => pid);
    this.surveyMs = sum(cost.map((each) => each.processorMs));
  }

  note(atMs: number, bytes: number, { cost, text }: Pick<Frame, 'cost' | 'text'>): void {
    this.bytes += bytes;
    this.answers += 1;
    if (cost.length > 0) {
      this.pids = cost.map(({ pid }) => pid);
      const processorMs = sum(cost.map((each) => each.processorMs));
      const { bytes: answerBytes, answers, surveyMs, surveyBytes } = this;
      this.mark({ atMs, bytes: answerBytes, answers, processorMs, surveyMs, surveyBytes });
    }
    const rollups = this.all.map((pid) => text[rollupOf(pid)]);
    if (rollups.every((rollup) => rollup === undefined)) return;
    // The server's own memory may be hidden from its user: then it is left out.
    this.residentBytes = this.heldBytes + sum(rollups.map((rollup) => pssBytesOf(rollup ?? '') ?? 0));
  }

  private mark(now: Mark): void {
    this.marks.push(now);
    while (this.marks.length > 2 && now.atMs - (this.marks[1]?.atMs ?? now.atMs) >= spanMs)
      this.marks.shift();
    const [first] = this.marks;
    if (!first || now.atMs <= first.atMs || now.processorMs < first.processorMs) return;
    const elapsedMs = now.atMs - first.atMs;
    const answers = Math.max(1, now.answers - first.answers);
    const spent = {
      processorMs: now.processorMs - first.processorMs,
      bytes: now.bytes - first.bytes,
      surveyMs: Math.max(0, now.surveyMs - first.surveyMs),
      surveyBytes: now.surveyBytes - first.surveyBytes,
    };
    this.counted = {
      processorShare: (spent.processorMs + spent.surveyMs) / elapsedMs,
      bytesPerSecond: ((spent.bytes + spent.surveyBytes) * 1000) / elapsedMs,
      surveyShare: spent.surveyMs / elapsedMs,
      processorMsPerAnswer: spent.processorMs / answers,
      bytesPerAnswer: spent.bytes / answers,
    };
  }
}

const rollupOf = (pid: string): string => `proc/${pid}/smaps_rollup`;

/**
 * `Pss:                1234 kB`, without `Pss_Shmem` (since 5.4): of what they run from in a tmpfs all is counted, used
 * or not.
 */
function pssBytesOf(rollup: string): number | undefined {
  const kibOf = (word: string): number | undefined => {
    const [, kib] = new RegExp(`^${word}: +(\\d{1,12}) kB$`, 'm').exec(rollup) ?? [];
    return kib === undefined ? undefined : Number(kib);
  };
  const kib = kibOf('Pss');
  return kib === undefined ? undefined : (kib - (kibOf('Pss_Shmem') ?? 0)) * 1024;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
