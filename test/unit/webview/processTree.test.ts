import { describe, expect, it } from 'vitest';
import type { ProcessRow } from '../../../src/protocol';
import { treeOf } from '../../../src/webview/processTree';

function row(pid: number, parentPid?: number): ProcessRow {
  return {
    pid,
    startTicks: 1,
    name: '',
    facts: [],
    actions: [],
    ...(parentPid !== undefined && { parentPid }),
  };
}

/** Pids behind as many dots as they stand deep. */
const drawn = (chosen: readonly number[], all: readonly ProcessRow[]): string[] =>
  treeOf(
    all.filter(({ pid }) => chosen.includes(pid)),
    all,
  ).map((line) => `${'.'.repeat(line.level)}${line.row.pid}`);

describe('treeOf', () => {
  const all = [row(40, 30), row(31, 30), row(30, 1), row(1), row(2), row(50, 2), row(60, 99)];

  it('puts each below its parent, those of one parent by their pids', () => {
    expect(drawn([40, 31, 30, 1, 2, 50, 60], all)).toEqual(['1', '.30', '..31', '..40', '2', '.50', '60']);
  });

  it('takes in the parents that place those that are shown, and no others', () => {
    expect(drawn([40], all)).toEqual(['1', '.30', '..40']);
    expect(drawn([50, 60], all)).toEqual(['2', '.50', '60']);
    expect(drawn([], all)).toEqual([]);
  });

  it('shows each once where they are told to be each other’s parents', () => {
    expect(drawn([5, 6], [row(5, 6), row(6, 5)]).sort()).toEqual(['.6', '5']);
    expect(drawn([7], [row(7, 7)])).toEqual(['7']);
  });
});
