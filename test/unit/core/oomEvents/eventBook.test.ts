import { describe, expect, it } from 'vitest';
import type { Aftermath } from '../../../../src/core/oomEvents/aftermath';
import type { OomEvent } from '../../../../src/core/oom/event';
import { EventBook, type FoundEvent } from '../../../../src/core/oomEvents/eventBook';
import type { HostOomEvent, WitnessedKills } from '../../../../src/core/oomEvents/hostEvent';
import { bootId, dayMs, found, kill, randomOf } from './kills';

function bookOf(...all: readonly FoundEvent[]): EventBook {
  const book = new EventBook();
  for (const one of all) book.add(one);
  return book;
}

/** As a file of syslog has it. */
function untimed(event: OomEvent): OomEvent {
  const copy: { kernelTimeMs?: number } & OomEvent = { ...event };
  delete copy.kernelTimeMs;
  return copy;
}

function counted(count: number, toMs: number, more: Partial<WitnessedKills> = {}): FoundEvent {
  return {
    event: {
      kind: 'kernel',
      id: `${toMs}-count`,
      scope: 'unknown',
      victims: [],
      outcome: 'killed',
      complete: false,
      missing: ['victim'],
    },
    source: 'counters',
    bootId,
    atMs: dayMs + toMs,
    witnessed: {
      count,
      fromCount: 5,
      toCount: 5 + count,
      fromMs: toMs - 1000,
      toMs,
      cgroups: [],
      gone: [],
      ...more,
    },
  };
}

describe('an event is one event', () => {
  it('whose key is safe as the name of a file, whatever the host calls its boot', () => {
    const { events } = bookOf(
      found(kill(70, 1000)),
      found(kill(71, 1000), { bootId: '../../etc' }),
      found({ ...kill(72, 0), kernelTimeMs: 5 }, { bootId: undefined }),
    );
    expect([...events.keys()].sort()).toEqual([`${bootId}-k1000-70`, 'unknown-k1000-71', 'unknown-k5-72']);
  });

  it.each<[string, FoundEvent]>([
    ['read again', found(kill(70, 9000))],
    ['in the journal, rounded otherwise', found(kill(70, 9001), { source: 'journal' })],
    [
      'in a file without boot and kernel time',
      {
        ...found(
          { ...kill(70, 0), missing: ['kernel-time'] },
          { source: 'log-file', bootId: undefined, atMs: dayMs + 20_000 },
        ),
      },
    ],
  ])('%s', (_, again) => {
    const told = again.source === 'log-file' ? { ...again, event: untimed(again.event) } : again;
    const book = bookOf(found(kill(70, 9000)), told);
    expect([...book.events.values()]).toEqual([
      {
        key: `${bootId}-k9000-70`,
        event: kill(70, 9000),
        bootId,
        atMs: dayMs + 9000,
        sources: [...new Set(['kernel-log', told.source])],
      },
    ]);
    expect(book.add(told)).toBeUndefined();
  });

  it('also where the file was read first: it keeps its key and gains boot and time', () => {
    const book = bookOf(
      found(untimed(kill(70, 9000)), { source: 'log-file', bootId: undefined, atMs: dayMs + 9000 }),
      found(kill(70, 9000)),
    );
    const [event, ...others] = book.events.values();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      key: `unknown-w${(dayMs + 9000) / 1000}-70`,
      bootId,
      event: { kernelTimeMs: 9000 },
      sources: ['log-file', 'kernel-log'],
    });
  });

  it.each<[string, FoundEvent]>([
    ['another boot', found(kill(70, 9000), { bootId: '00000000-2222-4222-8333-944455566677' })],
    ['another pid', found(kill(71, 9000))],
    ['another program', found(kill(70, 9900, { name: 'cat' }))],
    ['the same pid given anew', found(kill(70, 900_000))],
    ['a kill by another killer', found({ ...kill(70, 9000), kind: 'earlyoom' })],
  ])('but not %s', (_, other) => {
    expect(bookOf(found(kill(70, 9000)), other).events.size).toBe(2);
  });

  it('a notice of the runtime is a source of the kill that it tells of', () => {
    const id = '4f3c2a1b0d9e'.repeat(5) + 'abcd';
    const cgroup = { limit: `/docker/${id}`, task: `/docker/${id}` };
    const notice = found(
      { ...kill(0, 0), kind: 'runtime', container: id, victims: [] },
      { source: 'journal', atMs: dayMs + 12_000 },
    );
    const book = bookOf(found(kill(70, 9000, { cgroup })), notice);
    expect([...book.events.values()].map(({ event, sources }) => [event.kind, sources])).toEqual([
      ['kernel', ['kernel-log', 'journal']],
    ]);
  });

  it('the one that says more stays, in whatever order they come', () => {
    const cut = kill(70, 9000, { missing: ['trigger', 'task-table'], complete: false });
    const whole = kill(70, 9000, { trigger: { name: 'cat', pid: 3 } });
    for (const order of [
      [cut, whole],
      [whole, cut],
    ]) {
      const book = bookOf(...order.map((event) => found(event)));
      expect([...book.events.values()].map(({ event }) => event)).toEqual([whole]);
    }
  });
});

describe('many kills, told by several sources to two windows', () => {
  const boots = [bootId, '00000000-2222-4222-8333-944455566677', undefined];

  it.each([1, 2, 3, 4, 5, 6])(
    'are each there once in both, in whatever order they come (seed %i)',
    (seed) => {
      const random = randomOf(seed);
      const kills = Array.from({ length: 60 }, (_, index) => {
        const boot = boots[index % 3];
        const name = ['hog', 'cat', 'hog2'][Math.floor(random() * 3)] ?? 'hog';
        const trigger = { name: 'sh', pid: 5000 + index };
        const atMs = dayMs + (index % 3) * 86_400_000 + 60_000 * index;
        const event = kill(100 + (index % 7), 3000 * index, { name, trigger });
        return { boot, event, atMs: Math.round(atMs) };
      });
      const told = kills.flatMap(({ boot, event, atMs }): FoundEvent[] => [
        found(event, { bootId: boot, atMs }),
        ...(random() < 0.5 ? [found(event, { bootId: boot, atMs, source: 'journal' })] : []),
        ...(random() < 0.5
          ? [found({ ...event, missing: ['trigger'], complete: false }, { bootId: boot, atMs })]
          : []),
        ...(random() < 0.3
          ? [found({ ...event, victims: [], outcome: 'unknown' }, { bootId: boot, atMs, source: 'log-file' })]
          : []),
      ]);
      const windows = [new EventBook(), new EventBook()] as const;
      const keptByKey = new Map<string, HostOomEvent>();
      for (const one of shuffled([...told, ...told], random)) {
        const [here, there] = random() < 0.5 ? windows : [windows[1], windows[0]];
        const change = here.add(one);
        if (!change) continue;
        keptByKey.set(change.event.key, change.event);
        if (random() < 0.8) there.load(change.event);
      }
      for (const kept of shuffled([...keptByKey.values()], random)) for (const one of windows) one.load(kept);
      const restarted = new EventBook();
      for (const kept of shuffled([...keptByKey.values()], random)) restarted.load(kept);
      const namesOf = (all: readonly Pick<HostOomEvent, 'bootId' | 'event'>[]): string[] =>
        all
          .map((one) => `${one.bootId ?? '?'} ${one.event.kernelTimeMs} ${one.event.victims[0]?.pid}`)
          .sort();
      const expected = namesOf(kills.map(({ boot, event }) => ({ bootId: boot, event })));
      for (const book of [...windows, restarted])
        expect(namesOf([...book.events.values()])).toEqual(expected);
    },
  );
});

describe('two events are two', () => {
  it('of one name too, where their boots are not known', () => {
    const some = { bootId: undefined, source: 'log-file' } as const;
    const book = bookOf(
      found(kill(70, 9000), some),
      found(kill(70, 9000, { name: 'cat' }), { ...some, atMs: dayMs + 90_000_000 }),
    );
    expect([...book.events.values()].map(({ key, event }) => [key, event.victims[0]?.name])).toEqual([
      ['unknown-k9000-70', 'hog'],
      ['unknown-k9000-70-2', 'cat'],
    ]);
  });

  it.each<[string, Partial<OomEvent>, Partial<OomEvent>]>([
    ['containers', { container: 'a'.repeat(64) }, { container: 'b'.repeat(64) }],
    ['cgroups', { cgroup: { task: '/one' } }, { cgroup: { task: '/other' } }],
  ])('of two %s in one second', (_, one, other) => {
    const { cgroup, ...notice } = kill(0, 0, { kind: 'runtime', victims: [] });
    expect(cgroup).toBeDefined();
    const all = [one, other].map((more) =>
      found({ ...untimed(notice), ...more }, { source: 'journal', atMs: dayMs }),
    );
    const { events } = bookOf(...all, ...all);
    expect([...events.values()].map(({ event }) => event)).toEqual(all.map(({ event }) => event));
  });
});

it('a report that a file has cut off is a source of the whole one', () => {
  const whole = found(kill(70, 9000, { trigger: { name: 'cat', pid: 3 } }));
  const cut = found(
    { ...kill(0, 8500, { trigger: { name: 'cat', pid: 3 } }), victims: [], outcome: 'unknown' },
    { source: 'log-file' },
  );
  for (const order of [
    [whole, cut],
    [cut, whole],
  ])
    expect([...bookOf(...order).events.values()].map(({ event }) => event)).toEqual([whole.event]);
});

describe('what counters tell', () => {
  it('is not lost where another window told only of a part, and not doubled where it told all parts', () => {
    const all = [counted(2, 9000), counted(1, 8500), counted(1, 9000, { fromCount: 6, toCount: 7 })];
    const kept = (...some: readonly FoundEvent[]): EventBook => {
      const book = new EventBook();
      for (const one of some) for (const event of bookOf(one).events.values()) book.load(event);
      return book;
    };
    for (const order of [...permutations(all), ...permutations(all.slice(0, 2))]) {
      const { events } = kept(...order);
      expect([...events.values()].reduce((sum, { witnessed }) => sum + (witnessed?.count ?? 0), 0)).toBe(2);
    }
  });

  it('stays explained though another window still keeps it as counted', () => {
    const book = bookOf(counted(1, 9000));
    const [before] = book.events.values();
    book.add(found(kill(70, 8500)));
    const explained = [...book.events.values()];
    expect(before && book.load(before)).toBeUndefined();
    expect([...book.events.values()]).toEqual(explained);
    const [now] = explained;
    const other = bookOf(counted(1, 9000));
    expect(now && other.load(now)).toEqual({ event: now, isNew: false });
  });

  it('is told once, by whichever window, and its groups when they become known', () => {
    const book = bookOf(counted(2, 9000), counted(1, 9500, { fromCount: 6, toCount: 7 }));
    expect(book.events.size).toBe(1);
    const known = counted(2, 9000, { cgroups: [{ path: '/box', kills: 2 }] });
    expect(book.add(known)).toMatchObject({ isNew: false, event: { witnessed: known.witnessed } });
    expect(book.add(counted(2, 9000))).toBeUndefined();
  });

  it('becomes the kill that a line of the log tells of, late', () => {
    const book = bookOf(counted(1, 9000));
    expect(book.add(found(kill(70, 8500)))).toEqual({
      event: {
        key: `${bootId}-c6-0`,
        event: kill(70, 8500),
        bootId,
        atMs: dayMs + 8500,
        sources: ['counters', 'kernel-log'],
      },
      isNew: false,
    });
    expect(book.add(found(kill(70, 8500)))).toBeUndefined();
  });

  it('is less by each of several that are explained', () => {
    const book = bookOf(counted(3, 9000));
    expect(book.add(found(kill(70, 8500)))).toMatchObject({ isNew: true, also: { witnessed: { count: 2 } } });
    expect(book.add(found(kill(71, 8600)))).toMatchObject({ isNew: true, also: { witnessed: { count: 1 } } });
    expect(book.add(found(kill(72, 8700)))).toMatchObject({ isNew: false });
    expect([...book.events.values()].map(({ event }) => event.victims[0]?.pid)).toEqual([70, 71, 72]);
  });
});

describe('a book', () => {
  it('is in the order of time, and forgets the oldest', () => {
    const book = new EventBook(3);
    for (const pid of [75, 72, 74, 71, 73]) book.add(found(kill(pid, pid * 100_000)));
    expect([...book.events.values()].map(({ event }) => event.victims[0]?.pid)).toEqual([73, 74, 75]);
    expect(book.add(found(kill(60, 1)))).toBeUndefined();
  });

  it('keeps the tables of the newest fifty only', () => {
    const tasks = { rows: [], whole: true, moreRows: 0 };
    const book = new EventBook();
    for (let pid = 1; pid <= 60; pid++) book.add(found(kill(pid, pid * 100_000, { tasks })));
    const kept = [...book.events.values()]
      .filter(({ event }) => event.tasks)
      .map(({ event }) => event.victims[0]?.pid);
    expect(kept).toEqual(Array.from({ length: 50 }, (_, index) => index + 11));
  });

  it('takes in what another window has kept, and what follows of it', () => {
    const one = bookOf(found(kill(70, 9000)));
    const other = bookOf(found(kill(70, 9000), { source: 'journal' }));
    const aftermath = { kind: 'stayed-dead', watchedMs: 60_000 } as const;
    const kept = one.update(`${bootId}-k9000-70`, { aftermath });
    expect(kept && other.load(kept)).toMatchObject({ isNew: false, event: { aftermath } });
    expect([...other.events.values()]).toEqual([{ ...kept, sources: ['journal', 'kernel-log'] }]);
    expect(kept && other.load(kept)).toBeUndefined();
    expect(kept && new EventBook().load(kept)).toEqual({ event: kept, isNew: true });
  });

  it('takes in by which policy a container came back, once another window knows it', () => {
    const id = 'ab12'.repeat(16);
    const cameBack = (policy?: string): Aftermath => ({
      kind: 'came-back',
      afterMs: 300,
      pid: 71,
      by: { kind: 'container', id, ...(policy !== undefined && { policy }) },
    });
    const key = `${bootId}-k9000-70`;
    const one = bookOf(found(kill(70, 9000)));
    const other = bookOf(found(kill(70, 9000)));
    const without = one.update(key, { aftermath: cameBack() });
    const kept = other.update(key, { aftermath: cameBack('always') });
    expect(without && other.load(without)).toBeUndefined();
    expect(kept && one.load(kept)).toEqual({ isNew: false, event: kept });
  });

  it('is the same in whatever order sources tell', () => {
    const all = [
      found(kill(70, 9000)),
      found(kill(70, 9000), { source: 'journal' }),
      found(kill(71, 12_000)),
      counted(1, 30_000, { fromCount: 9, toCount: 10 }),
    ];
    const keysOf = (book: EventBook): string[] => [...book.events.keys()];
    for (const order of permutations(all)) expect(keysOf(bookOf(...order))).toEqual(keysOf(bookOf(...all)));
  });
});

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((one, index) =>
    permutations(all.filter((_, other) => other !== index)).map((rest) => [one, ...rest]),
  );
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((one) => ({ one, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ one }) => one);
}
