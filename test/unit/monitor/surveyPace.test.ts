import { describe, expect, it } from 'vitest';
import { SurveyPace } from '../../../src/monitor/surveyPace';

const budget = { processorShare: 0.05, bytesPerSecond: 50_000 };

interface Host {
  /** Of a processor, at full pace; undefined: it does not tell. */
  readonly share?: number | undefined;
  readonly bytesPerSecond?: number;
  readonly processorShare?: number;
}

/** The pace on a host after so many seconds, of which each fifth tells what surveys have cost so far. */
function paceAfter(seconds: number, { share, bytesPerSecond = 10_000, processorShare = 0.05 }: Host): number {
  const pace = new SurveyPace({ ...budget, processorShare });
  let spentMs = 0;
  for (let second = 0; second <= seconds; second++) {
    const told = share === undefined || second % 5 !== 0 ? undefined : spentMs;
    pace.note(second * 1000, bytesPerSecond * pace.pace, told);
    spentMs += 1000 * (share ?? 0) * pace.pace;
  }
  return pace.pace;
}

describe('SurveyPace', () => {
  it('is full where surveys cost little', () => {
    expect(paceAfter(60, { share: 0.002 })).toBe(1);
  });

  it('slows down until a slow host is given no more than it may be, and keeps there', () => {
    expect(paceAfter(5, { share: 0.012 })).toBeCloseTo(0.25);
    expect(paceAfter(100, { share: 0.012 })).toBeCloseTo(0.25);
  });

  it('keeps to half of a small budget', () => {
    expect(paceAfter(100, { share: 0.002, processorShare: 0.001 })).toBeCloseTo(0.25);
  });

  it('keeps to half of the bytes, also where the host does not tell what its processes cost', () => {
    expect(paceAfter(100, { share: 0.002, bytesPerSecond: 100_000 })).toBeCloseTo(0.25, 1);
    expect(paceAfter(100, { share: undefined, bytesPerSecond: 100_000 })).toBeCloseTo(0.25, 1);
  });

  it('takes no more than half a pace where the cost is not known', () => {
    expect(paceAfter(60, { share: undefined })).toBe(0.5);
  });

  it('never stops', () => {
    expect(paceAfter(300, { share: 10 })).toBe(0.05);
  });

  it('grows back step by step when surveys have become cheap', () => {
    const pace = new SurveyPace(budget);
    pace.note(0, 0, 0);
    pace.note(5000, 0, 60);
    expect(pace.pace).toBe(0.25);
    pace.note(10_000, 0, 61);
    expect(pace.pace).toBe(0.375);
    for (let look = 0; look < 5; look++) pace.note(15_000 + look * 5000, 0, 62 + look);
    expect(pace.pace).toBe(1);
  });

  it('draws nothing from figures that went back, as those of a program that was started anew', () => {
    const pace = new SurveyPace(budget);
    pace.note(5000, 0, 1000);
    pace.note(10_000, 0, 3);
    pace.note(9000, 0, 4000);
    expect(pace.pace).toBe(1);
  });
});
