import type { Point } from '../core/point';
import type { ChartView, Marker } from '../protocol';
import { readValue } from './messages';
import type { Hole, Row } from './rows';

/** The part of the time that all charts show at present. */
export interface TimeFrame {
  readonly from: number;
  readonly to: number;
  /** The points in it, and the one before. */
  readonly points: readonly Point[];
  /** How long each point is, where they are ranges. */
  readonly widthMs: number | undefined;
  readonly holes: readonly Hole[];
  /** What happened in it, oldest first. */
  readonly markers: readonly Marker[];
}

/** The values of one chart in the frame, one a series; what a point does not tell is null. */
export function rowsOf(chart: ChartView, points: readonly Point[]): Row[] {
  const read = (values: readonly (number | null)[] | undefined): (number | null)[] =>
    chart.series.map((_, index) => readValue(values?.[index]));
  return points.map(({ at, values, low, high }) => ({
    at,
    values: read(values[chart.id]),
    ...(low && { range: { low: read(low[chart.id]), high: read(high?.[chart.id] ?? values[chart.id]) } }),
  }));
}

/** Lowest and highest value of a series at one row; undefined where it has none. */
export function rangeAt(row: Row, column: number): { low: number; high: number } | undefined {
  const low = (row.range?.low ?? row.values)[column] ?? null;
  const high = (row.range?.high ?? row.values)[column] ?? null;
  return low === null || high === null ? undefined : { low, high };
}

/** Lowest and highest value of a series in the rows that lie in the frame; undefined where it has none. */
export function extremes(
  rows: readonly Row[],
  column: number,
  from: number,
): { low: number; high: number } | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    const range = row.at < from ? undefined : rangeAt(row, column);
    if (!range) continue;
    low = Math.min(low, range.low);
    high = Math.max(high, range.high);
  }
  return low === Infinity ? undefined : { low, high };
}

/** How high the drawn values reach: bands stand on each other, lines stand by themselves. */
export function highestOf(
  chart: ChartView,
  rows: readonly Row[],
  shown: (seriesId: string) => boolean,
): number {
  const columns = chart.series.map((series) => ({ band: series.style === 'band', shown: shown(series.id) }));
  let highest = 0;
  for (const row of rows) {
    let stack = 0;
    row.values.forEach((value, index) => {
      if (!columns[index]?.shown) return;
      if (columns[index].band) stack += value ?? 0;
      else highest = Math.max(highest, value ?? 0);
    });
    highest = Math.max(highest, stack);
  }
  return highest;
}
