import type { ChartView } from '../protocol';
import type { Row } from './rows';
import { rangeAt } from './timeFrame';

/**
 * Merges neighbouring ranges into longer ones, so that a narrow chart need not draw more of them than it has pixels.
 * Every lowest and highest value stays. Slices lie on fixed moments, so the picture does not flicker while the window
 * moves, and a row of nulls, which ends the lines, stays a row of its own.
 * @param widthMs how long the merged ranges are
 */
export function mergeRanges(view: ChartView, rows: readonly Row[], widthMs: number): Row[] {
  const merged: Row[] = [];
  let slice = NaN;
  for (const row of rows) {
    const own = row.range ? Math.floor(row.at / widthMs) : NaN;
    const before = merged.at(-1);
    if (before && own === slice) merged[merged.length - 1] = mergeTwo(view, before, row);
    else merged.push(row);
    slice = own;
  }
  return merged;
}

/** Two ranges as one: as the history of the extension would have made it. */
function mergeTwo(view: ChartView, one: Row, other: Row): Row {
  const decider = view.series.findIndex(({ id }) => id === view.stackAtLowest);
  const stack =
    (rangeAt(other, decider)?.low ?? Infinity) < (rangeAt(one, decider)?.low ?? Infinity) ? other : one;
  const ranges = view.series.map((_, column) => {
    const [first, second] = [rangeAt(one, column), rangeAt(other, column)];
    if (!first || !second) return first ?? second;
    return { low: Math.min(first.low, second.low), high: Math.max(first.high, second.high) };
  });
  const high = ranges.map((range) => range?.high ?? null);
  return {
    at: one.at,
    values: view.series.map(({ style }, column) => (style === 'band' ? stack.values : high)[column] ?? null),
    range: { low: ranges.map((range) => range?.low ?? null), high },
  };
}
