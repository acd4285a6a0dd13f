import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostOomEvent } from '../../../src/core/oomEvents/hostEvent';
import type { Sample } from '../../../src/core/sample';
import { OomEventFiles } from '../../../src/monitor/oomEventFiles';
import { OomWatch, type OomHost } from '../../../src/monitor/oomWatch';
import type { Connection } from '../../../src/transport/connection';

const fixture = join(import.meta.dirname, '../../fixtures/oom/global-plain/kmsg.txt');
const report = readFileSync(fixture, 'utf8').trimEnd();
const seconds = 85;
const bootedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5);

/** The report as it would stand in the log that much later. */
function later(bySeconds: number): string {
  return report.replace(
    /^(\d+,\d+),(\d{2})(\d{6}),/gm,
    (_, before: string, whole: string, rest: string) => `${before},${Number(whole) + bySeconds}${rest},`,
  );
}

/** A host whose kernel log is this text, which goes on. */
function connectionWith(log: string): Connection {
  const stream = new PassThrough();
  stream.write(`log kmsg\n${log}\n`);
  const channel = {
    stream,
    stderr: () => '',
    onStderr: () => undefined,
    exit: new Promise<never>(() => undefined),
    close: () => stream.end(),
  };
  return {
    exec: () => Promise.resolve(channel),
    openUnixSocket: () => Promise.reject(new Error('there is none')),
    close: () => undefined,
    closed: new Promise<never>(() => undefined),
  };
}

/** A host whose clock is known, and of which nothing else is. */
const quietHost: OomHost = {
  wallMsOf: (_, uptimeMs) => bootedAtMs + uptimeMs,
  pointsSince: () => [],
  standby: () => undefined,
  processes: () => 0,
  mayRead: () => false,
  read: () => Promise.reject(new Error('it answers no surveys')),
  lookUp: () => Promise.reject(new Error('it keeps no logs')),
};

async function watched(log: string, events: number): Promise<OomWatch> {
  const watch = new OomWatch(quietHost, { sudo: () => false, log: () => undefined }, (error) => {
    throw error;
  });
  const over = new AbortController();
  const told = new Promise<void>((resolve) => watch.onEvent(() => watch.events.size === events && resolve()));
  const following = watch.follow(connectionWith(log), 'boot', over.signal);
  await told;
  over.abort();
  void following;
  return watch;
}

describe('OomWatch', () => {
  it('keeps the tables of tasks of the newest 50 events only', async () => {
    const log = Array.from({ length: 60 }, (_, index) => later(index * 100 + 1000)).join('\n');
    const events = [...(await watched(log, 60)).events.values()];
    expect(events.map(({ event }) => event.tasks !== undefined)).toEqual(
      events.map((_, index) => index >= 10),
    );
    const times = events.map(({ event }) => event.kernelTimeMs ?? 0);
    expect(times.map((ms) => Math.floor(ms / 1000) - seconds)).toEqual(
      events.map((_, index) => index * 100 + 1000),
    );
    expect(events.map(({ atMs }) => atMs)).toEqual(times.map((ms) => bootedAtMs + ms));
    expect(events.every(({ event }) => event.complete && event.victims.length === 1)).toBe(true);
  });

  it('has the last lines of the log out of their envelopes', async () => {
    const { lastLines } = await watched(report, 1);
    expect(lastLines).toHaveLength(20);
    expect(lastLines.at(-1)).toMatchObject({
      kernelTimeMs: 85283,
      text: expect.stringMatching(/^Out of memory: Killed process 882 /) as string,
    });
  });
});

describe('OomWatch, beside other windows and after them', () => {
  const bootId = '0b6f5e3c-5d6a-4d0e-9f5e-000000000001';
  const killMs = 85_283;
  const ofLine = `${bootId}-k${killMs}-882`;
  let folder: string;
  const closing: (() => void)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oom-watch-'));
  });

  afterEach(async () => {
    for (const close of closing.splice(0)) close();
    await vi.waitFor(() => rmSync(folder, { recursive: true, force: true })); // a write may be under way
  });

  /** A window that has read what is kept. */
  async function opened(): Promise<OomWatch> {
    const store = new OomEventFiles(folder);
    const window = new OomWatch(quietHost, { sudo: () => false, log: () => undefined, store }, (error) => {
      throw error;
    });
    closing.push(() => window.close());
    await new Promise<void>((resolve) => window.onChange(resolve));
    return window;
  }

  /** It has no table, so that it is another reading than that of the log. */
  function kill(more: Partial<HostOomEvent> = {}, kernelTimeMs = killMs): HostOomEvent {
    return {
      key: `${bootId}-k${kernelTimeMs}-882`,
      event: {
        kind: 'kernel',
        id: `${kernelTimeMs}-882`,
        kernelTimeMs,
        scope: 'global',
        victims: [{ pid: 882, name: 'jupyter-noteboo' }],
        outcome: 'killed',
        complete: false,
        missing: ['trigger'],
      },
      bootId,
      atMs: bootedAtMs + kernelTimeMs,
      sources: ['kernel-log'],
      ...more,
    };
  }

  /** As one that cannot read the log has counted it. */
  function counted(): HostOomEvent {
    const { event, ...others } = kill();
    return {
      ...others,
      key: `${bootId}-c1-0`,
      event: { ...event, id: '86000-count-1', victims: [], missing: ['victim'] },
      sources: ['counters'],
      witnessed: { count: 1, fromCount: 0, toCount: 1, fromMs: 85_000, toMs: 86_000, cgroups: [], gone: [] },
    };
  }

  /** The counter of kills rises around the time of the report, and half a minute goes by. */
  function count(window: OomWatch, kills: number): void {
    for (const [at, oomKill] of [
      [85_000, 0],
      [86_000, kills],
      [120_000, kills],
    ])
      window.noteMoment({ sample: { bootId, at, vmstat: { oomKill } } as unknown as Sample });
  }

  /** Reads this log until it knows so many events with a victim. */
  async function reads(window: OomWatch, log: string, events: number): Promise<void> {
    const over = new AbortController();
    closing.push(() => over.abort());
    void window.follow(connectionWith(log), bootId, over.signal);
    await vi.waitFor(() => expect(named(window)).toHaveLength(events), { timeout: 7000 });
  }

  const named = (window: OomWatch): string[] =>
    [...window.events.values()].filter(({ event }) => event.victims.length > 0).map(({ key }) => key);
  const keys = (window: OomWatch): string[] => [...window.events.keys()];

  it('does not let a cleared kill come back under the name that it has in the log', async () => {
    const first = await opened();
    count(first, 1);
    await reads(first, report, 1);
    expect(keys(first)).toEqual([`${bootId}-c1-0`]);
    await first.clear();
    const next = await opened();
    await reads(next, `${report}\n${later(1000)}`, 1);
    expect(keys(next)).toEqual([`${bootId}-k${killMs + 1_000_000}-882`]);
  });

  it('clears no other kill that has that name', async () => {
    const others = new OomEventFiles(folder);
    const second = kill({ key: `${ofLine}-2` });
    await others.put({ ...second, event: { ...second.event, victims: [{ pid: 882, name: 'another' }] } });
    await others.put(kill());
    const window = await opened();
    await window.clear([second.key]);
    expect(keys(window)).toEqual([ofLine]);
    expect(keys(await opened())).toEqual([ofLine]);
  });

  it('takes a kill of the log of another window for the one that it has counted', async () => {
    const window = await opened();
    count(window, 1);
    await vi.waitFor(() => expect(keys(window)).toEqual([`${bootId}-c1-0`]));
    await new OomEventFiles(folder).put(kill({ aftermath: { kind: 'stayed-dead', watchedMs: 60_000 } }));
    await vi.waitFor(() => expect(named(window)).toHaveLength(1), { timeout: 7000 });
    expect([...window.events.values()]).toMatchObject([
      { key: `${bootId}-c1-0`, sources: ['counters', 'kernel-log'], aftermath: { kind: 'stayed-dead' } },
    ]);
    await vi.waitFor(async () => expect(keys(await opened())).toHaveLength(1), { timeout: 7000 });
  });

  it('has counted one less then', async () => {
    const window = await opened();
    count(window, 2);
    await vi.waitFor(() => expect(keys(window)).toEqual([`${bootId}-c2-0`]));
    await new OomEventFiles(folder).put(kill());
    await vi.waitFor(() => expect(named(window)).toEqual([ofLine]), { timeout: 7000 });
    await vi.waitFor(() => expect(window.events.get(`${bootId}-c2-0`)?.witnessed?.count).toBe(1));
  });

  it('does not believe the counts of another window where it has read the log itself', async () => {
    const window = await opened();
    await reads(window, report, 1);
    count(window, 1);
    const others = new OomEventFiles(folder);
    await others.put(counted());
    await others.put(kill({}, 900_000));
    await vi.waitFor(() => expect(named(window)).toHaveLength(2), { timeout: 7000 });
    expect(keys(window)).toEqual([ofLine, `${bootId}-k900000-882`]);
  });

  it('believes them of a time at which it did not look', async () => {
    const window = await opened();
    await reads(window, report, 1);
    await new OomEventFiles(folder).put(counted());
    await vi.waitFor(() => expect(keys(window)).toContain(`${bootId}-c1-0`), { timeout: 7000 });
  });

  it('counts a line as one also where newer kills leave no place for it', async () => {
    await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        new OomEventFiles(folder).put(kill({}, 1_000_000 + index * 10_000)),
      ),
    );
    const window = await opened();
    await reads(window, `${report}\n${later(50_000)}`, 1000);
    count(window, 1);
    expect(window.events.has(ofLine)).toBe(false);
    await vi.waitFor(() => expect(window.ledger).toMatchObject({ explained: 1002 }), { timeout: 7000 });
  });
});
