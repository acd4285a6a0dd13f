import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { closeReplaced } from '../../../src/monitor/replacedSession';
import type { Session } from '../../../src/monitor/session';
import type { Standby } from '../../../src/monitor/standby';
import { usualTiming } from '../../../src/monitor/timing';

const never = new Promise<never>(() => undefined);
let closedAfterMs: number | undefined;
let handOver: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  closedAfterMs = undefined;
});
afterEach(() => {
  vi.useRealTimers();
});

/** Replaces a connection over which something is kept open to act. @param told whether it tells what it holds. */
function replace(told: Promise<unknown>): void {
  const startedAtMs = performance.now();
  const close = (): void => {
    closedAfterMs = performance.now() - startedAtMs;
  };
  const handedOver = new Promise<void>((resolve) => (handOver = resolve));
  const session = { ended: never, close } as unknown as Session;
  const standby = { handedOver: () => handedOver, idle: () => Promise.resolve() } as unknown as Standby;
  void closeReplaced(session, told, standby, usualTiming, new AbortController().signal);
}

it('a connection that was replaced stays open until the other one has what is needed to act', async () => {
  replace(Promise.resolve());
  await vi.advanceTimersByTimeAsync(120_000);
  expect(closedAfterMs).toBeUndefined();
  handOver();
  await vi.advanceTimersByTimeAsync(1);
  expect(closedAfterMs).toBe(120_000);
});

it('a connection that was replaced is closed at last where the other one never has it', async () => {
  replace(Promise.resolve());
  await vi.advanceTimersByTimeAsync(600_000);
  expect(closedAfterMs).toBe(usualTiming.actGraceMs);
});

it('a connection that was replaced has its time to tell what it holds, and no longer', async () => {
  replace(never);
  handOver();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(closedAfterMs).toBe(usualTiming.graceMs);
});
