import type { Point } from '../core/point';
import type { WindowView } from '../protocol';
import { findHoles, median, type Hole } from './rows';

/** In ms. A host that nobody looks at is asked every five seconds, and such a pause is no hole. */
const leastHole = 5500;

/** However fast a host is asked, the page holds no more points than this. */
const mostPoints = 20_000;

/** How many of the latest samples say how often there is one. */
const mostRecent = 12;

/** A pause between two ranges is a hole where more than one of them is missing: one is where samples are few. */
const missingRanges = 2.1;

/** The points of one host in order of time, bounded: samples as they came, or ranges of one length. */
export class Timeline {
  readonly #points: Point[] = [];
  #holes: readonly Hole[] = [];
  #widthMs: number | undefined;
  #latest: Point | undefined;
  /** The times of the latest samples, while the points are ranges. */
  #recent: number[] = [];
  #spanMs = Infinity;

  get points(): readonly Point[] {
    return this.#points;
  }

  get holes(): readonly Hole[] {
    return this.#holes;
  }

  /** The latest sample as it came. */
  get latest(): Point | undefined {
    return this.#latest;
  }

  /** How long each point is, where they are ranges. */
  get widthMs(): number | undefined {
    return this.#widthMs;
  }

  /** Forgets everything and shows a window. @param spanMs points older than this before the latest are forgotten */
  show(window: WindowView, spanMs: number): void {
    this.#points.length = 0;
    this.#recent = [];
    this.#latest = undefined;
    this.#widthMs = window.widthMs;
    this.#spanMs = spanMs;
    this.add(window.points, window.latest);
  }

  /** Adds points in any order; one at a moment that is already there replaces the other. */
  add(points: readonly Point[], latest?: Point): void {
    for (const point of points) this.#insert(point);
    this.#setLatest(latest ?? this.#points.at(-1));
    this.#trim();
    const times = this.#points.map((point) => point.at);
    this.#holes = this.#widthMs === undefined ? holesBetweenSamples(times) : findHoles(times, missingRanges);
  }

  /** The points from `from` on, and the one before them, from which the line enters the window. */
  since(from: number): readonly Point[] {
    return this.#points.slice(Math.max(0, this.#indexAt(from) - 1));
  }

  /** The usual time between two of the latest samples, in ms; undefined while that is not known. */
  interval(): number | undefined {
    const recent =
      this.#widthMs === undefined ? this.#points.slice(-mostRecent).map(({ at }) => at) : this.#recent;
    return median(recent.slice(1).map((at, index) => at - (recent[index] ?? at))) ?? this.#widthMs;
  }

  #setLatest(latest: Point | undefined): void {
    if (!latest || latest.at < (this.#latest?.at ?? -Infinity)) return;
    this.#latest = latest;
    if (latest.at !== this.#recent.at(-1)) this.#recent = [...this.#recent.slice(1 - mostRecent), latest.at];
  }

  #insert(point: Point): void {
    const index = this.#indexAt(point.at);
    this.#points.splice(index, this.#points[index]?.at === point.at ? 1 : 0, point);
  }

  #trim(): void {
    const latest = this.#points.at(-1);
    if (!latest) return;
    const tooOld = this.#indexAt(latest.at - this.#spanMs) - 1;
    this.#points.splice(0, Math.max(0, tooOld, this.#points.length - mostPoints));
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

/** What is longer than the pause that is usual for a host nobody looks at; a shorter one may be no more than that. */
function holesBetweenSamples(times: readonly number[]): readonly Hole[] {
  return findHoles(times).filter(({ from, to }) => to - from > leastHole);
}
