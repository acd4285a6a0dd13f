import { Differences, wentBack } from '../counters';

/** Beyond what any machine counts in a second, bytes of all its devices included. */
const mostPerSecond = 1e13;

/** 32-bit kernels, and some counters of every kernel. */
export const wrapsAt32Bits = 2 ** 32;

/** How many counters that could not be used are told. */
const mostNotes = 10;

/**
 * How far counters went in a span. One that went back (its device or network namespace was replaced), or further than it
 * can, is undefined, and is told in `notes`.
 */
export class Deltas {
  readonly #differences: Differences;
  readonly #back: string[] = [];

  constructor(readonly spanMs: number) {
    this.#differences = new Differences(spanMs);
  }

  /** One sentence for each counter that could not be used. */
  get notes(): readonly string[] {
    return [...this.#back, ...this.#differences.refused].slice(0, mostNotes);
  }

  /** @param name for `notes`, e.g. `sda reads`. */
  of(
    name: string,
    before: number | undefined,
    after: number | undefined,
    wrapsAt?: number,
  ): number | undefined {
    if (before === undefined || after === undefined || !(this.spanMs > 0)) return undefined;
    if (wentBack(before, after, wrapsAt)) {
      this.#back.push(`${name} went back from ${before} to ${after}`);
      return undefined;
    }
    const most = (mostPerSecond * (this.spanMs + 1000)) / 1000;
    return this.#differences.between(name, before, after, {
      most,
      ...(wrapsAt !== undefined && { wrapsAt }),
    });
  }

  perSecond(
    name: string,
    before: number | undefined,
    after: number | undefined,
    wrapsAt?: number,
  ): number | undefined {
    const delta = this.of(name, before, after, wrapsAt);
    return delta === undefined ? undefined : (delta * 1000) / this.spanMs;
  }
}

/** The quotient, and 0 where nothing happened: what sysstat prints of it. */
export function ratio(part: number | undefined, of: number | undefined): number | undefined {
  if (part === undefined || of === undefined) return undefined;
  return of === 0 ? 0 : part / of;
}

/** Undefined where any of them is. */
export function sum(...values: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    total += value;
  }
  return total;
}
