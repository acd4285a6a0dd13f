import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Attempts } from '../../../src/monitor/attempts';
import { ConnectionError } from '../../../src/transport/connection';

const refused = new ConnectionError('tcp', 'retry', 'refused');
const changedKey = new ConnectionError('host-key', 'user', 'changed');

/** Something that is open until it is closed. */
class Opened {
  closed = false;
  close(): void {
    this.closed = true;
  }
}

describe('Attempts', () => {
  let told: string[];
  let startMs: number;
  let leastPauseMs: number;
  /** What each attempt in turn comes to, and after how long. */
  let outcomes: { readonly afterMs: number; readonly outcome: Opened | Error }[];
  let atOnce: number;
  let mostAtOnce: number;
  let attempts: Attempts<Opened>;
  const running = new AbortController().signal;
  const sinceStart = (): number => Math.round(performance.now() - startMs);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    vi.spyOn(Math, 'random').mockReturnValue(0.5); // no jitter
    told = [];
    startMs = performance.now();
    leastPauseMs = 0;
    outcomes = [];
    atOnce = mostAtOnce = 0;
    attempts = new Attempts<Opened>({
      open: async () => {
        const { afterMs, outcome } = outcomes.shift() ?? { afterMs: 1e9, outcome: refused };
        mostAtOnce = Math.max(mostAtOnce, ++atOnce);
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        atOnce -= 1;
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
      isFinal: (error) => error.remedy !== 'retry',
      leastPauseMs: () => leastPauseMs,
      onStart: () => told.push(`${sinceStart()} start`),
      onFailure: (error, nextMs) =>
        told.push(`${sinceStart()} ${error.message}, next at ${Math.round(nextMs - startMs)}`),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const fails = (afterMs: number, error: Error = refused): (typeof outcomes)[number] => ({
    afterMs,
    outcome: error,
  });

  it('come after pauses that double, until one succeeds', async () => {
    const opened = new Opened();
    outcomes = [fails(10), fails(10), fails(10), { afterMs: 10, outcome: opened }];
    const next = attempts.next(running);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await next).toBe(opened);
    expect(opened.closed).toBe(false);
    expect(told).toEqual([
      '0 start',
      '10 refused, next at 1010',
      '1010 start',
      '1020 refused, next at 3020',
      '3020 start',
      '3030 refused, next at 7030',
      '7030 start',
    ]);
    expect(mostAtOnce).toBe(1);
    expect(attempts.underWay).toBe(false);
  });

  it('wait half a minute after one that timed out', async () => {
    outcomes = [fails(9999), fails(10_000)];
    void attempts.next(running);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([
      '0 start',
      '9999 refused, next at 10999',
      '10999 start',
      '20999 refused, next at 50999',
      '50999 start',
    ]);
    expect(attempts.underWay).toBe(true);
  });

  it('are never closer than what is asked for at the moment', async () => {
    leastPauseMs = 30_000;
    outcomes = [fails(5), fails(5), fails(5)];
    void attempts.next(running);
    await vi.advanceTimersByTimeAsync(31_000);
    leastPauseMs = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.filter((line) => line.endsWith('start'))).toEqual([
      '0 start',
      '30005 start',
      '60010 start',
      '64015 start',
    ]);
  });

  it('end with an error that a person has to act on', async () => {
    outcomes = [fails(5), fails(5, changedKey)];
    const next = attempts.next(running);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await next).toBe(changedKey);
    expect(told).toHaveLength(3);
  });

  it('take an unexpected error for one that may pass', async () => {
    outcomes = [fails(5, new TypeError('x is not a function'))];
    void attempts.next(running);
    await vi.advanceTimersByTimeAsync(500);
    expect(told[1]).toBe('5 Unexpected: x is not a function., next at 1005');
  });

  it('when they are ended close what still comes of the one under way', async () => {
    const opened = new Opened();
    outcomes = [{ afterMs: 5000, outcome: opened }];
    const end = new AbortController();
    const next = attempts.next(end.signal);
    await vi.advanceTimersByTimeAsync(100);
    end.abort();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await next).toBeUndefined();
    expect(opened.closed).toBe(true);
    expect(told).toEqual(['0 start']);
  });

  it('when they are ended in a pause begin no other', async () => {
    outcomes = [fails(5)];
    const end = new AbortController();
    const next = attempts.next(end.signal);
    await vi.advanceTimersByTimeAsync(100);
    end.abort();
    expect(await next).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after a loss come soon, but not sooner than was promised', async () => {
    leastPauseMs = 30_000; // counts for attempts, not for a loss
    expect(Math.round(attempts.lost() - startMs)).toBe(1000);
    outcomes = [fails(5)];
    const end = new AbortController();
    void attempts.next(end.signal);
    await vi.advanceTimersByTimeAsync(2000);
    end.abort();
    expect(told).toEqual(['1000 start', '1005 refused, next at 31005']);
    expect(Math.round(attempts.lost() - startMs)).toBe(31_005);
  });

  it('begin anew where something worked in between, and at once where somebody wants to', async () => {
    attempts.lost();
    attempts.lost();
    attempts.succeeded();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(Math.round(attempts.lost() - startMs)).toBe(11_000);
    attempts.forget();
    void attempts.next(running);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(['10000 start']);
  });
});
