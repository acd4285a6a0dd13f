import { describe, expect, it } from 'vitest';
import { backOffMs } from '../../../src/monitor/backOff';
import { HostClock } from '../../../src/monitor/hostClock';

describe('backOffMs', () => {
  it('doubles from one second to one minute', () => {
    expect([1, 2, 3, 4, 7, 8, 1000].map((attempt) => backOffMs(attempt, 0.5))).toEqual([
      1000, 2000, 4000, 8000, 60_000, 60_000, 60_000,
    ]);
  });

  it('varies by a fifth', () => {
    expect([backOffMs(1, 0), backOffMs(1, 1)]).toEqual([800, 1200]);
  });
});

describe('HostClock', () => {
  it('takes the offset from the quickest answer', () => {
    const clock = new HostClock();
    clock.observe('a', 5_000, 1_000_000, 1_000_800);
    expect(clock.toWallMs('a', 5_000)).toBe(1_000_400);
    clock.observe('a', 6_000, 1_001_050, 1_001_052);
    expect(clock.toWallMs('a', 6_000)).toBe(1_001_051);
    clock.observe('a', 7_000, 1_002_000, 1_002_900);
    expect(clock.toWallMs('a', 7_000)).toBe(1_002_051);
  });

  it('starts anew when the host has booted again or a clock was set', () => {
    const clock = new HostClock();
    clock.observe('a', 500_000, 1_000_000, 1_000_002);
    clock.observe('b', 20_000, 1_030_000, 1_030_100);
    expect(clock.toWallMs('b', 20_000)).toBe(1_030_050);
    expect(clock.toWallMs('a', 500_500)).toBe(1_000_501); // an event of the boot before keeps its time
    expect(clock.toWallMs('c', 1)).toBeUndefined();
    clock.observe('b', 21_000, 9_000_000, 9_000_100);
    expect(clock.toWallMs('b', 21_000)).toBe(9_000_050);
  });
});
