/** What is known of a kind of counter beforehand. */
export interface CounterBounds {
  /** How far it can go at the very most between the two readings: beyond it is nonsense. */
  readonly most: number;
  /** The first value that it cannot hold, where it can be so narrow: it goes on from 0 there. */
  readonly wrapsAt?: number;
}

/**
 * How far counters went between two readings. A counter that went back was reset, or has wrapped where that is certain;
 * one that went further than it can is refused and told.
 */
export class Differences {
  readonly #refused: string[] = [];

  constructor(private readonly elapsedMs: number) {}

  /** What was refused, e.g. `proc/vmstat pgfault: from 5 to 4503599627370496 in 1000 ms`. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /**
   * @param name for the message where it is refused.
   * @returns undefined where a reading is missing, where the counter was reset, and where it is refused.
   */
  between(
    name: string,
    before: number | undefined,
    after: number | undefined,
    bounds: CounterBounds,
  ): number | undefined {
    if (before === undefined || after === undefined) return undefined;
    if (wentBack(before, after, bounds.wrapsAt)) return undefined;
    const difference = after >= before ? after - before : after - before + (bounds.wrapsAt ?? 0);
    if (difference <= bounds.most) return difference;
    this.refuse(name, before, after);
    return undefined;
  }

  /** Tells that a counter went further than it can. */
  refuse(name: string, before: number, after: number): void {
    this.#refused.push(`${name}: from ${before} to ${after} in ${this.elapsedMs} ms`);
  }
}

/**
 * True where a counter went back and has not wrapped. It has for certain where it went over its end by less than a
 * sixteenth of all that it can hold: it was near the end, and is near the beginning now.
 */
export function wentBack(before: number, after: number, wrapsAt: number | undefined): boolean {
  if (after >= before) return false;
  if (wrapsAt === undefined || before >= wrapsAt) return true;
  return after - before + wrapsAt > wrapsAt / 16;
}
