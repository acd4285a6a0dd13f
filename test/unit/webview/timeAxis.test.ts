import { describe, expect, it } from 'vitest';
import { formatClock, formatTickTime, timeTicks } from '../../../src/webview/timeAxis';

const minute = 60_000;

describe('timeTicks', () => {
  it('lie on round moments within the window', () => {
    expect(timeTicks(90_500, 90_500 + 5 * minute, 6)).toEqual([2, 3, 4, 5, 6].map((n) => n * minute));
  });

  it('stay where they are while the window moves', () => {
    const before = timeTicks(1_000_000, 1_900_000, 8);
    const after = timeTicks(1_001_000, 1_901_000, 8);
    expect(after).toEqual(before);
  });

  it('are whole hours of the local time of day in a window of a day', () => {
    const from = new Date(2026, 0, 2, 3, 4, 5).getTime();
    const hours = timeTicks(from, from + 1440 * minute, 8).map((at) => formatClock(at));
    expect(hours).toEqual([
      '06:00:00',
      '09:00:00',
      '12:00:00',
      '15:00:00',
      '18:00:00',
      '21:00:00',
      '00:00:00',
      '03:00:00',
    ]);
  });

  it.each([1, 5, 15, 60, 360, 1440])('are never more than there is room for, at %i minutes', (minutes) => {
    for (const room of [2, 4, 10]) {
      const ticks = timeTicks(123_456, 123_456 + minutes * minute, room);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(room + 1);
    }
  });
});

describe('formatClock', () => {
  it('says hours, minutes and seconds in local time, two digits each', () => {
    expect(formatClock(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('03:04:05');
    expect(formatClock(new Date(2026, 0, 2, 23, 59, 59, 999).getTime())).toBe('23:59:59');
  });
});

describe('formatTickTime', () => {
  it('leaves out the seconds of a long window', () => {
    const at = new Date(2026, 0, 2, 3, 4, 5).getTime();
    expect([formatTickTime(at, 60 * minute), formatTickTime(at, 360 * minute)]).toEqual([
      '03:04:05',
      '03:04',
    ]);
  });
});
