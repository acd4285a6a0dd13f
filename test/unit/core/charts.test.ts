import { describe, expect, it } from 'vitest';
import { charts, valuesOf, type Chart } from '../../../src/core/charts';
import { sampleOf } from '../../../src/core/sample';
import { captureOf } from './fixtures';

const nothing = { sample: sampleOf(captureOf({ 'proc/uptime': '1.00 1.00' })), facts: { problems: {} } };

describe('charts', () => {
  it('are named in stable ids, each once, and so are their series', () => {
    const ids = charts.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, series } of charts) {
      const own = series.map((entry) => entry.id);
      expect(new Set(own).size, id).toBe(own.length);
      expect(new Set(series.map(({ colour }) => colour)).size, id).toBe(own.length);
      for (const name of [id, ...own]) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
  });

  it('show a gap where nothing is known, but the delay of the answer', () => {
    for (const chart of charts) {
      const expected = chart.id === 'answer-delay' ? [40] : chart.series.map(() => null);
      expect(valuesOf(chart, nothing), chart.id).toEqual(expected);
    }
  });

  it('never let through what is no finite number', () => {
    const series = [NaN, Infinity, -Infinity, 3].map((value, index) => ({
      id: `s${index}`,
      title: '',
      style: 'line' as const,
      colour: index,
      value: () => value,
    }));
    const chart: Chart = { id: 'io', title: '', description: '', unit: 'percent', series };
    expect(valuesOf(chart, nothing)).toEqual([null, null, null, 3]);
  });
});
