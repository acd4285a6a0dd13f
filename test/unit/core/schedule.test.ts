import { describe, expect, it } from 'vitest';
import { isNearCliff, longestPauseMs, nextIntervalMs, type Circumstances } from '../../../src/core/schedule';

const pace = { pollMs: 1000, idleMs: 5000, cliffMs: 500 };
const calm: Circumstances = {
  looked: true,
  availableShare: 0.5,
  memoryFullPercent: 0,
  processorMsPerAnswer: 0.6,
  budgetShare: 0.05,
  bytesPerAnswer: 2500,
  budgetBytesPerSecond: 50_000,
  rests: false,
};

describe('the pause between two questions', () => {
  it.each<[string, Partial<Circumstances>, number]>([
    ['while somebody looks', {}, 1000],
    ['while nobody does', { looked: false }, 5000],
    ['with little memory available', { availableShare: 0.09 }, 500],
    ['with little memory available, though nobody looks', { looked: false, availableShare: 0.09 }, 500],
    ['while all programs wait for memory', { looked: false, memoryFullPercent: 5 }, 500],
    ['with nothing known', { availableShare: undefined, memoryFullPercent: undefined }, 1000],
    ['with answers that cost 100 ms of a processor', { processorMsPerAnswer: 100 }, 2000],
    ['with answers of 200 kB', { bytesPerAnswer: 200_000 }, 4000],
    ['with answers that cost a second, which would be one in 20 s', { processorMsPerAnswer: 1000 }, 5000],
    ['after the program has refused for its budget', { rests: true }, 5000],
    ['near the cliff, over the budget', { availableShare: 0.01, processorMsPerAnswer: 100 }, 2000],
  ])('%s', (_, some, expected) => {
    expect(nextIntervalMs(pace, { ...calm, ...some })).toBe(expected);
  });

  it('is never shorter for a host that nobody looks at', () => {
    expect(nextIntervalMs({ ...pace, pollMs: 30_000 }, { ...calm, looked: false })).toBe(30_000);
  });

  it('is not made longer by the cliff', () => {
    expect(nextIntervalMs({ ...pace, cliffMs: 60_000 }, { ...calm, availableShare: 0.01 })).toBe(1000);
  });

  it('keeps the budget, down to one answer in five seconds', () => {
    for (let costMs = 0.1; costMs < 10_000; costMs *= 1.7) {
      const pauseMs = nextIntervalMs(pace, { ...calm, processorMsPerAnswer: costMs });
      expect(pauseMs).toBeLessThanOrEqual(longestPauseMs);
      if (pauseMs < longestPauseMs) expect(costMs / pauseMs).toBeLessThanOrEqual(calm.budgetShare + 1e-9);
    }
  });

  it('knows the cliff by either sign', () => {
    expect(isNearCliff(calm)).toBe(false);
    expect(isNearCliff({ ...calm, availableShare: 0.0999 })).toBe(true);
    expect(isNearCliff({ ...calm, memoryFullPercent: 4.9 })).toBe(false);
  });
});
