import { describe, expect, it } from 'vitest';
import { ProcessTable } from '../../../src/core/processes/processTable';
import type { ProcessQuery } from '../../../src/protocol';
import { queriedProcesses, usualQuery } from '../../../src/ui/surveyQuery';
import { slice, stats, type StatFigures } from '../core/processes/slices';

function tableOf(figures: Readonly<Record<number, StatFigures>>): ProcessTable {
  const table = new ProcessTable(4096);
  table.add(slice(10, { pids: Object.keys(figures).map(Number), text: stats(figures) }));
  return table;
}

function queried(table: ProcessTable, query: Partial<ProcessQuery>): ReturnType<typeof queriedProcesses> {
  return queriedProcesses(table, { ...usualQuery, ...query }, ({ stat }) => [stat.name]);
}

const pidsOf = (processes: readonly { readonly pid: number }[]): number[] => processes.map(({ pid }) => pid);

describe('a filter', () => {
  const many = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [
      index + 2,
      { name: index < 120 ? 'worker' : 'app', rss: index },
    ]),
  );
  const table = tableOf({ 1: { name: 'init', rss: 1 }, ...many, 900: { name: 'kswapd0', rss: 0 } });

  it('finds every process of the host, be it among the first or without memory', () => {
    expect(queried(table, { filter: 'kswapd' })).toMatchObject({ shown: [{ pid: 900 }], matching: 1 });
    expect(queried(table, { filter: '3' })).toMatchObject({ shown: [{ pid: 3 }], matching: 1 });
    expect(queried(table, { filter: 'nobody' })).toMatchObject({ shown: [], matching: 0 });
  });

  it('gives the first fifty by the order, and says how many there are', () => {
    const { shown, matching } = queried(table, { filter: 'worker' });
    expect(matching).toBe(120);
    expect(pidsOf(shown)).toEqual(Array.from({ length: 50 }, (_, index) => 121 - index));
    // Nobody has any: by pid.
    const byFaults = queried(table, { filter: 'worker', order: 'majorFaults' }).shown;
    expect(pidsOf(byFaults)).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
  });

  it('is put in order by what only /proc/PID/status and oom_score tell, too', () => {
    const read = new ProcessTable(4096);
    const status = (swapKb: number): string => `Uid:\t0\t0\t0\t0\nVmSwap:\t${swapKb} kB\n`;
    const few = { 5: { name: 'app' }, 6: { name: 'app' }, 7: { name: 'app' } };
    const text = {
      ...stats(few),
      'proc/6/status': status(9),
      'proc/7/status': status(90),
      'proc/6/oom_score': '5\n',
    };
    read.add(slice(10, { pids: [5, 6, 7], text }));
    expect(pidsOf(queried(read, { filter: 'app', order: 'swap' }).shown)).toEqual([7, 6, 5]);
    expect(pidsOf(queried(read, { filter: 'app', order: 'oomScore' }).shown)).toEqual([6, 5, 7]);
  });

  it('that is blank is none', () => {
    const { shown, matching } = queried(table, { filter: '  ' });
    expect(matching).toBeUndefined();
    expect(shown).toHaveLength(10);
  });
});

describe('a tree', () => {
  it('tells the parents too, and of each which one it is', () => {
    const table = new ProcessTable(4096);
    const text = stats({ 1: { rss: 1, start: 0 }, 20: { rss: 0 }, 30: { rss: 5 }, 31: { rss: 6 } });
    const below20 = (pid: number): string => (text[`proc/${pid}/stat`] ?? '').replace(' S 1 ', ' S 20 ');
    table.add(
      slice(10, {
        pids: [1, 20, 30, 31],
        text: { ...text, 'proc/30/stat': below20(30), 'proc/31/stat': below20(31) },
      }),
    );
    const { shown, parents, parentPidOf } = queried(table, { tree: true, filter: '30' });
    expect([pidsOf(shown), pidsOf(parents)]).toEqual([[30], [20, 1]]);
    expect([...shown, ...parents].map(parentPidOf)).toEqual([20, 1, undefined]);
    const flat = queried(table, { filter: '30' });
    expect([flat.parents, flat.shown.map(flat.parentPidOf)]).toEqual([[], [undefined]]);
  });
});
