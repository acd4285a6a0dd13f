import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Silence } from '../../../src/monitor/silence';

describe('Silence', () => {
  let told: string[];
  let startMs: number;
  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    startMs = Date.now();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function watch(): Silence {
    const note = (what: string) => () => told.push(`${what} after ${Date.now() - startMs}`);
    return new Silence(
      { silentMs: 1500, secondMs: 30_000, secondAfterSleepMs: 5000 },
      { silent: note('silent'), second: note('second') },
    );
  }

  it('tells each once, when it is due', () => {
    watch();
    vi.advanceTimersByTime(100_000);
    expect(told).toEqual(['silent after 1500', 'second after 30000']);
  });

  it('tells nothing after the answer', () => {
    const silence = watch();
    vi.advanceTimersByTime(2000);
    silence.end();
    vi.advanceTimersByTime(100_000);
    expect(told).toEqual(['silent after 1500']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not count the time in which this machine slept, and then waits anew, less long for a second', () => {
    watch();
    vi.advanceTimersByTime(1000);
    vi.setSystemTime(Date.now() + 3_600_000); // timers stand still meanwhile
    const awakeMs = Date.now();
    vi.advanceTimersByTime(1999); // the first is found to be late at 500
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([`silent after ${awakeMs + 2000 - startMs}`]);
    vi.advanceTimersByTime(3499);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(told.slice(1)).toEqual([`second after ${awakeMs + 5500 - startMs}`]);
    vi.advanceTimersByTime(100_000);
    expect(told).toHaveLength(2);
  });

  it('takes a timer that is a little late, on a busy machine, for what it is', () => {
    watch();
    vi.setSystemTime(Date.now() + 1900);
    vi.advanceTimersByTime(1500);
    expect(told).toEqual(['silent after 3400']);
  });

  it('tells nothing when the answer comes while it waits anew', () => {
    const silence = watch();
    vi.setSystemTime(Date.now() + 60_000);
    vi.advanceTimersByTime(1600);
    silence.end();
    vi.advanceTimersByTime(100_000);
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
