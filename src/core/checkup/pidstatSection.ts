import { timeOfDay } from './clock';
import { cleanName } from './cleanText';
import { cellsOf, evenColumns, headOf, numberText, type Figures } from './columns';
import type { CheckupInputs } from './inputs';
import type { Section } from './section';
import { byUse, mostTaskLines, percentOf, ticksUsed, type Task, type Tasks } from './tasks';
import { Verdicts } from './verdict';
import { counted } from './words';

const shares = ['%usr', '%system', '%guest', '%wait', '%CPU'] as const;

const columns = [
  { name: 'UID', width: 5 },
  { name: 'PID', width: 9 },
  ...evenColumns<(typeof shares)[number]>(shares, 7, 2),
  { name: 'CPU', width: 5 },
] as const;

/** `UID` is the real user; `CPU` the processor that it ran on last; the others in percent of one processor. */
export interface PidstatRow extends Figures<'UID' | 'PID' | 'CPU' | (typeof shares)[number]> {
  readonly Command: string;
}

/**
 * `pidstat SPAN 1` (sysstat, pidstat.c, write_pid_task_cpu_stats): processes that used any processor time, in the order of
 * their pids. `%usr` is without guests, `%wait` the run delay of the first thread, `%CPU` user and system together.
 */
export function pidstatSection(
  inputs: CheckupInputs,
  { tasks, ended, missing }: Tasks,
): Section<readonly PidstatRow[]> {
  const active = byUse(tasks.filter((task) => (ticksUsed(task) ?? 0) > 0));
  const shown = active.slice(0, mostTaskLines).sort((a, b) => a.stat.pid - b.stat.pid);
  const left = active.length - shown.length;
  const rows = shown.map(rowOf);
  const spanMs = Math.max(0, ...tasks.map((task) => task.spanMs));
  const stamp = timeOfDay(inputs.endedAtMs).padEnd(11);
  const known = tasks.some((task) => ticksUsed(task) !== undefined);
  const notes = [...missing];
  if (left > 0)
    notes.push(
      `${counted(left, 'more process', 'more processes')} used some processor time, each less than those shown`,
    );
  if (ended > 0)
    notes.push(
      `${counted(ended, 'process', 'processes')} ended in between: what was used until then is in no line`,
    );
  if (rows.some((row) => row.UID === undefined))
    notes.push('UID: proc/PID/status was not read for every process');
  if (rows.some((row) => row['%wait'] === undefined)) {
    notes.push('%wait: proc/PID/schedstat is not there for every process');
  }
  return {
    id: 'pidstat',
    command: 'pidstat 1',
    figures: known ? rows : undefined,
    lines: [
      `${timeOfDay(inputs.endedAtMs - spanMs).padEnd(11)}${headOf(columns)}  Command`,
      ...rows.map((row) => `${stamp}${cellsOf(columns, row)}  ${row.Command}`),
    ],
    missing: notes,
    verdicts: verdictsOf(rows, known),
  };
}

function rowOf(task: Task): PidstatRow {
  const { stat, status, userTicks, guestTicks, runDelayNs, spanMs } = task;
  const guest = guestTicks ?? 0;
  return {
    UID: status?.uid,
    PID: stat.pid,
    '%usr': percentOf(task, userTicks === undefined ? undefined : Math.max(0, userTicks - guest)),
    '%system': percentOf(task, task.systemTicks),
    '%guest': percentOf(task, guestTicks),
    '%wait': runDelayNs === undefined || !(spanMs > 0) ? undefined : (100 * runDelayNs) / (spanMs * 1e6),
    '%CPU': percentOf(task, ticksUsed(task)),
    CPU: stat.processor,
    Command: cleanName(stat.name),
  };
}

function verdictsOf(rows: readonly PidstatRow[], known: boolean): ReturnType<Verdicts['list']> {
  const verdicts = new Verdicts();
  for (const row of rows) {
    verdicts.line(
      `${row.Command} (${row.PID ?? '?'})`,
      ['processPercent', row['%CPU'], `uses ${numberText(row['%CPU'], 0)} % of a processor`],
      [
        'processWaitPercent',
        row['%wait'],
        `waits ${numberText(row['%wait'], 0)} % of the time for a processor`,
      ],
    );
  }
  const [most] = [...rows].sort((a, b) => (b['%CPU'] ?? 0) - (a['%CPU'] ?? 0));
  const text =
    most === undefined
      ? 'no process used any processor time'
      : `${counted(rows.length, 'process was', 'processes were')} active, the busiest used ${numberText(most['%CPU'], 0)} % of a processor`;
  return verdicts.list(known ? text : undefined);
}
