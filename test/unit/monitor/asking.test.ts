import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Asking } from '../../../src/monitor/asking';
import type { Session } from '../../../src/monitor/session';
import { usualTiming } from '../../../src/monitor/timing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks at once where it is hurried, and from then on at the pace that is wanted then', async () => {
  const asked: number[] = [];
  // What is asked of it answers at once: the times are the subject here.
  const session = {
    askedAtMs: undefined,
    collect: () => {
      asked.push(Math.round(performance.now()) - startedMs);
      return Promise.resolve({ bytes: 0, rests: false, more: false });
    },
  } as unknown as Session;
  let intervalMs = 60_000;
  let hurried = new AbortController();
  const startedMs = Math.round(performance.now());
  const over = new AbortController();
  const asking = new Asking(
    session,
    {
      intervalMs: () => {
        hurried = new AbortController();
        return intervalMs;
      },
      hurried: () => hurried.signal,
      answered: () => undefined,
      late: () => undefined,
      secondWanted: () => undefined,
    },
    usualTiming,
  );
  const running = asking.run(over.signal);
  await vi.advanceTimersByTimeAsync(10_500);
  expect(asked).toEqual([0]);
  intervalMs = 1000;
  hurried.abort();
  await vi.advanceTimersByTimeAsync(3100);
  expect(asked).toEqual([0, 10_500, 11_500, 12_500, 13_500]);
  over.abort();
  await running;
});
