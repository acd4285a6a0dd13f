import { describe, expect, it } from 'vitest';
import { LowMemoryAlarm } from '../../../src/core/lowMemoryAlarm';

/** Seconds at which the alarm went off, for shares given one a second. */
function alarms(shares: readonly number[]): number[] {
  const alarm = new LowMemoryAlarm(10_000);
  return shares.flatMap((share, second) => (alarm.push(second * 1000, share, 7) ? [second] : []));
}

describe('LowMemoryAlarm', () => {
  it('goes off once, after ten seconds below the threshold', () => {
    expect(alarms(Array<number>(60).fill(5))).toEqual([10]);
  });

  it('is not set off by a dip', () => {
    expect(alarms([...Array<number>(9).fill(5), 7, ...Array<number>(9).fill(5), 20])).toEqual([]);
  });

  it('begins anew after a reboot', () => {
    const alarm = new LowMemoryAlarm(10_000);
    const push = (second: number): boolean => alarm.push(second * 1000, 5, 7);
    expect([1000, 1005, 20, 25, 30, 31].map(push)).toEqual([false, false, false, false, true, false]);
  });

  it('goes off again only after a clear recovery', () => {
    const low = Array<number>(15).fill(5);
    expect(alarms([...low, 7.5, ...low, 9, ...low])).toEqual([10, 15 + 1 + 15 + 1 + 10]);
  });
});
