import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Capture } from '../../../src/core/capture';
import { chartValues } from '../../../src/core/point';
import { History } from '../../../src/core/history';
import { hostFactsOf } from '../../../src/core/hostFacts';
import { interruptionsBetween } from '../../../src/core/interruptions';
import { ratesBetween } from '../../../src/core/rates';
import { sampleOf } from '../../../src/core/sample';

/** What `npm run bench:thrash` recorded of a machine of 1 GB: a capture a line, in the order in which they came. */
const file = join(import.meta.dirname, '../../fixtures/recordings/debian12-6.1-thrash.jsonl.gz');
const captures = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Capture);
const samples = captures.map(sampleOf).sort((a, b) => a.at - b.at);
const pairs = samples.slice(1).map((now, index) => {
  const last = samples[index] ?? now;
  return { last, now, rates: ratesBetween(last, now, 4096, 2) };
});

describe('a machine that thrashes for minutes', () => {
  it('was heard late and not in order, and told without a fault', () => {
    expect(captures.some(({ clock }) => clock === 'own')).toBe(true);
    expect(new Set(samples.map(({ at }) => at)).size).toBe(samples.length);
    for (const sample of samples) expect(sample.problems).toEqual({});
    for (const { rates } of pairs) expect(rates?.refused).toEqual([]);
  });

  it('lost more than 40 % of its time to memory for two minutes and more, with next to no page cache', () => {
    const thrashing = pairs.filter(({ now }) => (now.memoryPressure?.full?.avg10Percent ?? 0) > 40);
    const ms = thrashing.reduce((sum, { last, now }) => sum + now.at - last.at, 0);
    expect(ms).toBeGreaterThan(120_000);
    expect(median(thrashing.map(({ rates }) => rates?.pgmajfaultPerSecond ?? 0))).toBeGreaterThan(100);
    const filePages = thrashing.map(
      ({ now }) => (now.meminfo?.activeFileBytes ?? 0) + (now.meminfo?.inactiveFileBytes ?? 0),
    );
    expect(median(filePages)).toBeLessThan(10e6);
  });

  it('never slept, was never paused and kept its clock, whatever it looked like from here', () => {
    for (const { last, now } of pairs) expect(interruptionsBetween(last, now, 2, undefined)).toEqual([]);
  });

  it('gives one history, in whatever order its samples come', () => {
    const facts = hostFactsOf({});
    const points = pairs.map(({ now, rates }) => ({
      at: now.at,
      values: chartValues({ sample: now, rates, facts }),
    }));
    const historyOf = (some: typeof points): History => {
      const history = new History();
      for (const { at, values } of some) history.add(at, values);
      return history;
    };
    const inOrder = historyOf(points);
    const asTheyCame = historyOf(
      captures.flatMap(({ hostUptimeMs }) => points.filter(({ at }) => at === hostUptimeMs)),
    );
    expect(asTheyCame.points()).toEqual(inOrder.points());
    expect(asTheyCame.ranges(0, 100)).toEqual(inOrder.ranges(0, 100));
    expect(inOrder.points()).toHaveLength(points.length);
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
