import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history';

const filled = (capacity: number, count: number): History<{ at: number }> => {
  const history = new History<{ at: number }>(capacity);
  for (let at = 1; at <= count; at++) history.push({ at });
  return history;
};
const times = (history: History<{ at: number }>, since?: number): number[] =>
  history.since(since).map(({ at }) => at);

describe('History', () => {
  it.each([
    [0, []],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [4, [2, 3, 4]],
    [7, [5, 6, 7]],
  ])('after %i entries holds the last three, oldest first', (count, expected) => {
    const history = filled(3, count);
    expect(times(history)).toEqual(expected);
    expect(history.length).toBe(expected.length);
    expect(history.last?.at).toBe(expected.at(-1));
  });

  it('gives those that are not before a time', () => {
    expect(times(filled(5, 9), 8)).toEqual([8, 9]);
    expect(times(filled(5, 9), 10)).toEqual([]);
  });

  it('is empty after clear and can be filled again', () => {
    const history = filled(3, 5);
    history.clear();
    expect(history.last).toBeUndefined();
    history.push({ at: 9 });
    expect(times(history)).toEqual([9]);
  });

  it('refuses a capacity that holds nothing', () => {
    expect(() => new History(0)).toThrow(RangeError);
  });
});
