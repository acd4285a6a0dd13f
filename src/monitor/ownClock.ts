import type { Frame } from './frameReader';
import type { OwnClock } from './programText';

/**
 * The program stops sampling on its own clock when it has not been asked for this long, in seconds. On a host that
 * thrashes a question was on its way for minutes, while the SSH server waited for its own code.
 */
const unaskedSeconds = 600;

/** The own clock for a host that is asked once per interval: it waits for a question that is late, but not for long. */
export function ownClockFor(intervalMs: number): OwnClock {
  const everySeconds = Math.max(1, intervalMs / 1000);
  return {
    lateSeconds: everySeconds + 1,
    everySeconds,
    ticks: Math.ceil(unaskedSeconds / everySeconds),
  };
}

/** What the own clock of a program has sampled since its last answer. */
export class OwnClockCount {
  private current: OwnClock | undefined;
  private ticks = 0;
  private lastSeq = 0;

  /** The clock that the program was given with the last question; undefined where it has none. */
  get clock(): OwnClock | undefined {
    return this.current;
  }

  /** From this answer on it counts anew. */
  answered(clock: OwnClock | undefined): void {
    this.current = clock;
    this.ticks = 0;
  }

  /** A sample that it took has come. */
  ticked(frame: Frame): void {
    this.ticks += this.ticksOf(frame);
    this.lastSeq = frame.seq;
  }

  /** Another run of the program counts from 1. @param hasClock whether it has an own clock. */
  startAnew(hasClock: boolean): void {
    if (!hasClock) this.current = undefined;
    this.ticks = 0;
    this.lastSeq = 0;
  }

  /** When it had taken this sample at the latest, if it had any left to take; see {@link Capture.dueWithinMs}. */
  dueWithinMs(frame: Frame): number | undefined {
    const { current, ticks } = this;
    // Of an answer that comes before samples which are older, it is not known what was before it.
    if (!current || ticks >= current.ticks || frame.waiting > 0) return undefined;
    const further = this.ticksOf(frame) - 1;
    return (
      1000 * ((ticks === 0 ? current.lateSeconds : current.everySeconds) + further * current.everySeconds)
    );
  }

  /** Ticks since the sample before: more than one where samples between were thinned out. */
  private ticksOf({ kind, seq }: Frame): number {
    return kind === 'O' ? Math.max(1, seq - this.lastSeq) : 1;
  }
}
