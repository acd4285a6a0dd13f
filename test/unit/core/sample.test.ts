import { describe, expect, it } from 'vitest';
import type { Capture } from '../../../src/core/capture';
import { fastSources, sampleOf } from '../../../src/core/sample';

const capture = (text: Record<string, string>, unreadable: string[] = []): Capture => ({
  bootId: 'boot',
  clock: 'asked',
  seq: 7,
  hostUptimeMs: 5000,
  askedAtMs: 100,
  receivedAtMs: 350.5,
  text,
  unreadable,
});

describe('sampleOf', () => {
  it('keeps what is good and says what is wrong with the rest', () => {
    const sample = sampleOf(
      capture({ 'proc/loadavg': '0.50 0.40 0.30 2/100 999\n', 'proc/meminfo': 'MemTotal: much\n' }, [
        'proc/pressure/memory',
      ]),
    );
    expect(sample).toMatchObject({ at: 5000, bootId: 'boot', seq: 7, answerDelayMs: 250.5 });
    expect(sample.loadavg).toEqual({ load1: 0.5, load5: 0.4, load15: 0.3, runnable: 2, threads: 100 });
    expect(sample.meminfo).toBeUndefined();
    expect(sample.problems.meminfo).toEqual({
      kind: 'malformed',
      message: 'proc/meminfo:0: MemFree is missing: MemTotal: much\n',
      refused: ['proc/meminfo:1: kB expected: MemTotal: much'],
    });
    expect(sample.problems.memoryPressure?.kind).toBe('unreadable');
    expect(sample.problems.vmstat?.kind).toBe('missing');
    expect(sample.problems.loadavg).toBeUndefined();
  });

  it('refuses a value that cannot be, tells it, and keeps the rest of its source', () => {
    const good = 'MemTotal: 995360 kB\nMemFree: 740040 kB\nSwapTotal: 524284 kB\n';
    const sample = sampleOf(capture({ 'proc/meminfo': `${good}SwapFree: 18446744073709551360 kB\n` }));
    const message = 'proc/meminfo:4: out of range: 18446744073709551360: SwapFree: 18446744073709551360 kB';
    expect(sample.meminfo).toEqual({
      memTotalBytes: 995_360 * 1024,
      memFreeBytes: 740_040 * 1024,
      swapTotalBytes: 524_284 * 1024,
    });
    expect(sample.problems.meminfo).toEqual({ kind: 'nonsense', message, refused: [message] });
  });

  it('tells the first of many values, counts all, and keeps 20', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `8 ${index} sd${index}\n`).join('');
    const { problems } = sampleOf(capture({ 'proc/diskstats': `8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n${lines}` }));
    expect(problems.diskstats?.message).toBe(
      'proc/diskstats:2: at least 14 columns expected: 8 0 sd0 (and 29 more)',
    );
    expect(problems.diskstats?.refused).toHaveLength(20);
  });

  it('has a problem for each source of an empty capture, and does not throw', () => {
    expect(Object.keys(sampleOf(capture({})).problems).sort()).toEqual(Object.keys(fastSources).sort());
  });

  it('does not take what every object inherits for a text', () => {
    const text = Object.create({ 'proc/loadavg': '0.50 0.40 0.30 2/100 999\n' }) as Record<string, string>;
    expect(sampleOf(capture(text)).problems.loadavg?.kind).toBe('missing');
  });
});
