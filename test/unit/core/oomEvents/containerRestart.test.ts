import { describe, expect, it } from 'vitest';
import type { Container } from '../../../../src/core/containers/container';
import type { OomEvent } from '../../../../src/core/oom/event';
import type { Aftermath } from '../../../../src/core/oomEvents/aftermath';
import { container } from '../actions/hosts';
import { init, knownAt, Watched, type Shown } from './watched';

const id = 'ab12'.repeat(16);
const task = `/docker/${id}`;
const by = { kind: 'container', id, name: 'eater', policy: 'always' } as const;

function told(pid: number | undefined, more: Partial<Container> = {}): Container {
  return container(id, {
    name: 'eater',
    restartPolicy: { name: 'always' },
    ...(pid !== undefined && { pid }),
    ...more,
  });
}

function shown(pid: number, name: string, ppid: number, startSeconds: number, cgroup = task): Shown {
  return { pid, name, ppid, startSeconds, cgroup };
}

function shim(pid: number, startSeconds: number): Shown {
  return shown(pid, 'containerd-shim', 1, startSeconds, '/system.slice/docker.service');
}

function table(...pids: readonly number[]): Partial<OomEvent> {
  return {
    cgroup: { limit: task, task },
    tasks: { rows: pids.map((pid) => ({ pid, name: 'x' })), whole: true, moreRows: 0 },
  };
}

const stayedDead = (watchedMs: number): Aftermath => ({ kind: 'stayed-dead', watchedMs });

/** The aftermaths that a survey has told. */
function news(told: ReturnType<Watched['show']>): readonly Aftermath[] {
  return told.map(({ aftermath }) => aftermath);
}

describe('a container whose first process was killed', () => {
  /** Its main process was `eat`, which the whole host ran short of memory for. */
  function killed(containers?: readonly Container[]): Watched {
    const host = new Watched(containers);
    host.show(100, init, shim(40, 50), shown(60, 'eat', 40, 50));
    host.kill(60, 101, 'eat', task, { scope: 'global' });
    return host;
  }

  it('is not told to have stayed dead by a list of before the kill', () => {
    const host = killed();
    host.known = knownAt(90_000, [told(60)]);
    expect(host.show(170, init)).toEqual([]);
  });

  it('came back where the API names a first process that is younger, though of another name', () => {
    const host = killed();
    host.known = knownAt(90_000, [told(60)]);
    expect(host.show(150, init, shown(70, 'sh', 41, 101.3))).toEqual([]);
    host.known = knownAt(155_000, [told(70)]);
    expect(news(host.show(170, init, shown(70, 'sh', 41, 101.3)))).toEqual([
      { kind: 'came-back', afterMs: 300, pid: 70, by },
    ]);
  });

  it('came back where it has a shim that is younger than the victim, by the policy told before the kill', () => {
    const host = killed();
    host.known = knownAt(90_000, [told(60)], { isOpen: false });
    expect(news(host.show(104, init, shim(41, 101.2), shown(70, 'sh', 41, 101.3)))).toEqual([
      { kind: 'came-back', afterMs: 300, pid: 70, by },
    ]);
  });

  it('came back without any API, and its policy is not known', () => {
    const again = [shim(41, 101.2), shown(70, 'sh', 41, 101.3)];
    expect(news(killed().show(104, init, ...again))).toEqual([
      { kind: 'came-back', afterMs: 300, pid: 70, by: { kind: 'container', id } },
    ]);
  });

  it('is told the policy of once the API has told it', () => {
    const host = killed();
    const again = [shim(41, 101.2), shown(70, 'sh', 41, 101.3)];
    host.show(104, init, ...again);
    host.known = knownAt(108_000, [told(70)]);
    expect(news(host.show(109, init, ...again))).toEqual([{ kind: 'came-back', afterMs: 300, pid: 70, by }]);
    expect(host.show(110, init, ...again)).toEqual([]);
  });

  it('stayed dead where a list of since then has it no more', () => {
    const host = killed();
    host.known = knownAt(144_000, []);
    expect(host.show(170, init)).toEqual([]);
    host.known = knownAt(147_000, []);
    expect(news(host.show(171, init))).toEqual([stayedDead(70_000)]);
  });

  it('stayed dead where it has ended', () => {
    expect(news(killed([told(undefined, { state: 'exited' })]).show(170, init))).toEqual([
      stayedDead(69_000),
    ]);
  });

  it('is waited for while its runtime is about to start it', () => {
    const containers = [told(undefined, { state: 'restarting' })];
    const host = killed(containers);
    expect(host.show(170, init)).toEqual([]);
    expect(host.show(240, init)).toEqual([]);
    containers[0] = told(70);
    expect(news(host.show(250, init, shown(70, 'sh', 41, 245)))).toEqual([
      { kind: 'came-back', afterMs: 144_000, pid: 70, by },
    ]);
  });

  it('is waited for while its runtime has not noticed, or tells what it knew before the kill', () => {
    const host = new Watched();
    host.known = knownAt(90_000, [told(60)]);
    host.show(100, init);
    host.kill(60, 101, 'eat', task, table(60));
    host.known = knownAt(160_000, [told(60)]);
    expect(host.show(170, init)).toEqual([]);
    host.known = knownAt(160_000, [told(55)], { inspectedMs: () => 90_000 });
    expect(host.show(171, init)).toEqual([]);
    host.known = knownAt(160_000, [told(70)]);
    expect(news(host.show(172, init))).toEqual([{ kind: 'came-back', afterMs: undefined, pid: 70, by }]);
  });

  it('is waited for where another runtime has it, and a process has come into it', () => {
    expect(killed([]).show(170, init, shown(70, 'sh', 1, 101.3))).toEqual([]);
  });

  it('is not back by a process that has the pid which was that of its first process before the kill', () => {
    const host = killed();
    const other: Shown = { pid: 70, name: 'ls', ppid: 1, startSeconds: 104 };
    host.known = knownAt(160_000, [told(70)], { inspectedMs: () => 90_000 });
    expect(host.show(170, init, other)).toEqual([]);
    host.known = knownAt(160_000, [told(70)]);
    expect(news(host.show(171, init, other))).toMatchObject([{ kind: 'came-back', pid: 70 }]);
  });

  it('is waited for while the first process that it has was not seen yet', () => {
    expect(killed([told(70)]).show(170, init)).toEqual([]);
  });

  it('is told by its processes where no list comes in time, or there is no API', () => {
    const silent = killed();
    silent.known = knownAt(90_000, [told(60)]);
    expect(silent.show(220, init)).toEqual([]);
    expect(news(silent.show(222, init))).toEqual([stayedDead(121_000)]);
    expect(news(killed().show(170, init))).toEqual([stayedDead(69_000)]);
  });

  it('is not told to have stayed dead while processes run in it of which it is not known what they are', () => {
    expect(killed().show(170, init, shown(70, 'sh', 1, 101.3))).toEqual([]);
  });
});

describe('a container that goes on without the victim', () => {
  const main = shown(60, 'sh', 40, 50);
  const check = shown(80, 'sh', 40, 165);

  it.each([
    ['by the API', knownAt(160_000, [told(60)])],
    ['by the API of another runtime', knownAt(160_000, [])],
    ['by its processes', undefined],
    ['by its processes, where the API does not tell the first one', knownAt(160_000, [told(undefined)])],
  ])('was not started again, though others come into it: %s', (_, known) => {
    const host = new Watched();
    host.show(100, init, shim(40, 50), main, shown(61, 'eat', 60, 51));
    host.kill(61, 101, 'eat', task, table(60, 61));
    host.known = known;
    expect(host.show(105, init, shim(40, 50), main)).toEqual([]);
    expect(news(host.show(170, init, shim(40, 50), main, check))).toEqual([stayedDead(69_000)]);
  });

  it('is waited for while nobody in it is seen, and its first process is told as of before the kill', () => {
    const host = new Watched();
    host.show(100, init);
    host.kill(61, 101, 'eat', task, table(60, 61));
    host.known = knownAt(160_000, [told(60)], { inspectedMs: () => 100_000 });
    expect(host.show(170, init)).toEqual([]);
    host.known = knownAt(160_000, [told(60)]);
    expect(news(host.show(171, init))).toEqual([stayedDead(70_000)]);
  });

  it('was not, though its first process was started a moment before the kill', () => {
    const young = shown(60, 'sh', 40, 100.2);
    const host = new Watched([told(60)]);
    host.show(100, init, shim(40, 100.1));
    host.kill(61, 101, 'eat', task, { ...table(60, 61), scope: 'global' });
    expect(news(host.show(170, init, shim(40, 100.1), young))).toEqual([stayedDead(69_000)]);
  });
});

describe('containers in doubt', () => {
  const shownBefore = [init, shim(40, 50), shown(60, 'eat', 40, 50)];

  function doubts(host: Watched, atSeconds: number, isCalm = true): readonly string[] {
    return [...host.aftermaths.containersInDoubt(atSeconds * 1000, host.known, isCalm)];
  }

  it('are asked for some seconds after the kill, and before it is told that they stayed dead', () => {
    const host = new Watched();
    host.show(100, ...shownBefore);
    host.kill(60, 101, 'eat', task);
    host.known = knownAt(102_000, [told(60)]);
    expect(doubts(host, 105)).toEqual([]);
    expect(doubts(host, 107)).toEqual([id]);
    expect(doubts(host, 107, false)).toEqual([]);
    host.known = knownAt(107_000, [told(60)]);
    expect(doubts(host, 140)).toEqual([]);
    expect(doubts(host, 147, false)).toEqual([id]);
    host.known = knownAt(147_000, [told(60)], { inspectedMs: () => 100_000 });
    expect(doubts(host, 148)).toEqual([id]);
    host.known = knownAt(147_000, [told(undefined, { state: 'restarting' })]);
    expect(doubts(host, 150)).toEqual([]);
    expect(doubts(host, 178)).toEqual([id]);
  });

  it('are none once it is told what became of them, and none outside of containers', () => {
    const host = new Watched();
    host.show(100, ...shownBefore);
    host.kill(60, 101, 'eat', task);
    host.kill(90, 101, 'other', '/box');
    host.known = knownAt(99_000, [told(60)]);
    host.show(104, init, shim(41, 101.2), shown(70, 'eat', 41, 101.3));
    expect(doubts(host, 160)).toEqual([]);
  });

  it('are also those of which it is not told by which policy they came back, for a while', () => {
    const host = new Watched();
    host.show(100, ...shownBefore);
    host.kill(60, 101, 'eat', task);
    host.show(104, init, shim(41, 101.2), shown(70, 'eat', 41, 101.3));
    expect(doubts(host, 107)).toEqual([id]);
    expect(doubts(host, 150)).toEqual([id]);
    expect(doubts(host, 222)).toEqual([]);
    host.known = knownAt(150_000, []);
    expect(doubts(host, 200)).toEqual([]);
  });
});
