import { describe, expect, it } from 'vitest';
import type { Capture } from '../../../src/core/capture';
import { fastSources, sampleOf } from '../../../src/core/sample';

const capture = (text: Record<string, string>, unreadable: string[] = []): Capture => ({
  bootId: 'boot',
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
      message: 'proc/meminfo:1: kB expected: MemTotal: much',
    });
    expect(sample.problems.memoryPressure?.kind).toBe('unreadable');
    expect(sample.problems.vmstat?.kind).toBe('missing');
    expect(sample.problems.loadavg).toBeUndefined();
  });

  it('has a problem for each source of an empty capture, and does not throw', () => {
    expect(Object.keys(sampleOf(capture({})).problems).sort()).toEqual(Object.keys(fastSources).sort());
  });

  it('does not take what every object inherits for a text', () => {
    const text = Object.create({ 'proc/loadavg': '0.50 0.40 0.30 2/100 999\n' }) as Record<string, string>;
    expect(sampleOf(capture(text)).problems.loadavg?.kind).toBe('missing');
  });
});
