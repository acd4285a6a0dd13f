import type { CpuTicks } from '../proc/stat';

const columns = [
  'user',
  'nice',
  'system',
  'idle',
  'iowait',
  'irq',
  'softirq',
  'steal',
  'guest',
  'guestNice',
] as const satisfies readonly (keyof CpuTicks)[];

/**
 * Ticks spent between two readings. A column that went back counts as 0: `idle` and `iowait` do a little at times, and so do
 * those of a processor that was offline (sysstat's get_per_cpu_interval and procps' vmstat do the same).
 */
export function ticksBetween(start: CpuTicks, end: CpuTicks): CpuTicks {
  return ticksOfEach((column) => Math.max(0, end[column] - start[column]));
}

/** All of them together; undefined for none. */
export function ticksSum(all: readonly CpuTicks[]): CpuTicks | undefined {
  if (all.length === 0) return undefined;
  return ticksOfEach((column) => all.reduce((total, ticks) => total + ticks[column], 0));
}

function ticksOfEach(value: (column: keyof CpuTicks) => number): CpuTicks {
  return Object.fromEntries(columns.map((column) => [column, value(column)])) as unknown as CpuTicks;
}
