import v8 from 'node:v8';
import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { charts } from '../../../src/core/charts';
import { History } from '../../../src/core/history';
import type { ChartValues, Point } from '../../../src/core/point';
import type { KeptChart } from '../../../src/core/seriesLayout';

const hour = 3_600_000;
const day = 24 * hour;
/** Some midnight. */
const start = 20_000 * day;

/** One chart of a line, and one of two bands that are shown as they were when the line in it was lowest. */
const small: readonly KeptChart[] = [
  { id: 'io', series: [{ id: 'bi', style: 'line' }] },
  {
    id: 'memory',
    series: [
      { id: 'programs', style: 'band' },
      { id: 'free', style: 'band' },
      { id: 'available', style: 'line' },
    ],
    stackAtLowest: 'available',
  },
];

type Entry = readonly [at: number, values: ChartValues];

const io = (at: number, value: number | null): Entry => [at, { io: [value] }];
const historyOf = (...entries: readonly Entry[]): History => {
  const history = new History(small);
  for (const [at, values] of entries) history.add(at, values);
  return history;
};
const times = (points: readonly Point[]): number[] => points.map(({ at }) => at);

describe('History', () => {
  it('gives the samples in order of their times, whenever they came', () => {
    const history = historyOf(io(3000, 3), io(1000, 1), io(2000, null));
    expect(times(history.points())).toEqual([1000, 2000, 3000]);
    expect(times(history.points(2000))).toEqual([2000, 3000]);
    expect(history.points().map(({ values }) => values.io)).toEqual([[1], [null], [3]]);
    expect(history.last?.at).toBe(3000);
  });

  it('takes a moment that comes twice for one, with what either knew', () => {
    const history = historyOf(io(1000, 4), [1000, { io: [2], memory: [7, null, null] }]);
    expect(history.points()).toEqual([{ at: 1000, values: { io: [4], memory: [7, null, null] } }]);
  });

  it('keeps an hour of samples, then a day of ranges, then nothing', () => {
    const history = historyOf(io(start, 1), io(start + day - 2 * hour, 2), io(start + day - 10_000, 3));
    expect(times(history.points())).toEqual([start + day - 10_000]);
    expect(times(history.ranges(start, 9000).points)).toEqual([
      start,
      start + day - 2 * hour,
      start + day - 10_000,
    ]);
    history.add(start + day, { io: [4] });
    history.add(start, { io: [99] });
    expect(times(history.ranges(start, 9000).points)).toEqual([
      start + day - 2 * hour,
      start + day - 10_000,
      start + day,
    ]);
  });

  it('makes no range where there was no sample, and gives the one that covers a moment', () => {
    const history = historyOf(io(0, 5), io(1000, 1), io(31_000, 2));
    history.add(-hour, {}); // too old for samples: short ranges cannot be made any more
    expect(history.ranges(-hour, 400)).toEqual({
      widthMs: 10_000,
      points: [
        { at: -hour, values: { io: [null], memory: [null, null, null] }, ...range([null]) },
        { at: 0, values: { io: [5], memory: [null, null, null] }, ...range([1]) },
        { at: 30_000, values: { io: [2], memory: [null, null, null] }, ...range([2]) },
      ],
    });
    expect(history.range(9999, 10_000)?.low?.io).toEqual([1]);
    expect(history.range(15_000, 10_000)).toBeUndefined();
  });

  const range = (low: (number | null)[]): Pick<Point, 'low' | 'high'> => ({
    low: { io: low, memory: [null, null, null] },
    high: { memory: [null, null, null] },
  });

  it('shows the bands of a range as they were at one moment: when the deciding series was lowest', () => {
    const history = historyOf(
      [1000, { memory: [10, 90, 80] }],
      [2000, { memory: [60, 40, 30] }],
      [3000, { memory: [80, 20, null] }],
      [4000, { memory: [20, 80, 70] }],
    );
    expect(history.range(0, 10_000)).toEqual({
      at: 0,
      values: { io: [null], memory: [60, 40, 80] },
      low: { io: [null], memory: [10, 20, 30] },
      high: { memory: [80, 90, 80] },
    });
  });

  it('lets through no number that a chart cannot show, and no time that is none', () => {
    const history = historyOf(io(NaN, 1), io(Infinity, 1), io(1000, 1e300), io(2000, NaN), io(3000, -0));
    expect(history.points().map(({ values }) => values.io)).toEqual([[null], [null], [0]]);
  });

  it('draws samples while they are few and all there, else ranges', () => {
    const history = new History(small);
    for (let at = start; at < start + 2 * hour; at += 1000) history.add(at, { io: [1] });
    const end = start + 2 * hour - 1000;
    expect(history.window(end - 60_000)).toEqual({ points: history.points(end - 61_000) });
    expect(history.window(end - hour / 4).points).toHaveLength(902); // with the one before
    const anHour = history.window(end - hour);
    expect([anHour.points.length, anHour.widthMs]).toEqual([721, 5000]);
    expect(history.window(end - 1.5 * hour)).toMatchObject({ widthMs: 10_000 });
    for (let at = start + 2 * hour; at < start + 2.25 * hour; at += 200) history.add(at, { io: [1] });
    const often = history.window(start + 2 * hour);
    expect(often.widthMs).toBe(1000);
    expect(often.points).toHaveLength(900);
  });

  it('is empty after clear and can be filled again', () => {
    const history = historyOf(io(5000, 1));
    history.clear();
    expect(history.last).toBeUndefined();
    expect(history.ranges(0, 10).points).toEqual([]);
    history.add(1000, { io: [9] });
    expect(times(history.window(0).points)).toEqual([1000]);
  });
});

describe('History, in whatever order and however merged', () => {
  const value = fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { nil: null });
  const entry = fc.tuple(
    fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 2 * day })),
    fc.record({ io: fc.tuple(value), memory: fc.tuple(value, value, value) }),
  );
  const entries = fc.array(entry, { minLength: 1, maxLength: 60 });
  const atMost = fc.integer({ min: 2, max: 9000 });

  it('is the same', () => {
    const shuffled = entries.chain((own) =>
      fc.tuple(fc.constant(own), fc.shuffledSubarray(own, { minLength: own.length }), atMost),
    );
    fc.assert(
      fc.property(shuffled, ([own, other, ranges]) => {
        const [one, two] = [historyOf(...own), historyOf(...other)];
        expect(two.points()).toEqual(one.points());
        expect(two.ranges(0, ranges)).toEqual(one.ranges(0, ranges));
        expect(two.window(0)).toEqual(one.window(0));
      }),
    );
  });

  it('has every value of the last day between lowest and highest of the range that covers it', () => {
    const unique = fc.uniqueArray(entry, { minLength: 1, maxLength: 60, selector: ([at]) => at });
    fc.assert(
      fc.property(unique, atMost, (own, most) => {
        const history = historyOf(...own);
        const latest = Math.max(...own.map(([at]) => at));
        const { points, widthMs } = history.ranges(-Infinity, most);
        expect(points.length).toBeLessThanOrEqual(most);
        for (const [at, values] of own.filter((each) => each[0] > latest - day + 10_000)) {
          const covering = points.find((point) => at >= point.at && at < point.at + widthMs);
          expectWithin(covering, values);
        }
      }),
    );
  });

  function expectWithin(covering: Point | undefined, values: ChartValues): void {
    for (const id of ['io', 'memory'] as const) {
      values[id]?.forEach((each, index) => {
        if (each === null) return;
        const kept = Math.fround(each);
        expect(covering?.low?.[id]?.[index]).toBeLessThanOrEqual(kept);
        expect((covering?.high?.[id] ?? covering?.values[id])?.[index]).toBeGreaterThanOrEqual(kept);
      });
    }
  }

  it('is within its bound', () => {
    fc.assert(
      fc.property(entries, (own) => {
        const history = historyOf(...own);
        expect(history.bytes).toBeLessThanOrEqual(history.mostBytes);
      }),
    );
  });
});

describe('History of every chart', () => {
  /** Collects garbage, so that what is measured is what is held. Buffers are given back a moment later. */
  const collect = async (): Promise<void> => {
    v8.setFlagsFromString('--expose-gc');
    for (let round = 0; round < 3; round++) {
      (vm.runInNewContext('gc') as () => void)();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  /** @param seed differs from moment to moment, as samples do */
  const valuesAt = (seed: number): ChartValues =>
    Object.fromEntries(
      charts.map(({ id, series }) => [id, series.map((_, index) => (seed * 7919 + index) % 1000)]),
    );

  /** Fills a history and measures what the process takes for it. */
  async function filled(every: number, forMs: number): Promise<{ history: History; grownBytes: number }> {
    await collect();
    const before = process.memoryUsage().arrayBuffers;
    const history = new History();
    for (let at = 0; at < forMs; at += every) history.add(start + at, valuesAt(at / every));
    await collect();
    return { history, grownBytes: process.memoryUsage().arrayBuffers - before };
  }

  it('takes less than 200 kB for the first ten minutes', async () => {
    expect((await filled(1000, hour / 6)).history.bytes).toBeLessThan(200_000);
  });

  it('takes no more for a host that is asked five times a second', async () => {
    const { history, grownBytes } = await filled(200, 2 * hour);
    expect(history.points()).toHaveLength(7200);
    expect(history.bytes).toBeLessThan(2_000_000);
    expect(grownBytes).toBeLessThan(history.bytes + 500_000);
  });

  it('holds a day at one sample a second within 4 MB, which the process really takes', async () => {
    const { history, grownBytes } = await filled(1000, day);
    expect(history.mostBytes).toBeLessThan(4_000_000);
    expect(history.bytes).toBeLessThan(history.mostBytes);
    expect(history.bytes).toBeGreaterThan(2_500_000);
    expect(grownBytes).toBeGreaterThan(history.bytes - 500_000);
    expect(grownBytes).toBeLessThan(history.bytes + 500_000);
    expect(history.points()).toHaveLength(3610);
  });

  it('shows every peak of the day in what is drawn of it', async () => {
    const { history } = await filled(1000, day);
    const peaks = [17, 3333, 40_000, 86_011].map((second) => start + second * 1000);
    for (const at of peaks) history.add(at, { io: [null, 5e9, null, null] });
    const { points, widthMs } = history.window(start);
    expect([points.length, widthMs]).toEqual([1440, 60_000]);
    const high = points.filter(({ values }) => values.io?.[1] === 5e9);
    expect(times(high)).toEqual(peaks.map((at) => Math.floor(at / 60_000) * 60_000));
  });
});
