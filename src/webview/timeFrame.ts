import type { ChartView, Point } from '../protocol';
import { readValue } from './messages';
import type { Hole, Row } from './rows';

/** The part of the time that all charts show at present. */
export interface TimeFrame {
  readonly from: number;
  readonly to: number;
  /** The points in it, and the one before. */
  readonly points: readonly Point[];
  readonly holes: readonly Hole[];
}

/** The values of one chart in the frame, one a series; what a point does not tell is null. */
export function rowsOf(chart: ChartView, points: readonly Point[]): Row[] {
  return points.map((point) => {
    const values = point.values[chart.id];
    return { at: point.at, values: chart.series.map((_, index) => readValue(values?.[index])) };
  });
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
    const value = row.values[column] ?? null;
    if (value === null || row.at < from) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
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
