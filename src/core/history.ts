import { charts } from './charts';
import { DayBuckets } from './dayBuckets';
import type { ChartValues, Point } from './point';
import { SampleRows } from './sampleRows';
import { SeriesLayout, type KeptChart } from './seriesLayout';

/** A day, in buckets of ten seconds. */
const bucketMs = 10_000;
const mostBuckets = 8640;
const dayMs = mostBuckets * bucketMs;

/** Every sample of an hour, with the whole of its first bucket; of a shorter time where a host is asked that often. */
const mostRows = 7200;
const rowsForMs = 3_600_000 + bucketMs;

/** Up to this many samples are drawn as they came; of more than that, at most so many ranges. */
const mostPoints = 1500;
const mostRanges = 1500;

/** The lengths that ranges may have, in ms. All divide a day, so that they begin at round moments. */
const widths = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);

/** What there is to draw: samples as they came or, where `widthMs` is given, ranges of that length. Oldest first. */
export interface HistoryWindow {
  readonly points: readonly Point[];
  readonly widthMs?: number;
}

/**
 * What the charts of one host showed: every sample for an hour, lowest and highest in buckets of ten seconds for a day.
 * It takes at most {@link mostBytes}. Samples may be added in any order, with the same result; a moment that is added
 * twice is one sample. Nothing is filled in: where there was no sample there is none.
 */
export class History {
  readonly #layout: SeriesLayout;
  /** The row and the record of the sample that is being added. */
  readonly #row: Float32Array;
  readonly #record: Float32Array;
  #rows: SampleRows;
  #buckets: DayBuckets;

  constructor(kept: readonly KeptChart[] = charts) {
    this.#layout = new SeriesLayout(kept);
    this.#row = new Float32Array(this.#layout.rowLength);
    this.#record = this.#layout.emptyRecord();
    this.#rows = this.#noRows();
    this.#buckets = this.#noBuckets();
  }

  /** What the values take now, in bytes. */
  get bytes(): number {
    return this.#rows.bytes + this.#buckets.bytes;
  }

  /** What the values can take at most, in bytes. */
  get mostBytes(): number {
    return (
      SampleRows.mostBytes(this.#layout.rowLength, mostRows) + DayBuckets.mostBytes(this.#layout, mostBuckets)
    );
  }

  /** The latest sample. */
  get last(): Point | undefined {
    return this.#rows.length === 0 ? undefined : this.#point(this.#rows.length - 1);
  }

  /**
   * @param at ms since the epoch; what is older than the latest by more than a day is not kept
   * @param values a chart or a value that is absent is not known
   */
  add(at: number, values: ChartValues): void {
    if (!Number.isFinite(at)) return;
    this.#layout.writeRow(values, this.#row);
    this.#layout.writeRecord(this.#row, 0, this.#record);
    this.#rows.put(at, this.#row);
    this.#buckets.put(at, this.#record);
  }

  /** The samples of the last hour that are not before `since`, oldest first. */
  points(since = -Infinity): Point[] {
    const points: Point[] = [];
    for (let index = this.#rows.indexOf(since); index < this.#rows.length; index++) {
      points.push(this.#point(index));
    }
    return points;
  }

  /**
   * Ranges of one length that cover all samples from `since` on, oldest first.
   * @param atMost so many of them; at least 2
   */
  ranges(since: number, atMost: number): Required<HistoryWindow> {
    const to = this.#rows.timeOf(this.#rows.length - 1);
    const from = Math.max(since, to - dayMs);
    const widthMs =
      widths.find(
        (width) =>
          (width >= bucketMs || from > this.#rows.droppedUpTo + width) &&
          Math.floor(to / width) - Math.floor(from / width) < atMost,
      ) ?? dayMs;
    return { points: this.#merged(from, Infinity, widthMs), widthMs };
  }

  /** The range of this length in which `at` lies; undefined where it holds no sample. */
  range(at: number, widthMs: number): Point | undefined {
    const from = Math.floor(at / widthMs) * widthMs;
    return this.#merged(from, from + widthMs, widthMs)[0];
  }

  /** What is drawn from `since` on: the samples, with the one before, where these are few and all there; else ranges. */
  window(since: number): HistoryWindow {
    const index = this.#rows.indexOf(since);
    const allThere = since > this.#rows.droppedUpTo;
    if (allThere && this.#rows.length - index <= mostPoints) {
      return { points: this.points(index > 0 ? this.#rows.timeOf(index - 1) : since) };
    }
    return this.ranges(since, mostRanges);
  }

  clear(): void {
    this.#rows = this.#noRows();
    this.#buckets = this.#noBuckets();
  }

  #noRows(): SampleRows {
    return new SampleRows(this.#layout.rowLength, mostRows, rowsForMs);
  }

  #noBuckets(): DayBuckets {
    return new DayBuckets(this.#layout, bucketMs, mostBuckets);
  }

  #point(index: number): Point {
    return this.#layout.pointOfRow(this.#rows.timeOf(index), this.#rows.values, this.#rows.placeOf(index));
  }

  /** Ranges from the one of `from` to before `to`; short ones are made of samples, long ones of buckets. */
  #merged(from: number, to: number, widthMs: number): Point[] {
    const points: Point[] = [];
    const record = this.#layout.emptyRecord();
    let start = NaN;
    const close = (): void => {
      if (!Number.isNaN(start)) points.push(this.#layout.pointOfRecord(start, record));
    };
    const take = (at: number, records: Float32Array, place: number): void => {
      const own = Math.floor(at / widthMs) * widthMs;
      if (own !== start) {
        close();
        record.fill(NaN);
        start = own;
      }
      this.#layout.merge(record, 0, records, place);
    };
    const begin = Math.floor(from / widthMs) * widthMs;
    if (widthMs < bucketMs) this.#eachRow(begin, to, take);
    else this.#buckets.each(begin, to, take);
    close();
    return points;
  }

  #eachRow(from: number, to: number, take: (at: number, record: Float32Array, place: number) => void): void {
    const record = this.#layout.emptyRecord();
    for (let index = this.#rows.indexOf(from); this.#rows.timeOf(index) < to; index++) {
      this.#layout.writeRecord(this.#rows.values, this.#rows.placeOf(index), record);
      take(this.#rows.timeOf(index), record, 0);
    }
  }
}
