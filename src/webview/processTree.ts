import type { ProcessRow } from '../protocol';

/** A row of a tree. */
export interface TreeRow {
  readonly row: ProcessRow;
  /** 0: it has no parent here. */
  readonly level: number;
}

/**
 * Rows with the parents that place them, each below its parent, those of one parent by their pids, as ps shows them.
 * @param all what is told, parents among it.
 */
export function treeOf(rows: readonly ProcessRow[], all: readonly ProcessRow[]): readonly TreeRow[] {
  const byPid = new Map(all.map((row) => [row.pid, row]));
  const placed = new Set<ProcessRow>();
  for (const row of rows) {
    for (let one: ProcessRow | undefined = row; one && !placed.has(one); one = parentOf(one, byPid)) {
      placed.add(one);
    }
  }
  const sorted = [...placed].sort((one, other) => one.pid - other.pid);
  const children = new Map<ProcessRow | undefined, ProcessRow[]>();
  for (const row of sorted) {
    const parent = parentOf(row, byPid);
    children.set(parent, [...(children.get(parent) ?? []), row]);
  }
  const lines: TreeRow[] = [];
  const waiting = new Set(sorted);
  const add = (row: ProcessRow, level: number): void => {
    if (!waiting.delete(row)) return;
    lines.push({ row, level });
    for (const child of children.get(row) ?? []) add(child, level + 1);
  };
  for (const row of children.get(undefined) ?? []) add(row, 0);
  // Two that are told to be each other's parents.
  for (const row of sorted) add(row, 0);
  return lines;
}

function parentOf(row: ProcessRow, byPid: ReadonlyMap<number, ProcessRow>): ProcessRow | undefined {
  return row.parentPid === undefined ? undefined : byPid.get(row.parentPid);
}
