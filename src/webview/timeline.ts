import type { Point } from '../protocol';
import { findHoles, median, type Hole } from './rows';

/** Points older than this before the latest are forgotten: the longest time span that can be chosen. */
export const longestSpan = 60 * 60_000;

/** However fast a host is asked, the page holds no more points than this. */
const mostPoints = 20_000;

/** The points of one host in order of time, bounded. */
export class Timeline {
  readonly #points: Point[] = [];
  #holes: readonly Hole[] = [];

  get points(): readonly Point[] {
    return this.#points;
  }

  get holes(): readonly Hole[] {
    return this.#holes;
  }

  get latest(): Point | undefined {
    return this.#points.at(-1);
  }

  /** Adds points in any order; one at a moment that is already there replaces the other. */
  add(points: readonly Point[]): void {
    for (const point of points) this.#insert(point);
    this.#trim();
    this.#holes = findHoles(this.#points.map((point) => point.at));
  }

  clear(): void {
    this.#points.length = 0;
    this.#holes = [];
  }

  /** The points from `from` on, and the one before them, from which the line enters the window. */
  since(from: number): readonly Point[] {
    return this.#points.slice(Math.max(0, this.#indexAt(from) - 1));
  }

  /** The usual time between two of the latest points, in ms; undefined with fewer than two. */
  interval(): number | undefined {
    const recent = this.#points.slice(-12).map((point) => point.at);
    return median(recent.slice(1).map((at, index) => at - (recent[index] ?? at)));
  }

  #insert(point: Point): void {
    const index = this.#indexAt(point.at);
    this.#points.splice(index, this.#points[index]?.at === point.at ? 1 : 0, point);
  }

  #trim(): void {
    const latest = this.latest;
    if (!latest) return;
    const tooOld = this.#indexAt(latest.at - longestSpan);
    this.#points.splice(0, Math.max(tooOld, this.#points.length - mostPoints));
  }

  /** Index of the first point that is not before `at`. */
  #indexAt(at: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle]?.at ?? Infinity) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
