import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogLine } from '../../../../src/core/oom/envelope';
import type { OomEvent } from '../../../../src/core/oom/event';
import { readEvents } from '../oom/readEvents';
import { bytes, harmed, holds, notFinite, seed } from './random';

const root = join(import.meta.dirname, '../../../fixtures/oom');
const logs = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => ['kmsg.txt', 'dmesg.txt', 'journal.txt'].map((form) => join(root, name, form)))
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path, 'utf8'));

/** Some lines around a kill: a whole log is thousands of lines that nobody looks at. */
const aroundKills = logs.flatMap((log) => {
  const lines = log.split('\n');
  return lines
    .map((line, index) => (line.includes('Killed process') ? index : -1))
    .filter((index) => index >= 0)
    .slice(0, 3)
    .map((index) => lines.slice(Math.max(0, index - 60), index + 6).join('\n'));
});

const lines = logs.flatMap((log) => log.split('\n').filter((line) => /oom|Killed|Memory cgroup/i.test(line)));

const outcomes = ['killed', 'no-killable-process', 'already-exiting', 'deadlock', 'panic', 'unknown'];

function expectSound(events: readonly OomEvent[]): void {
  for (const event of events) {
    expect(notFinite(event)).toEqual([]);
    expect(outcomes).toContain(event.outcome);
    expect(event.id).toMatch(/^.{1,40}-(\d+|\?)(-\d+)?$/);
    expect(event.complete).toBe(event.missing.length === 0);
    expect(event.victims.length > 0).toBe(event.outcome === 'killed');
  }
}

describe(`whatever is in a kernel log (seed ${seed})`, () => {
  it('there are kills and lines to harm', () => {
    expect(aroundKills.length).toBeGreaterThan(10);
    expect(lines.length).toBeGreaterThan(100);
  });

  it('a line is a record without nonsense, or belongs to the one before', () => {
    holds(
      fc.property(fc.oneof(bytes, harmed(lines)), (line) => {
        const record = readLogLine(line);
        expect(notFinite(record)).toEqual([]);
        expect(record === undefined || typeof record.text === 'string').toBe(true);
      }),
      1000,
    );
  });

  it('a harmed log tells sound events or none', () => {
    let told = 0;
    holds(
      fc.property(harmed(aroundKills), (log) => {
        const { events } = readEvents(log.split('\n'));
        told += events.length;
        expectSound(events);
      }),
    );
    expect(told).toBeGreaterThan(100);
  });

  it('harmed lines in any order, with bytes among them, tell sound events or none', () => {
    const line = fc.oneof({ weight: 1, arbitrary: bytes }, { weight: 5, arbitrary: harmed(lines) });
    let told = 0;
    holds(
      fc.property(fc.array(line, { maxLength: 40 }), (all) => {
        const { events } = readEvents(all);
        told += events.length;
        expectSound(events);
      }),
    );
    expect(told).toBeGreaterThan(50);
  });
});
