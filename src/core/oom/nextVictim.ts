import type { OomEvent } from './event';
import { isWholeTable, type TaskRow } from './taskRow';

/** A task that the killer would have come to next, and the kernel's measure of it. */
export interface NextVictim {
  readonly task: TaskRow;
  /** rss + swap + page tables + oom_score_adj × total / 1000; may be below 0. */
  readonly badnessBytes: number;
}

/**
 * Why another one may be next:
 * - `table-cut`: not all tasks are known
 * - `swap`, `page-tables`: this kernel's table does not list what the kernel counts
 * - `total`: the memory there is is not known, or not whole (swap that a cgroup may use), by which oom_score_adj is scaled
 * - `allocating-task`: vm.oom_kill_allocating_task is set, so that badness decides nothing
 * - `same-score`: another task is as bad
 */
export type NextVictimDoubt =
  'table-cut' | 'swap' | 'page-tables' | 'total' | 'allocating-task' | 'same-score';

/** Who would have been next, had the kill not been enough. */
export interface NextVictims {
  /** Worst first, at most 10. */
  readonly tasks: readonly NextVictim[];
  /** What oom_score_adj is a share of: RAM and swap, the limit of the cgroup, or the memory of the nodes. */
  readonly totalBytes?: number;
  readonly doubts: readonly NextVictimDoubt[];
}

const mostTasks = 10;

const usualPageBytes = 4096;

/**
 * Who would have been next by the kernel's formula since 2.6.36 (`oom_badness`, mm/oom_kill.c), from the table of tasks
 * of the report. The table lists those tasks only that may be killed at all. It does not tell which of them share the
 * victim's memory, are ending already, or are favoured by swapoff (`oom_task_origin`).
 * @returns undefined without a table, and with that of a kernel that has another formula or of unknown page size.
 */
export function nextVictimsOf(event: OomEvent): NextVictims | undefined {
  const rows = event.tasks?.rows.filter(
    ({ rssBytes, oomScoreAdj }) => rssBytes !== undefined && oomScoreAdj !== undefined,
  );
  if (event.tasks === undefined || rows === undefined || rows.length === 0) return undefined;
  const dead = new Set(event.victims.map(({ pid }) => pid));
  const eligible = rows.filter(
    ({ pid, tgid, oomScoreAdj }) =>
      !dead.has(pid) && !dead.has(tgid ?? pid) && (tgid ?? pid) !== 1 && oomScoreAdj !== -1000,
  );
  const total = totalOf(event);
  const adjusted = eligible.some(({ oomScoreAdj }) => oomScoreAdj !== 0);
  if (adjusted && total === undefined) return undefined;
  const tasks = worstOf(eligible, total?.bytes ?? 0);
  const [first, second] = tasks;
  const doubts: readonly (readonly [NextVictimDoubt, boolean])[] = [
    ['table-cut', !isWholeTable(event.tasks) || rows.length < event.tasks.rows.length],
    ['swap', eligible.some(({ swapBytes }) => swapBytes === undefined)],
    ['page-tables', eligible.some(({ pgtablesBytes }) => pgtablesBytes === undefined)],
    ['total', adjusted && total?.whole !== true],
    ['allocating-task', event.allocatingTask === true],
    ['same-score', first !== undefined && first.badnessBytes === second?.badnessBytes],
  ];
  return {
    tasks,
    ...(total === undefined ? {} : { totalBytes: total.bytes }),
    doubts: doubts.filter(([, holds]) => holds).map(([doubt]) => doubt),
  };
}

/** Worst first. Of those that are as bad the kernel takes the last: `points < chosen_points` skips. */
function worstOf(eligible: readonly TaskRow[], totalBytes: number): NextVictim[] {
  const worst: NextVictim[] = [];
  for (const task of eligible) {
    const badnessBytes = badnessOf(task, totalBytes);
    const last = worst.at(-1);
    if (worst.length === mostTasks && last !== undefined && last.badnessBytes > badnessBytes) continue;
    const place = worst.findIndex((other) => other.badnessBytes <= badnessBytes);
    worst.splice(place < 0 ? worst.length : place, 0, { task, badnessBytes });
    if (worst.length > mostTasks) worst.pop();
  }
  return worst;
}

function badnessOf(task: TaskRow, totalBytes: number): number {
  const { rssBytes = 0, swapBytes = 0, pgtablesBytes = 0, oomScoreAdj = 0 } = task;
  // The kernel divides first, in pages. Where they are larger than the usual, this is off by less than the margin that counts.
  const thousandth = Math.floor(totalBytes / usualPageBytes / 1000) * usualPageBytes;
  return rssBytes + swapBytes + pgtablesBytes + oomScoreAdj * thousandth;
}

/** `oc->totalpages` (`constrained_alloc`, mm/oom_kill.c; `mem_cgroup_get_max`). `whole`: no part of it is unknown. */
function totalOf(event: OomEvent): { readonly bytes: number; readonly whole: boolean } | undefined {
  const { memory, cgroupMemory, scope } = event;
  const swap = memory?.totalSwapBytes;
  switch (scope) {
    case 'global':
    case 'sysrq': {
      if (memory?.ramBytes === undefined) return undefined;
      const bytes = memory.ramBytes - (memory.reservedBytes ?? 0) + (swap ?? 0);
      return { bytes, whole: memory.reservedBytes !== undefined && swap !== undefined };
    }
    case 'cpuset':
    case 'mempolicy': {
      const present = memory?.zones.map(({ presentBytes }) => presentBytes) ?? [];
      if (present.length === 0 || present.includes(undefined)) return undefined;
      const bytes = present.reduce<number>((sum, one) => sum + (one ?? 0), swap ?? 0);
      return { bytes, whole: swap !== undefined };
    }
    case 'memcg': {
      const limit = cgroupMemory?.memory?.limitBytes;
      if (limit === undefined || limit === 'max') return undefined;
      // Version 2 may use this much swap, version 1 up to both together; but no more than the machine has.
      const allowance = swapAllowance(event, limit);
      if (allowance === 0) return { bytes: limit, whole: true };
      return swap === undefined || allowance === undefined
        ? { bytes: limit, whole: false }
        : { bytes: limit + Math.min(allowance, swap), whole: true };
    }
    case 'unknown':
      return undefined;
  }
}

/** How much swap the cgroup may use: Infinity without a limit, undefined where it is not told. */
function swapAllowance({ cgroupMemory }: OomEvent, limit: number): number | undefined {
  const both = cgroupMemory?.memoryAndSwap?.limitBytes;
  if (both !== undefined) return both === 'max' ? Infinity : Math.max(0, both - limit);
  const swap = cgroupMemory?.swap?.limitBytes;
  return swap === 'max' ? Infinity : swap;
}
