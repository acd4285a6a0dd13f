import { chartValues } from '../core/point';
import type { Capture } from '../core/capture';
import type { ChartMoment } from '../core/charts';
import { History } from '../core/history';
import type { HostFacts } from '../core/hostFacts';
import { interruptionsBetween, stallMsBetween, type Interruption } from '../core/interruptions';
import { availableOf } from '../core/memory';
import { ratesBetween } from '../core/rates';
import { sampleOf, type Sample } from '../core/sample';
import { HostClock } from './hostClock';

/** One sample, what follows from it and the one before, and how it came. */
export interface Moment extends ChartMoment {
  /** Our time of day (ms since the epoch) at which the host's kernel gave these figures. */
  readonly wallMs: number;
  /** Of the answer with which it came, on the wire, before encryption. */
  readonly wireBytes: number;
}

/** Something that happened to a host's time, with our time of day at which it was over. */
export interface SeenInterruption {
  readonly wallMs: number;
  readonly interruption: Interruption;
}

/** So many samples are remembered to put a late one where it belongs: what one answer may bring, and a few more. */
const mostRemembered = 150;
/** Nothing older comes late: a connection that was replaced is closed before, see `graceMs` of the monitor; ms. */
const rememberedForMs = 40_000;
const mostInterruptions = 100;
/** Our clock was set back by more than this, in ms: less is waited for. */
export const clockBackMs = 60_000;

interface Remembered {
  readonly sample: Sample;
  readonly askedAtMs: number;
  readonly receivedAtMs: number;
}

/**
 * Turns the captures of one host, over all of its connections and boots, into moments. They may come late, out of order
 * and twice: each is put where it belongs on the host's own clock, and none counts twice.
 */
export class Moments {
  readonly history = new History();
  readonly clock = new HostClock();
  readonly interruptions: SeenInterruption[] = [];
  private readonly remembered: Remembered[] = [];
  private hasForgotten = false;
  private latestMoment: Moment | undefined;

  /** @param onInterruption told of each interruption once. */
  constructor(private readonly onInterruption: (seen: SeenInterruption) => void) {}

  /** The one that is latest on the host's clock, which need not be the one that came last. */
  get latest(): Moment | undefined {
    return this.latestMoment;
  }

  /** @returns undefined for a sample that is known already. */
  add(capture: Capture, facts: HostFacts, wireBytes: number): Moment | undefined {
    const sample = sampleOf(capture);
    const entry = { sample, askedAtMs: capture.askedAtMs, receivedAtMs: capture.receivedAtMs };
    this.noteClockBack(entry, facts);
    const index = this.placeOf(sample);
    if (index === undefined) return undefined;
    const receivedWallMs = Date.now() - (performance.now() - capture.receivedAtMs);
    if (sample.answerDelayMs !== undefined) {
      this.clock.observe(sample.bootId, sample.at, receivedWallMs - sample.answerDelayMs, receivedWallMs);
    }
    const wallMs = this.clock.toWallMs(sample.bootId, sample.at) ?? receivedWallMs;
    this.noteOurClockBack(sample, wallMs);
    const before = this.remembered[index - 1];
    const { dueWithinMs } = capture;
    const moment = momentOf(sample, before?.sample, facts, {
      wallMs,
      wireBytes,
      ageMs: Math.max(0, receivedWallMs - wallMs),
      stallMs:
        before && dueWithinMs !== undefined
          ? stallMsBetween(before.sample, sample, dueWithinMs, facts.processors)
          : undefined,
    });
    this.remembered.splice(index, 0, entry);
    this.forget(entry.receivedAtMs - rememberedForMs);
    if (this.remembered.at(-1) === entry) {
      this.latestMoment = moment;
      // Of one that is late, the next has told already.
      if (before) this.noteInterruptions(before, entry, facts, wallMs);
    }
    this.history.add(wallMs, chartValues(moment));
    return moment;
  }

  /** Where a sample belongs; undefined where it is there already, or too old to be told from one that is. */
  private placeOf({ bootId, at }: Sample): number | undefined {
    const { remembered } = this;
    if (remembered.at(-1)?.sample.bootId !== bootId) {
      // A sample of a boot that is over comes too late to be of use; one of a boot not seen before is the latest.
      return remembered.some(({ sample }) => sample.bootId === bootId) ? undefined : remembered.length;
    }
    let index = remembered.length;
    for (; index > 0; index--) {
      const other = remembered[index - 1]?.sample;
      if (other?.bootId !== bootId || other.at < at) break;
      if (other.at === at) return undefined;
    }
    return index === 0 && this.hasForgotten ? undefined : index;
  }

  /** The last one that came before `untilMs` stays: what comes late, however late, follows it. */
  private forget(untilMs: number): void {
    while (
      this.remembered.length > mostRemembered ||
      (this.remembered[1]?.receivedAtMs ?? Infinity) < untilMs
    ) {
      this.remembered.shift();
      this.hasForgotten = true;
    }
  }

  /** Our own clock was set back: what the history holds lies in the future now, and would keep what comes out of it. */
  private noteOurClockBack(sample: Sample, wallMs: number): void {
    const { latest } = this;
    if (!latest || sample.clock === 'own' || sample.at < latest.sample.at) return;
    if (sample.bootId === latest.sample.bootId && wallMs < latest.wallMs - clockBackMs) this.history.clear();
  }

  /** An uptime that went back, though it was asked for after the last answer: nothing of before can be compared with it. */
  private noteClockBack(entry: Remembered, facts: HostFacts): void {
    const last = this.remembered.at(-1);
    if (!last || entry.sample.clock === 'own' || entry.askedAtMs < last.receivedAtMs) return;
    if (last.sample.bootId !== entry.sample.bootId || entry.sample.at >= last.sample.at) return;
    this.noteInterruptions(last, entry, facts, Date.now());
    this.remembered.length = 0;
    this.hasForgotten = false;
  }

  private noteInterruptions(before: Remembered, now: Remembered, facts: HostFacts, wallMs: number): void {
    const ourElapsedMs =
      now.sample.clock === 'asked' ? Math.max(0, now.askedAtMs - before.receivedAtMs) : undefined;
    for (const interruption of interruptionsBetween(
      before.sample,
      now.sample,
      facts.processors,
      ourElapsedMs,
    )) {
      const seen = { wallMs, interruption };
      this.interruptions.push(seen);
      if (this.interruptions.length > mostInterruptions) this.interruptions.shift();
      this.onInterruption(seen);
    }
  }
}

function momentOf(
  sample: Sample,
  before: Sample | undefined,
  facts: HostFacts,
  came: Pick<Moment, 'wallMs' | 'wireBytes' | 'ageMs' | 'stallMs'>,
): Moment {
  const rates = before && ratesBetween(before, sample, facts.pageSizeBytes, facts.processors);
  const { meminfo } = sample;
  const available = meminfo && availableOf(meminfo, facts.zones, facts.pageSizeBytes, facts.minFreeKbytes);
  return { ...came, sample, facts, ...(rates && { rates }), ...(available && { available }) };
}
