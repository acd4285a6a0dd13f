import { describe, expect, it } from 'vitest';
import { LatestEvents } from '../../../scripts/headless/latestEvents';
import type { OomEvent } from '../../../src/core/oom/event';

function event(kernelTimeMs: number, victims = 1, more: Partial<OomEvent> = {}): OomEvent {
  return {
    kind: 'kernel',
    id: `${kernelTimeMs}-1`,
    kernelTimeMs,
    scope: 'global',
    victims: Array.from({ length: victims }, (_, index) => ({ pid: index + 1, name: 'a' })),
    outcome: 'killed',
    complete: true,
    missing: [],
    ...more,
  };
}

function latest(events: readonly OomEvent[]): OomEvent[] {
  const told: OomEvent[] = [];
  const reader = new LatestEvents((each, index) => {
    expect(index).toBe(told.length);
    told.push(each);
  });
  for (const each of events) reader.note(each);
  reader.end();
  return told;
}

const hundred = Array.from({ length: 100 }, (_, index) => event(1000 + index));

describe('LatestEvents', () => {
  it('tells each event once, in its last form', () => {
    expect(latest([event(1), event(2), event(1, 2), event(1, 3), event(3)])).toEqual([
      event(1, 3),
      event(2),
      event(3),
    ]);
    expect(latest([...hundred, event(5000), event(5000, 4)])).toEqual([...hundred, event(5000, 4)]);
  });

  it('does not wait for the end of a log', () => {
    const told: OomEvent[] = [];
    const reader = new LatestEvents((each) => told.push(each));
    for (const each of hundred) reader.note(each);
    expect(told).toEqual(hundred.slice(0, told.length));
    expect(told.length).toBeGreaterThan(80);
  });

  it('tells events of a buffer that is read again once, and no worse', () => {
    expect(latest([...hundred, ...hundred])).toEqual(hundred);
    expect(latest([event(1), event(1, 1, { missing: ['trigger'], complete: false })])).toEqual([event(1)]);
  });

  it('tells an event once that the log holds with the name of the host and without', () => {
    const plain = event(7, 1, { kernelTimeMicroseconds: 7123 });
    const withHost = { ...plain, host: 'a' };
    expect(latest([withHost, plain])).toEqual([plain]);
    expect(latest([plain, ...hundred, withHost])).toEqual([plain, ...hundred]);
    const worse = { ...withHost, missing: ['trigger'] as const, complete: false };
    expect(latest([plain, worse])).toEqual([plain]);
    // Two hosts, and another process in the same microsecond, are not one.
    expect(latest([withHost, { ...plain, host: 'b' }])).toHaveLength(2);
    expect(latest([plain, { ...withHost, id: '7-9', victims: [{ pid: 9, name: 'a' }] }])).toHaveLength(2);
  });

  it('tells the same id of another boot, host or killer apart', () => {
    const all = [
      event(1),
      event(1, 1, { boot: 1 }),
      event(1, 1, { host: 'b' }),
      event(1, 1, { kind: 'earlyoom' }),
    ];
    expect(latest(all)).toHaveLength(4);
  });

  it('puts an event in its place that is told late', () => {
    expect(latest([event(2), event(1), event(3)]).map(({ kernelTimeMs }) => kernelTimeMs)).toEqual([1, 2, 3]);
  });
});
