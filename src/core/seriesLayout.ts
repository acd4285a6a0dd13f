import type { Chart, Series } from './charts';
import type { ChartValues, Point } from './point';

/** What of a chart matters for keeping its values. */
export interface KeptChart extends Pick<Chart, 'id' | 'stackAtLowest'> {
  readonly series: readonly Pick<Series, 'id' | 'style'>[];
}

/** The bands of one chart. */
interface Stack {
  /** Which series of the chart are bands, by their index. */
  readonly bands: readonly number[];
  /** The column whose lowest moment is shown; undefined: that of the highest first band. */
  readonly decidedBy: number | undefined;
  /** Where the stack lies in a record. */
  readonly offset: number;
}

interface PlacedChart {
  readonly chart: KeptChart;
  /** The column of its first series. */
  readonly column: number;
  /** Undefined: it has lines only. */
  readonly stack: Stack | undefined;
}

/**
 * Where the values of all charts lie in flat arrays of numbers, NaN for "not known". A row is one moment: a column a
 * series. A record is what a time comes to: the lowest of each column, the highest of each, and of every chart with
 * bands the stack of one moment. Records can be merged in any order and grouping, with the same result.
 */
export class SeriesLayout {
  readonly rowLength: number;
  readonly recordLength: number;
  readonly #charts: readonly PlacedChart[];

  constructor(charts: readonly KeptChart[]) {
    this.rowLength = charts.reduce((sum, { series }) => sum + series.length, 0);
    let column = 0;
    let offset = 2 * this.rowLength;
    this.#charts = charts.map((chart) => {
      const placed = { chart, column, stack: stackOf(chart, column, offset) };
      column += chart.series.length;
      offset += placed.stack?.bands.length ?? 0;
      return placed;
    });
    this.recordLength = offset;
  }

  /** A record of no moment at all. */
  emptyRecord(): Float32Array {
    return new Float32Array(this.recordLength).fill(NaN);
  }

  /** Writes the row of some values. They are kept to 24 bits; what is too large for a 32-bit float is not known. */
  writeRow(values: ChartValues, row: Float32Array): void {
    for (const { chart, column } of this.#charts) {
      const own = values[chart.id];
      for (let index = 0; index < chart.series.length; index++) row[column + index] = kept(own?.[index]);
    }
  }

  /** Writes the record of a single row, which begins at `from` in `rows`. */
  writeRecord(rows: Float32Array, from: number, record: Float32Array): void {
    const length = this.rowLength;
    for (let column = 0; column < length; column++) {
      record[column] = record[length + column] = rows[from + column] ?? NaN;
    }
    for (const { column, stack } of this.#charts) {
      stack?.bands.forEach((band, index) => {
        record[stack.offset + index] = rows[from + column + band] ?? NaN;
      });
    }
  }

  /** Merges the record that begins at `from` in `source` into the one that begins at `to` in `target`. */
  merge(target: Float32Array, to: number, source: Float32Array, from: number): void {
    // First the stacks: they are chosen by the lowest values as they were.
    for (const { stack } of this.#charts) {
      if (!stack || !isBefore(stack, source, from, target, to)) continue;
      for (let index = stack.offset; index < stack.offset + stack.bands.length; index++) {
        target[to + index] = source[from + index] ?? NaN;
      }
    }
    const length = this.rowLength;
    for (let column = 0; column < length; column++) {
      const low = source[from + column] ?? NaN;
      if (!(low >= (target[to + column] ?? NaN)) && low === low) target[to + column] = low;
      const high = source[from + length + column] ?? NaN;
      if (!(high <= (target[to + length + column] ?? NaN)) && high === high) {
        target[to + length + column] = high;
      }
    }
  }

  /** The row that begins at `from` in `rows`, as a point. */
  pointOfRow(at: number, rows: Float32Array, from: number): Point {
    return { at, values: this.#read(this.#charts, rows, from) };
  }

  /** A record as a point. */
  pointOfRecord(at: number, record: Float32Array): Point {
    const high = this.rowLength;
    const values = this.#read(this.#charts, record, high);
    for (const { chart, stack } of this.#charts) {
      const own = values[chart.id];
      stack?.bands.forEach((band, index) => {
        if (own) own[band] = known(record[stack.offset + index]);
      });
    }
    return {
      at,
      values,
      low: this.#read(this.#charts, record, 0),
      high: this.#read(
        this.#charts.filter(({ stack }) => stack !== undefined),
        record,
        high,
      ),
    };
  }

  #read(charts: readonly PlacedChart[], source: Float32Array, from: number): WritableValues {
    const read: WritableValues = {};
    for (const { chart, column } of charts) {
      read[chart.id] = chart.series.map((_, index) => known(source[from + column + index]));
    }
    return read;
  }
}

type WritableValues = Partial<Record<KeptChart['id'], (number | null)[]>>;

function stackOf(chart: KeptChart, column: number, offset: number): Stack | undefined {
  const bands = chart.series.flatMap(({ style }, index) => (style === 'band' ? [index] : []));
  if (bands.length === 0) return undefined;
  const decider = chart.series.findIndex(({ id }) => id === chart.stackAtLowest);
  return { bands, decidedBy: decider < 0 ? undefined : column + decider, offset };
}

/**
 * Whether a stack is to be shown rather than another: by the lowest value of the series that decides, else by the higher
 * of the first bands that differ. Anything is shown rather than nothing.
 */
function isBefore(
  { bands, decidedBy, offset }: Stack,
  one: Float32Array,
  from: number,
  other: Float32Array,
  to: number,
): boolean {
  if (decidedBy !== undefined) {
    const difference = orMost(one[from + decidedBy]) - orMost(other[to + decidedBy]);
    if (difference < 0 || difference > 0) return difference < 0;
  }
  for (let index = 0; index < bands.length; index++) {
    const difference = orLeast(one[from + offset + index]) - orLeast(other[to + offset + index]);
    if (difference < 0 || difference > 0) return difference > 0;
  }
  return false;
}

function orMost(value = NaN): number {
  return Number.isNaN(value) ? Infinity : value;
}

function orLeast(value = NaN): number {
  return Number.isNaN(value) ? -Infinity : value;
}

function kept(value: number | null | undefined): number {
  const short = Math.fround(value ?? NaN);
  return Number.isFinite(short) ? short + 0 : NaN; // + 0: there is no -0 in a chart
}

function known(value = NaN): number | null {
  return Number.isNaN(value) ? null : value;
}
