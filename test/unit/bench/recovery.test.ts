import { describe, expect, it } from 'vitest';
import { parseObservations, type Observation } from '../../../bench/rescue/observation';
import { recoveryOf } from '../../../bench/rescue/recovery';

describe('what observe writes', () => {
  it('is found among what else is on the console', () => {
    const console = [
      '[   75.180791] Out of memory: Killed process 170 (thrash)',
      'observed 75.72 full=46.35 total=51234 available=0 file=2116 oomKills=1 containers=4 frozen=2 late=0.03\r',
      'observed 76.2',
    ].join('\n');
    expect(parseObservations(console)).toEqual([
      {
        at: 75_720,
        fullPercent: 46.35,
        fullTotalMs: 51_234,
        availableBytes: 0,
        fileBytes: 2116 * 1024,
        oomKills: 1,
        containers: 4,
        frozen: 2,
        lateMs: 30,
      },
    ]);
  });
});

/** Half of all time is waited for until 110 s; frozen at 103 s, dead from 108 to 109 s. */
function observedAt(second: number): Observation {
  return {
    at: second * 1000,
    fullPercent: second < 118 ? 46 : 9,
    fullTotalMs: Math.min(second, 110) * 500,
    availableBytes: second < 109 ? 10 : 600,
    fileBytes: 2,
    oomKills: second < 50 ? 1 : second < 101 ? 2 : 3,
    containers: second < 108 ? 4 : second < 109 ? 1 : 0,
    frozen: second >= 103 && second < 108 ? 4 : 0,
    lateMs: second === 105 ? 700 : 10,
  };
}

describe('how a machine comes back', () => {
  const seconds = Array.from({ length: 160 }, (_, second) => observedAt(second));

  it('is told since the start of the rescue', () => {
    expect(recoveryOf(seconds, 100_000, 4)).toEqual({
      frozenMs: 3000,
      firstDeadMs: 8000,
      allDeadMs: 9000,
      calmAvg10Ms: 18_000,
      calmMs: 10_000,
      availableBeforeBytes: 10,
      availableAfterBytes: 600,
      fullBeforePercent: 46,
      fileBeforeBytes: 2,
      oomKills: 2,
      lateMs: 700,
      last: { ms: 59_000, containers: 0 },
    });
  });

  it('lacks what did not happen', () => {
    const recovery = recoveryOf(seconds.slice(0, 107), 100_000, 4);
    expect(recovery).toMatchObject({ frozenMs: 3000, last: { ms: 6000, containers: 4 } });
    expect(recovery.allDeadMs).toBeUndefined();
    expect(recovery.calmMs).toBeUndefined();
    expect(recovery.availableAfterBytes).toBeUndefined();
  });
});
