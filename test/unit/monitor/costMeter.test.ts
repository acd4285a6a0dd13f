import { describe, expect, it } from 'vitest';
import { CostMeter } from '../../../src/monitor/costMeter';

const cost = (processorMs: number): { name: string; pid: string; processorMs: number }[] => [
  { name: 'awk', pid: 'self', processorMs: processorMs * 0.75 },
  { name: 'shell', pid: '42', processorMs: processorMs * 0.25 },
];

describe('CostMeter', () => {
  it('tells shares of the last half minute, and what one answer takes', () => {
    const meter = new CostMeter();
    expect(meter.cost).toBeUndefined();
    for (let second = 0; second <= 100; second++) {
      // Twice as dear in the second half.
      const spentMs = second <= 50 ? second : 50 + (second - 50) * 2;
      const told = second % 5 === 0 ? cost(spentMs) : [];
      meter.note(second * 1000, 2500, { cost: told, text: {} });
    }
    expect(meter.cost).toEqual({
      processorShare: 0.002,
      bytesPerSecond: 2500,
      surveyShare: 0,
      processorMsPerAnswer: 2,
      bytesPerAnswer: 2500,
      residentBytes: undefined,
    });
  });

  it('adds what surveys take, but not to what an answer takes', () => {
    const meter = new CostMeter();
    for (let second = 0; second <= 30; second++) {
      const every5 = second % 5 === 0;
      meter.noteSurvey(1000, every5 ? [{ name: 'survey', pid: '77', processorMs: second * 3 }] : []);
      meter.note(second * 1000, 2500, { cost: every5 ? cost(second) : [], text: {} });
    }
    expect(meter.cost).toEqual({
      processorShare: 0.004,
      bytesPerSecond: 3500,
      surveyShare: 0.003,
      processorMsPerAnswer: 1,
      bytesPerAnswer: 2500,
      residentBytes: undefined,
    });
    expect(meter.pathsToRead(30_000)).toContain('proc/77/smaps_rollup');
  });

  it('asks for the memory once a minute, and counts what it runs from once', () => {
    const meter = new CostMeter(4_000_000);
    expect(meter.pathsToRead(0)).toEqual([]);
    meter.note(0, 100, { cost: cost(1), text: {} });
    const paths = meter.pathsToRead(1000);
    expect(paths).toEqual(['proc/self/smaps_rollup', 'proc/42/smaps_rollup']);
    expect(meter.pathsToRead(60_999)).toEqual([]); // also where they could not be read
    const text = {
      'proc/self/smaps_rollup': 'Pss:                1300 kB\nPss_Shmem:          1000 kB\n',
      'proc/42/smaps_rollup': 'Pss:                 500 kB\n',
    };
    meter.note(2000, 100, { cost: [], text });
    expect(meter.cost?.residentBytes).toBe(4_000_000 + 800 * 1024);
    expect(meter.pathsToRead(61_000)).toEqual(paths);
  });

  it('tells no share over counters that went back', () => {
    const meter = new CostMeter();
    meter.note(0, 100, { cost: cost(500), text: {} });
    meter.note(5000, 100, { cost: cost(3), text: {} });
    expect(meter.cost).toBeUndefined();
  });
});
