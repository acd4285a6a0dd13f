import { describe, expect, it } from 'vitest';
import { quantile } from '../../../bench/quantile';
import { parseTimeline, spansAbove } from '../../../bench/thrash/timeline';

describe('the timeline of the machine that thrashes', () => {
  const console = [
    '[    2.175975] systemd[1]: Failed to find module autofs4',
    '74.71 full=41.80 taken=810 free=50 file=2.1 majorFaults=265 read=39.8 oomKills=0 late=0.02\r',
    '[   75.180791] Out of memory: Killed process 170 (gunicorn)',
    '75.72 full=39.00 taken=811 free=49 file=1.9 majorFaults=244 read=40.1 oomKills=1 late=1.30\r',
    '76.8',
  ].join('\n');

  it('is found among what else is on the console', () => {
    expect(parseTimeline(console)).toEqual([
      {
        at: 74710,
        fullPercent: 41.8,
        fileMb: 2.1,
        majorFaultsPerSecond: 265,
        readMbPerSecond: 39.8,
        oomKills: 0,
        lateMs: 20,
      },
      {
        at: 75720,
        fullPercent: 39,
        fileMb: 1.9,
        majorFaultsPerSecond: 244,
        readMbPerSecond: 40.1,
        oomKills: 1,
        lateMs: 1300,
      },
    ]);
  });

  it('has spans above a limit, each from its first entry to its last', () => {
    const rest = { fileMb: 2, majorFaultsPerSecond: 265, readMbPerSecond: 40, oomKills: 0, lateMs: 0 };
    const timeline = [30, 41, 45, 40, 50].map((fullPercent, index) => ({
      ...rest,
      at: index * 1000,
      fullPercent,
    }));
    expect(spansAbove(timeline, 40)).toEqual([
      { from: 1000, to: 2000 },
      { from: 4000, to: 4000 },
    ]);
    expect(spansAbove([], 40)).toEqual([]);
  });
});

describe('a quantile', () => {
  it('is one of the values', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.5, 0.9, 1].map((share) => quantile(values, share))).toEqual([1, 3, 5, 5]);
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });

  it('of nothing is not a number', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});
