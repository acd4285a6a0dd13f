import { describe, expect, it } from 'vitest';
import { breakAtHoles, findHoles, thinOut, type Row } from '../../../src/webview/rows';

const at = (...seconds: number[]): number[] => seconds.map((second) => second * 1000);
const row = (moment: number, ...values: (number | null)[]): Row => ({ at: moment, values });

describe('findHoles', () => {
  it('finds a pause of more than three usual intervals', () => {
    expect(findHoles(at(0, 1, 2, 3, 6.5, 7.5, 8.5))).toEqual([{ from: 3000, to: 6500 }]);
  });

  it('takes three intervals for a late answer', () => {
    expect(findHoles(at(0, 1, 2, 3, 6, 7, 8))).toEqual([]);
  });

  it('takes a slower interval from some moment on for a setting, in either direction', () => {
    expect(findHoles(at(0, 1, 2, 3, 4, 9, 14, 19, 24))).toEqual([]);
    expect(findHoles(at(0, 10, 20, 30, 31, 32, 33))).toEqual([]);
  });

  it('finds both pauses beside a lone point', () => {
    expect(findHoles(at(0, 1, 2, 3, 4, 30, 60, 61, 62, 63))).toHaveLength(2);
  });

  it('takes another number of intervals where it is told one', () => {
    expect(findHoles(at(0, 1, 2, 3, 6, 7, 8), 2)).toEqual([{ from: 3000, to: 6000 }]);
  });

  it('knows nothing of too few points', () => {
    expect(findHoles([])).toEqual([]);
    expect(findHoles(at(1))).toEqual([]);
    expect(findHoles(at(1, 100))).toEqual([]);
  });
});

describe('breakAtHoles', () => {
  it('ends the lines with nulls before the next point', () => {
    const rows = [row(0, 1, 2), row(1000, 3, 4), row(9000, 5, 6)];
    expect(breakAtHoles(rows, [{ from: 1000, to: 9000 }], 50)).toEqual([
      row(0, 1, 2),
      row(1000, 3, 4),
      row(8999.5, null, null),
      row(9000, 5, 6),
    ]);
  });

  it('gives a point between two holes a width', () => {
    const rows = [row(0, 1), row(9000, 5), row(20_000, 7)];
    const holes = [
      { from: 0, to: 9000 },
      { from: 9000, to: 20_000 },
    ];
    expect(breakAtHoles(rows, holes, 50).slice(2, 4)).toEqual([row(9000, 5), row(9050, 5)]);
  });
});

describe('thinOut', () => {
  const many = Array.from({ length: 3600 }, (_, index) =>
    row(index * 1000, Math.sin(index / 50), index === 1234 ? 99 : Math.cos(index / 80)),
  );

  it('leaves few rows as they are', () => {
    const few = many.slice(0, 100);
    expect(thinOut(few, 100_000, 100)).toBe(few);
  });

  it('keeps to the number, the ends, and every peak, in order and whole', () => {
    const thinned = thinOut(many, 3_600_000, 400);
    expect(thinned.length).toBeLessThanOrEqual(400 + 2);
    expect(thinned[0]).toBe(many[0]);
    expect(thinned.at(-1)).toBe(many.at(-1));
    expect(thinned).toContain(many[1234]);
    expect(thinned).toEqual(many.filter((each) => thinned.includes(each)));
  });

  it('chooses the same rows when the window has moved', () => {
    const before = thinOut(many.slice(0, 3000), 3_000_000, 400);
    const after = thinOut(many.slice(5, 3005), 3_000_000, 400);
    const inBoth = (rows: readonly Row[]): Row[] =>
      rows.filter((each) => each.at > 60_000 && each.at < 2_940_000);
    expect(inBoth(after)).toEqual(inBoth(before));
  });

  it('keeps both sides of a gap', () => {
    const gap = many.map((each, index) => (index > 2000 && index < 2100 ? row(each.at, null, null) : each));
    const kept = new Set(thinOut(gap, 3_600_000, 400).map((each) => each.at));
    for (const index of [2000, 2001, 2099, 2100]) expect(kept).toContain(index * 1000);
  });
});
