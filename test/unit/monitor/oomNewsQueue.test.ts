import { describe, expect, it, vi } from 'vitest';
import type { HostOomEvent } from '../../../src/core/oomEvents/hostEvent';
import { OomNewsQueue } from '../../../src/monitor/oomNewsQueue';
import type { OomStore } from '../../../src/monitor/oomStore';

function news(key: string): { event: HostOomEvent; isNew: boolean; isLive: boolean } {
  const event: HostOomEvent = {
    key,
    event: {
      kind: 'kernel',
      id: key,
      scope: 'global',
      victims: [],
      outcome: 'killed',
      complete: true,
      missing: [],
    },
    bootId: undefined,
    atMs: undefined,
    sources: ['kernel-log'],
  };
  return { event, isNew: true, isLive: true };
}

/** A store whose writes end when the test says so. */
function storeWith(put: (event: HostOomEvent) => Promise<void>): OomStore {
  return {
    load: () => Promise.resolve([]),
    put,
    clear: () => Promise.resolve(),
    isCleared: () => false,
    onChange: () => () => undefined,
  };
}

describe('news of kills (the disk is a fake that can be slow and full)', () => {
  it('are told when they are on the disk, in the order in which they were found', async () => {
    const ends = new Map<string, () => void>();
    const store = storeWith(({ key }) => new Promise((resolve) => ends.set(key, resolve)));
    const told: string[] = [];
    const queue = new OomNewsQueue(
      store,
      ({ event }) => told.push(event.key),
      () => undefined,
      60_000,
    );
    for (const key of ['a', 'b', 'c']) queue.add(news(key));
    ends.get('b')?.();
    await Promise.resolve();
    expect(told).toEqual([]);
    ends.get('a')?.();
    await vi.waitFor(() => expect(told).toEqual(['a', 'b']));
    ends.get('c')?.();
    await vi.waitFor(() => expect(told).toEqual(['a', 'b', 'c']));
  });

  it('wait no longer than a second for a disk that hangs, all together', async () => {
    const told: string[] = [];
    const store = storeWith(() => new Promise(() => undefined));
    const queue = new OomNewsQueue(
      store,
      ({ event }) => told.push(event.key),
      () => undefined,
      50,
    );
    const startMs = performance.now();
    for (let index = 0; index < 100; index++) queue.add(news(`k${index}`));
    await vi.waitFor(() => expect(told).toHaveLength(100), { timeout: 4000 });
    expect(performance.now() - startMs).toBeLessThan(4000);
  });

  it('go on where the disk is full, which is said once', async () => {
    const told: string[] = [];
    const said: string[] = [];
    const store = storeWith(() => Promise.reject(new Error('ENOSPC')));
    const queue = new OomNewsQueue(
      store,
      ({ event }) => told.push(event.key),
      (line) => said.push(line),
    );
    for (const key of ['a', 'b', 'c']) queue.add(news(key));
    await vi.waitFor(() => expect(told).toEqual(['a', 'b', 'c']));
    expect(said).toEqual(['OOM events are not kept on disk: ENOSPC']);
  });
});
