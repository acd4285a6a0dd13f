import { processSchedstat } from '../proc/processSchedstat';
import { processStat, type ProcessStat } from '../proc/processStat';
import { processStatus, type ProcessStatus } from '../proc/processStatus';
import { mostTasks } from '../proc/text';
import { Deltas } from './deltas';
import type { CheckupReadings, CheckupSlice } from './inputs';
import { parsedOf, textOf } from './readings';

/** `USER_HZ` on every machine but alpha. */
export const ticksPerSecond = 100;

/** So many processes that could not be read are told. */
const mostNotes = 5;

/** One process at the end of the span, and what it used in it. */
export interface Task {
  readonly stat: ProcessStat;
  /** Read for some processes only. */
  readonly status: ProcessStatus | undefined;
  /** Between its two readings. For one that began in between, since the start of the checkup, as pidstat and top take it. */
  readonly spanMs: number;
  /** Guests included. Undefined: not known before, or went back. */
  readonly userTicks: number | undefined;
  readonly systemTicks: number | undefined;
  readonly guestTicks: number | undefined;
  /** Of its first thread: waited for a processor. Undefined too without CONFIG_SCHED_INFO. */
  readonly runDelayNs: number | undefined;
}

export interface Tasks {
  /** In the order of their pids. Empty: no process could be read. */
  readonly tasks: readonly Task[];
  /** Processes of the start that are gone at the end: nobody can tell what they used after the start. */
  readonly ended: number;
  readonly missing: readonly string[];
}

interface Found {
  readonly stat: ProcessStat;
  readonly atMs: number;
}

/** All processes of the end with what they used since the start. Never throws. */
export function tasksOf(inputs: CheckupReadings): Tasks {
  const problems: string[] = [];
  const before = foundIn(inputs.start, problems);
  const after = foundIn(inputs.end, problems);
  for (const { unchangedPids, hostUptimeMs } of inputs.end) {
    for (const pid of unchangedPids) {
      const last = before.get(pid);
      if (last !== undefined && !after.has(pid)) after.set(pid, { ...last, atMs: hostUptimeMs });
    }
  }
  const startMs = Math.min(...inputs.start.map(({ hostUptimeMs }) => hostUptimeMs));
  const tasks = [...after.values()]
    .sort((a, b) => a.stat.pid - b.stat.pid)
    .map((found) => taskOf(found, before.get(found.stat.pid), startMs, inputs, problems));
  const ended = [...before].filter(
    ([pid, { stat }]) => after.get(pid)?.stat.starttimeTicks !== stat.starttimeTicks,
  ).length;
  const missing = problems.slice(0, mostNotes);
  if (problems.length > mostNotes) missing.push(`${problems.length - mostNotes} more such problems`);
  if (after.size === 0) missing.push('proc/PID/stat: no process could be read');
  return { tasks, ended, missing };
}

function foundIn(slices: readonly CheckupSlice[], problems: string[]): Map<number, Found> {
  const found = new Map<number, Found>();
  for (const { text, hostUptimeMs } of slices) {
    for (const path of Object.keys(text)) {
      const [, digits] = /^proc\/(\d{1,7})\/stat$/.exec(path) ?? [];
      if (digits === undefined || found.size >= mostTasks) continue;
      const stat = parsedOf(processStat, path, text[path], problems);
      if (stat !== undefined) found.set(stat.pid, { stat, atMs: hostUptimeMs });
    }
  }
  return found;
}

function taskOf(
  { stat, atMs }: Found,
  sameLast: Found | undefined,
  startMs: number,
  inputs: CheckupReadings,
  problems: string[],
): Task {
  const last = sameLast?.stat.starttimeTicks === stat.starttimeTicks ? sameLast : undefined;
  // A tick of tolerance: the start time is rounded down.
  const began = sameLast !== undefined || stat.starttimeTicks * 10 + 10 >= startMs;
  const spanMs = atMs - (last?.atMs ?? startMs);
  const deltas = new Deltas(spanMs);
  const used = (
    name: string,
    lastValue: number | undefined,
    value: number | undefined,
  ): number | undefined => {
    if (last !== undefined) return deltas.of(name, lastValue, value);
    return began ? value : undefined;
  };
  const path = `proc/${stat.pid}/schedstat`;
  const delayOf = (slices: readonly CheckupSlice[]): number | undefined =>
    parsedOf(processSchedstat, path, textOf(slices, path), problems)?.runDelayNs;
  const statusPath = `proc/${stat.pid}/status`;
  return {
    stat,
    status: parsedOf(processStatus, statusPath, textOf(inputs.end, statusPath), problems),
    spanMs,
    userTicks: used('utime', last?.stat.utimeTicks, stat.utimeTicks),
    systemTicks: used('stime', last?.stat.stimeTicks, stat.stimeTicks),
    guestTicks: used('guest_time', last?.stat.guestTimeTicks, stat.guestTimeTicks),
    runDelayNs: used('run_delay', delayOf(inputs.start), delayOf(inputs.end)),
  };
}

/** Ticks of user and system together; undefined where one is not known. */
export function ticksUsed({ userTicks, systemTicks }: Task): number | undefined {
  return userTicks === undefined || systemTicks === undefined ? undefined : userTicks + systemTicks;
}

/** Ticks as percent of one processor over the task's span. */
export function percentOf({ spanMs }: Task, ticks: number | undefined): number | undefined {
  if (ticks === undefined || !(spanMs > 0)) return undefined;
  return (100 * ticks * 1000) / (ticksPerSecond * spanMs);
}

/** The most processor time first, as `top` sorts them; the lowest pid first among equals. */
export function byUse(tasks: readonly Task[]): readonly Task[] {
  return [...tasks].sort((a, b) => (ticksUsed(b) ?? -1) - (ticksUsed(a) ?? -1) || a.stat.pid - b.stat.pid);
}

/** So many processes have a line of their own at most. */
export const mostTaskLines = 40;
