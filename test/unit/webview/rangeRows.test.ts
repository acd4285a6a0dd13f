import { describe, expect, it } from 'vitest';
import type { ChartView } from '../../../src/protocol';
import { mergeRanges } from '../../../src/webview/rangeRows';
import type { Row } from '../../../src/webview/rows';

const view: ChartView = {
  id: 'memory',
  title: 'Memory',
  description: '',
  unit: 'bytes',
  series: [
    { id: 'programs', title: 'Programs', style: 'band', colour: 0 },
    { id: 'available', title: 'Available', style: 'line', colour: 1 },
  ],
  stackAtLowest: 'available',
};

type Pair = readonly [number | null, number | null];
const row = (at: number, values: Pair, low: Pair, high: Pair): Row => ({ at, values, range: { low, high } });

describe('mergeRanges', () => {
  it('keeps lowest and highest, and the stack of the moment that decides', () => {
    const rows = [
      row(0, [5, 9], [2, 4], [8, 9]),
      row(10, [7, 6], [1, 3], [7, 6]),
      row(20, [4, 8], [3, 7], [4, 8]),
      row(30, [6, 2], [6, 1], [6, 2]),
    ];
    expect(mergeRanges(view, rows, 30)).toEqual([row(0, [7, 9], [1, 3], [8, 9]), rows[3]]);
  });

  it('takes what is known where the other knows nothing', () => {
    const rows = [row(0, [null, null], [null, null], [null, null]), row(10, [1, 2], [1, 2], [1, 2])];
    expect(mergeRanges(view, rows, 100)).toEqual([row(0, [1, 2], [1, 2], [1, 2])]);
    expect(mergeRanges(view, [...rows].reverse(), 100)).toEqual([row(10, [1, 2], [1, 2], [1, 2])]);
  });

  it('does not reach over the end of a line, nor over the bounds of its slices', () => {
    const end: Row = { at: 15, values: [null, null] };
    const rows = [row(0, [1, 1], [1, 1], [1, 1]), end, row(20, [2, 2], [2, 2], [2, 2])];
    expect(mergeRanges(view, rows, 100)).toEqual(rows);
    expect(mergeRanges(view, [...rows.slice(0, 1), ...rows.slice(2)], 20)).toHaveLength(2);
  });
});
