import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import { nextVictimsOf } from '../../../../src/core/oom/nextVictim';
import type { TaskRow } from '../../../../src/core/oom/taskRow';

const MiB = 1024 * 1024;

function task(pid: number, rssMiB: number, more: Partial<TaskRow> = {}): TaskRow {
  return {
    pid,
    tgid: pid,
    name: `task${pid}`,
    rssBytes: rssMiB * MiB,
    swapBytes: 0,
    pgtablesBytes: 0,
    oomScoreAdj: 0,
    ...more,
  };
}

function event(rows: readonly TaskRow[], more: Partial<OomEvent> = {}): OomEvent {
  return {
    kind: 'kernel',
    id: '1-9',
    scope: 'global',
    victims: [{ pid: 9, name: 'task9' }],
    outcome: 'killed',
    tasks: { rows, moreRows: 0, whole: true },
    memory: {
      machine: {},
      zones: [],
      slabs: [],
      ramBytes: 1100 * MiB,
      reservedBytes: 100 * MiB,
      totalSwapBytes: 1000 * MiB,
    },
    complete: true,
    missing: [],
    ...more,
  };
}

function without<T extends object, K extends keyof T>(all: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== key)) as Omit<T, K>;
}

const pidsOf = (one: OomEvent): number[] | undefined =>
  nextVictimsOf(one)?.tasks.map(({ task: { pid } }) => pid);

describe('who would have been next', () => {
  it('has most of rss, swap and page tables; not the dead, not init, not who may not be killed', () => {
    const rows = [
      task(1, 500),
      task(2, 100),
      task(3, 50, { swapBytes: 40 * MiB, pgtablesBytes: 20 * MiB }),
      task(4, 400, { oomScoreAdj: -1000 }),
      task(9, 900),
      task(10, 900, { tgid: 9 }),
    ];
    expect(nextVictimsOf(event(rows))).toStrictEqual({
      tasks: [
        { task: rows[2], badnessBytes: 110 * MiB },
        { task: rows[1], badnessBytes: 100 * MiB },
      ],
      totalBytes: 2000 * MiB,
      doubts: [],
    });
  });

  it('is moved by oom_score_adj, in thousandths of RAM and swap', () => {
    const rows = [task(2, 300), task(3, 10, { oomScoreAdj: 200 }), task(4, 900, { oomScoreAdj: -500 })];
    expect(nextVictimsOf(event(rows))?.tasks.map(({ badnessBytes }) => badnessBytes / MiB)).toEqual([
      410, 300, -100,
    ]);
  });

  it('is the later one of those that are as bad', () => {
    const forecast = nextVictimsOf(event([task(2, 300), task(3, 300), task(4, 1)]));
    expect(forecast?.tasks.map((next) => next.task.pid)).toEqual([3, 2, 4]);
    expect(forecast?.doubts).toEqual(['same-score']);
  });

  it('in a cgroup counts by its limit and the swap it may use', () => {
    const counter = (limitMiB: number) => ({ usageBytes: 1, limitBytes: limitMiB * MiB });
    const rows = [task(2, 30), task(3, 1, { oomScoreAdj: 500 })];
    const memcg = (cgroupMemory: OomEvent['cgroupMemory']) => {
      const rest = without(event(rows, { scope: 'memcg' }), 'memory');
      return nextVictimsOf({ ...rest, ...(cgroupMemory && { cgroupMemory }) });
    };
    expect(memcg({ memory: counter(100), swap: counter(0), stats: [] })).toMatchObject({
      tasks: [{ badnessBytes: MiB + 500 * 25 * 4096 }, { badnessBytes: 30 * MiB }], // 25,600 pages, divided first
      totalBytes: 100 * MiB,
      doubts: [],
    });
    expect(memcg({ memory: counter(100), memoryAndSwap: counter(100), stats: [] })?.doubts).toEqual([]);
    // How much swap the machine has is not printed with a cgroup.
    expect(
      memcg({ memory: counter(100), swap: { usageBytes: 0, limitBytes: 'max' }, stats: [] }),
    ).toMatchObject({
      totalBytes: 100 * MiB,
      doubts: ['total'],
    });
    expect(memcg(undefined)).toBeUndefined();
  });

  it('on some nodes counts by what is present there', () => {
    const zone = { node: 1, name: 'Normal', presentBytes: 400 * MiB, figures: {} };
    const memory = { machine: {}, zones: [zone], slabs: [], totalSwapBytes: 100 * MiB };
    expect(
      nextVictimsOf(event([task(2, 1, { oomScoreAdj: 10 })], { scope: 'cpuset', memory })),
    ).toMatchObject({
      tasks: [{ badnessBytes: 6 * MiB }],
      totalBytes: 500 * MiB,
    });
  });

  it('is told with its doubts', () => {
    const row = without(without(task(2, 5), 'swapBytes'), 'pgtablesBytes');
    expect(
      nextVictimsOf(event([row], { allocatingTask: true, tasks: { rows: [row], moreRows: 0, whole: false } }))
        ?.doubts,
    ).toEqual(['table-cut', 'swap', 'page-tables', 'allocating-task']);
  });

  it('is not told without a table, nor by one of a kernel that had another formula', () => {
    expect(nextVictimsOf(without(event([]), 'tasks'))).toBeUndefined();
    expect(pidsOf(event([without(task(2, 5), 'oomScoreAdj')]))).toBeUndefined();
  });

  it('is nobody where all are dead', () => {
    expect(pidsOf(event([task(9, 5)]))).toEqual([]);
  });
});
