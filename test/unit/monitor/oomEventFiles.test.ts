import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, mkdir, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OomReader } from '../../../src/core/oom/reader';
import type { OomEvent } from '../../../src/core/oom/event';
import type { HostOomEvent } from '../../../src/core/oomEvents/hostEvent';
import { readKeptEvent } from '../../../src/core/oomEvents/keptEvent';
import { OomEventFiles } from '../../../src/monitor/oomEventFiles';
import type { OomStoreChange } from '../../../src/monitor/oomStore';

const bootId = '0b6f5e3c-5d6a-4d0e-9f5e-000000000001';
let folder: string;

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'oom-events-')), 'host');
});

afterEach(async () => {
  await rm(path.dirname(folder), { recursive: true, force: true });
});

/** A kill at that second of the host's uptime. */
function kill(second: number, more: Partial<HostOomEvent> = {}): HostOomEvent {
  const event: OomEvent = {
    kind: 'kernel',
    id: `${second * 1000}-882`,
    kernelTimeMs: second * 1000,
    scope: 'memcg',
    victims: [{ pid: 882, name: 'jupyter "\u202e' }],
    outcome: 'killed',
    complete: false,
    missing: ['trigger'],
  };
  return {
    key: `${bootId}-k${second * 1000}-882`,
    event,
    bootId,
    atMs: 1_700_000_000_000 + second * 1000,
    sources: ['kernel-log'],
    ...more,
  };
}

const byKey = (events: readonly HostOomEvent[]): HostOomEvent[] =>
  [...events].sort((one, other) => (one.key < other.key ? -1 : 1));

/** The events of a report of the kernel with all its parts. */
function eventsOf(fixture: string): HostOomEvent[] {
  const file = path.join(import.meta.dirname, '../../fixtures/oom', fixture, 'kmsg.txt');
  const found: OomEvent[] = [];
  const reader = new OomReader((event) => found.push(event));
  for (const line of readFileSync(file, 'utf8').split('\n')) reader.push(line);
  reader.end();
  return found.map((event, index) => ({ ...kill(index), event }));
}

describe('events on disk', () => {
  it('come back as they were, for their owner alone', async () => {
    const whole = kill(1, {
      witnessed: {
        count: 1,
        fromCount: 3,
        toCount: 4,
        fromMs: 900,
        toMs: 1100,
        cgroups: [{ path: '/a', kills: 1 }],
        gone: [{ pid: 4, name: 'x', rssBytes: 4096 }],
      },
      aftermath: { kind: 'came-back', afterMs: 1200, pid: 9, by: { kind: 'parent', pid: 3, name: 'sh' } },
      before: {
        fromMs: 1,
        stepMs: 5000,
        availableBytes: [1, null],
        pageCacheBytes: [2, 3],
        memoryFullPercent: [null, 4.5],
      },
    });
    const events = [
      whole,
      kill(2, { bootId: undefined, atMs: undefined }),
      ...eventsOf('global-plain').map((event) => ({ ...event, key: 'unknown-x-1' })),
    ];
    const store = new OomEventFiles(folder);
    for (const event of events) await store.put(event);
    expect(byKey(await new OomEventFiles(folder).load())).toEqual(byKey(events));
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const names = await readdir(folder);
    expect(names.sort()).toEqual(events.map(({ key }) => `${key}.json`).sort());
    for (const name of names) expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it('are read from no file that is none of ours', async () => {
    const store = new OomEventFiles(folder);
    await store.put(kill(1));
    const text = readFileSync(path.join(folder, `${kill(1).key}.json`), 'utf8');
    const put = (name: string, content: string): Promise<void> => writeFile(path.join(folder, name), content);
    await put('empty.json', '');
    await put('cut.json', text.slice(0, 200));
    await put('another.json', text); // of another key
    await put(`${kill(2).key}.json`, text.replaceAll('k1000', 'k2000').replace('"version":1', '"version":2'));
    await put(`${kill(3).key}.json`, text.replaceAll('k1000', 'k3000').replace('"pid":882', '"pid":"882"'));
    await put(`${kill(4).key}.json`, text.replaceAll('k1000', 'k4000').replace('"memcg"', '"elsewhere"'));
    await put('.._x.json', text);
    await put('list.json', '[]');
    await mkdir(path.join(folder, 'folder.json'));
    await symlink('/dev/zero', path.join(folder, 'endless.json'));
    await put('large.json', `"${'x'.repeat(17 << 20)}"`);
    await put('more.txt', text);
    expect(await new OomEventFiles(folder).load()).toEqual([kill(1)]);
  });

  it('lose fields that we do not know, and keep no prototype of a file', () => {
    const { key } = kill(1);
    const hostile = JSON.stringify({ version: 1, event: kill(1), more: 1 }).replace(
      '"bootId"',
      '"__proto__":{"polluted":1},"more":{},"bootId"',
    );
    expect(readKeptEvent(hostile, key)).toEqual(kill(1));
    expect(Object.keys(readKeptEvent(hostile, key) ?? {})).not.toContain('more');
    expect({}).not.toHaveProperty('polluted');
  });

  it('are merged with what another window has written, whoever is last', async () => {
    const [one, other] = [new OomEventFiles(folder), new OomEventFiles(folder)];
    await one.put(kill(1, { aftermath: { kind: 'stayed-dead', watchedMs: 60_000 } }));
    await other.put(kill(1, { sources: ['journal'], aftermath: { kind: 'waiting' } }));
    await one.put(kill(1));
    expect(await one.load()).toEqual([
      kill(1, { sources: ['kernel-log', 'journal'], aftermath: { kind: 'stayed-dead', watchedMs: 60_000 } }),
    ]);
  });

  it('are told to another window, and its own are not', async () => {
    const [one, other] = [new OomEventFiles(folder), new OomEventFiles(folder)];
    await one.load();
    const told: OomStoreChange[] = [];
    const end = one.onChange((change) => told.push(change));
    try {
      await one.put(kill(1));
      await other.put(kill(2));
      await vi.waitFor(() => expect(told).toEqual([{ events: [kill(2)], cleared: [] }]), { timeout: 7000 });
      await other.clear([kill(1)]);
      await vi.waitFor(() => expect(told.slice(1)).toEqual([{ events: [], cleared: [kill(1).key] }]), {
        timeout: 7000,
      });
      expect(one.isCleared(kill(1))).toBe(true);
    } finally {
      end();
    }
  });

  it('do not come back once they were cleared, in no window', async () => {
    const store = new OomEventFiles(folder);
    await store.put(kill(1));
    await store.put(kill(2));
    await store.clear([kill(1)]);
    await store.put(kill(1));
    const next = new OomEventFiles(folder);
    expect(await next.load()).toEqual([kill(2)]);
    expect([1, 2].map((second) => next.isCleared(kill(second)))).toEqual([true, false]);
    expect(existsSync(path.join(folder, `${kill(1).key}.json`))).toBe(false);
    // A window that did not know has written it again.
    await writeFile(path.join(folder, `${kill(1).key}.json`), JSON.stringify({ version: 1, event: kill(1) }));
    expect(await new OomEventFiles(folder).load()).toEqual([kill(2)]);
  });

  it('are no more than 1000 of a host, the newest', { timeout: 30_000 }, async () => {
    const store = new OomEventFiles(folder);
    await mkdir(folder, { recursive: true });
    const text = (event: HostOomEvent): string => JSON.stringify({ version: 1, event });
    for (let second = 1; second <= 1040; second++)
      await writeFile(path.join(folder, `${kill(second).key}.json`), text(kill(second)));
    await Promise.all(Array.from({ length: 60 }, (_, index) => store.put(kill(2000 + index))));
    await vi.waitFor(async () => expect((await readdir(folder)).length).toBeLessThanOrEqual(1050), {
      timeout: 20_000,
    });
    const kept = await new OomEventFiles(folder).load();
    const oldest = Math.min(...kept.map(({ event }) => event.kernelTimeMs ?? 0));
    expect(oldest).toBeGreaterThan(50_000);
    expect(kept.filter(({ event }) => (event.kernelTimeMs ?? 0) >= 2_000_000)).toHaveLength(60);
  });

  it('keep the tables of tasks of the newest 50, in memory and soon on disk', async () => {
    const [report] = eventsOf('global-plain');
    expect(report?.event.tasks).toBeDefined();
    const many = Array.from({ length: 120 }, (_, index) => ({
      ...kill(index),
      event: report?.event ?? kill(1).event,
    }));
    await mkdir(folder, { recursive: true });
    for (const event of many)
      await writeFile(path.join(folder, `${event.key}.json`), JSON.stringify({ version: 1, event }));
    const newest = many.slice(-50).map(({ key }) => key);
    const withTables = (events: readonly HostOomEvent[]): string[] =>
      events.filter(({ event }) => event.tasks).map(({ key }) => key);
    const events = await new OomEventFiles(folder).load();
    expect(events).toHaveLength(120);
    expect(withTables(events).sort()).toEqual(newest.sort());
    const onDisk = (): HostOomEvent[] =>
      many.flatMap(
        ({ key }) => readKeptEvent(readFileSync(path.join(folder, `${key}.json`), 'utf8'), key) ?? [],
      );
    await vi.waitFor(() => expect(withTables(onDisk())).toHaveLength(50), { timeout: 10_000 });
    expect(withTables(onDisk()).sort()).toEqual(newest);
    expect(onDisk()).toHaveLength(120);
    expect(onDisk().every(({ event }) => event.memory && event.victims.length === 1)).toBe(true);
  });

  it('come back also where a host has given names of any length, which are cut', async () => {
    const long = kill(1, {
      event: {
        ...kill(1).event,
        victims: [{ pid: 882, name: `${'n'.repeat(1023)}\u{1f600}`, cgroup: `/${'p'.repeat(5000)}` }],
        reason: 'r'.repeat(70_000),
      },
    });
    const [table] = eventsOf('global-plain');
    const [row] = table?.event.tasks?.rows ?? [];
    const rows = Array.from({ length: 10_001 }, () => row ?? { pid: 1, name: 'x' });
    const large = kill(2, { event: { ...kill(2).event, tasks: { rows, moreRows: 0, whole: true } } });
    const store = new OomEventFiles(folder);
    await store.put(long);
    await store.put(large);
    expect(byKey(await new OomEventFiles(folder).load())).toEqual([
      {
        ...long,
        event: {
          ...long.event,
          victims: [{ pid: 882, name: 'n'.repeat(1023), cgroup: `/${'p'.repeat(4095)}` }],
          reason: 'r'.repeat(64 * 1024),
        },
      },
      kill(2),
    ]);
  });

  it('leave nothing of a write that was cut off', async () => {
    const store = new OomEventFiles(folder);
    await store.put(kill(1));
    const [old, fresh] = ['a.000000000000.tmp', 'b.000000000000.tmp'].map((name) => path.join(folder, name));
    await writeFile(old ?? '', '{"version":1,"ev');
    await writeFile(fresh ?? '', '{"version":1,"ev');
    await utimes(old ?? '', new Date(Date.now() - 61_000), new Date(Date.now() - 61_000));
    expect(await store.load()).toEqual([kill(1)]);
    expect([old, fresh].map((file) => existsSync(file ?? ''))).toEqual([false, true]);
  });

  it('fail in words where they cannot be written', async () => {
    await writeFile(folder, 'a file in the place of the folder');
    await expect(new OomEventFiles(folder).put(kill(1))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});
