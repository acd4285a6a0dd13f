import { describe, expect, it } from 'vitest';
import { charts, type ChartId } from '../../../../src/core/charts';
import { minutesBeforeOf } from '../../../../src/core/oomEvents/minutesBefore';
import type { Point } from '../../../../src/core/point';

const killedMs = 1_700_000_000_000;

function point(secondsBefore: number, available: number, pageCache: number, full: number | null): Point {
  const values = (id: ChartId, named: Readonly<Record<string, number | null>>): (number | null)[] =>
    charts.find((chart) => chart.id === id)?.series.map((series) => named[series.id] ?? null) ?? [];
  return {
    at: killedMs - secondsBefore * 1000,
    values: {
      memory: values('memory', { available, free: 7 }),
      'page-cache-size': values('page-cache-size', { 'page-cache': pageCache, 'active-file': 8 }),
      pressure: values('pressure', { 'memory-full': full, 'memory-some': 9 }),
    },
  };
}

describe('the minutes before a kill', () => {
  it('are steps of 5 s with the worst of each, and nothing where there was no sample', () => {
    const before = minutesBeforeOf(killedMs, [
      point(301, 1, 1, 99),
      point(300, 500, 50, 0),
      point(299, 400, 60, 10),
      point(4, 300, 20, null),
      point(3, 200, 30, null),
      point(-1, 1, 1, 99),
    ]);
    expect(before).toMatchObject({ fromMs: killedMs - 300_000, stepMs: 5000 });
    expect(before?.availableBytes).toEqual([400, ...Array<null>(58).fill(null), 200]);
    expect(before?.pageCacheBytes).toEqual([50, ...Array<null>(58).fill(null), 20]);
    expect(before?.memoryFullPercent).toEqual([10, ...Array<null>(59).fill(null)]);
  });

  it('are not known where nothing was measured', () => {
    expect(minutesBeforeOf(killedMs, [])).toBeUndefined();
    expect(minutesBeforeOf(killedMs, [point(900, 1, 1, 1)])).toBeUndefined();
  });
});
