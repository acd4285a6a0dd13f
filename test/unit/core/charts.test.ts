import { describe, expect, it } from 'vitest';
import { charts, valuesOf, type Chart } from '../../../src/core/charts';
import { chartValues } from '../../../src/core/point';
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

  it('show a gap where nothing is known, but the delay of an answer', () => {
    for (const chart of charts) {
      const expected = chart.id === 'delays' ? [40, null, null] : chart.series.map(() => null);
      expect(valuesOf(chart, nothing), chart.id).toEqual(expected);
    }
  });

  it('tell a late answer, old data and a host that stood still apart', () => {
    const delays = charts.find(({ id }) => id === 'delays');
    const own = { ...nothing, sample: sampleOf({ ...captureOf({}), clock: 'own' }), ageMs: 9000, stallMs: 0 };
    expect(delays && valuesOf(delays, own)).toEqual([null, 9000, 0]);
    expect(delays && valuesOf(delays, { ...nothing, ageMs: 45, stallMs: 700 })).toEqual([40, 45, 700]);
  });

  it('name a series of their own for the moment at which their bands are shown', () => {
    for (const { id, series, stackAtLowest } of charts) {
      const hasBands = series.some(({ style }) => style === 'band');
      expect(
        series.some((each) => each.id === stackAtLowest),
        id,
      ).toBe(hasBands);
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

describe('chartValues', () => {
  it('has every chart with every series', () => {
    const values = chartValues(nothing);
    expect(Object.keys(values)).toEqual(charts.map(({ id }) => id));
    for (const { id, series } of charts) expect(values[id]).toHaveLength(series.length);
  });
});
