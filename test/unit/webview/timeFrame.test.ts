import { describe, expect, it } from 'vitest';
import type { ChartView } from '../../../src/protocol';
import { extremes, highestOf, rangeAt, rowsOf } from '../../../src/webview/timeFrame';

const chart: ChartView = {
  id: 'memory',
  title: 'Memory',
  description: '',
  unit: 'bytes',
  series: [
    { id: 'programs', title: 'Programs', style: 'band', colour: 0 },
    { id: 'free', title: 'Free', style: 'band', colour: 1 },
    { id: 'available', title: 'Available', style: 'line', colour: 2 },
  ],
};

const rows = rowsOf(chart, [
  { at: 0, values: { memory: [1, 2, 3] } },
  {
    at: 10,
    values: { memory: [50, 30, 40] },
    low: { memory: [10, 5, 20] },
    high: { memory: [60, 70, 40] },
  },
  { at: 20, values: { memory: [4, NaN] }, low: {} },
]);

describe('rowsOf', () => {
  it('has a value for every series, and a range where the point is one', () => {
    expect(rows).toEqual([
      { at: 0, values: [1, 2, 3] },
      { at: 10, values: [50, 30, 40], range: { low: [10, 5, 20], high: [60, 70, 40] } },
      { at: 20, values: [4, null, null], range: { low: [null, null, null], high: [4, null, null] } },
    ]);
  });

  it('takes the drawn values for the highest of a chart that is told no other', () => {
    const [row] = rowsOf(chart, [
      { at: 0, values: { memory: [1, 2, 3] }, low: { memory: [0, 0, 0] }, high: {} },
    ]);
    expect(row && rangeAt(row, 2)).toEqual({ low: 0, high: 3 });
  });
});

describe('extremes', () => {
  it('are those of the ranges, not of what is drawn of them', () => {
    expect(extremes(rows, 0, 0)).toEqual({ low: 1, high: 60 });
    expect(extremes(rows, 1, 5)).toEqual({ low: 5, high: 70 });
    expect(extremes(rows, 2, 15)).toBeUndefined();
  });
});

describe('highestOf', () => {
  it('is what is drawn: bands on each other, lines by themselves', () => {
    expect(highestOf(chart, rows, () => true)).toBe(80);
    expect(highestOf(chart, rows, (id) => id === 'available')).toBe(40);
  });
});
