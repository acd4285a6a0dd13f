import { processorStat, type ProcessorStat } from '../proc/processorStat';
import { ticksOf, type CpuTicks } from '../proc/stat';
import { timeOfDay } from './clock';
import { cellsOf, evenColumns, headOf, numberText, type Figures } from './columns';
import { sum } from './deltas';
import type { CheckupInputs } from './inputs';
import { ticksBetween, ticksSum } from './processorTime';
import { pairOf } from './readings';
import type { Section } from './section';
import { Verdicts, type Verdict } from './verdict';

const names = [
  '%usr',
  '%nice',
  '%sys',
  '%iowait',
  '%irq',
  '%soft',
  '%steal',
  '%guest',
  '%gnice',
  '%idle',
] as const;

type MpstatColumn = (typeof names)[number];

const columns = evenColumns<MpstatColumn>(names, 7, 2);

/** The busiest are shown of more processors than this. */
const mostLines = 256;

/** Shares in percent of one processor's time, or of that of all of them. */
export interface MpstatRow extends Figures<MpstatColumn> {
  readonly CPU: 'all' | number;
}

/**
 * `mpstat -P ALL SPAN 1` (sysstat, mpstat.c, write_cpu_stats). `%usr` and `%nice` are without guests. `all` is the sum of
 * the processors' own lines.
 */
export function mpstatSection(inputs: CheckupInputs): Section<readonly MpstatRow[]> {
  const stats = pairOf(processorStat, inputs);
  const { start, end, spanMs } = stats;
  const { spent, missing } =
    start && end && spanMs !== undefined
      ? spentByProcessor(start.facts, end.facts)
      : { spent: [], missing: [] };
  const all =
    ticksSum(spent.map(({ ticks }) => ticks)) ??
    (start?.facts.cpu && end?.facts.cpu && ticksBetween(start.facts.cpu, end.facts.cpu));
  const rows = [
    ...(all && spanMs !== undefined ? [rowOf('all', all)] : []),
    ...spent.map(({ number, ticks }) => rowOf(number, ticks)),
  ];
  const shown = busiest(rows);
  const left = rows.length - shown.length;
  const startedAtMs = inputs.endedAtMs - (spanMs ?? 0);
  const stamp = timeOfDay(inputs.endedAtMs).padEnd(11);
  return {
    id: 'mpstat',
    command: 'mpstat -P ALL 1',
    figures: rows.length === 0 ? undefined : rows,
    lines: [
      `${timeOfDay(startedAtMs).padEnd(11)}  CPU${headOf(columns)}`,
      ...shown.map((row) => `${stamp}  ${String(row.CPU).padStart(3)}${cellsOf(columns, row)}`),
    ],
    missing: [
      ...stats.missing,
      ...missing,
      ...(left > 0 ? [`${left} processors that were less busy are not shown`] : []),
    ],
    verdicts: verdictsOf(rows),
  };
}

interface Spent {
  readonly number: number;
  readonly ticks: CpuTicks;
}

function spentByProcessor(
  start: ProcessorStat,
  end: ProcessorStat,
): { readonly spent: readonly Spent[]; readonly missing: readonly string[] } {
  const before = new Map(start.processors.map(({ number, ticks }) => [number, ticks]));
  const after = new Set(end.processors.map(({ number }) => number));
  const spent: Spent[] = [];
  const missing: string[] = [];
  for (const { number, ticks } of end.processors) {
    const last = before.get(number);
    if (!before.has(number)) missing.push(`processor ${number} came online in between`);
    else if (last === undefined || ticks === undefined) missing.push(`processor ${number} could not be read`);
    else spent.push({ number, ticks: ticksBetween(last, ticks) });
  }
  for (const number of before.keys()) {
    if (!after.has(number)) missing.push(`processor ${number} went offline in between`);
  }
  if (end.processors.length === 0) missing.push('proc/stat: no lines of single processors on this host');
  return { spent, missing: missing.slice(0, 10) };
}

function rowOf(cpu: MpstatRow['CPU'], ticks: CpuTicks): MpstatRow {
  const total = ticksOf(ticks);
  // A processor that sleeps without ticks counts nothing at all: mpstat calls that idle.
  const share = (part: number): number => (total === 0 ? 0 : (100 * Math.max(0, part)) / total);
  return {
    CPU: cpu,
    '%usr': share(ticks.user - ticks.guest),
    '%nice': share(ticks.nice - ticks.guestNice),
    '%sys': share(ticks.system),
    '%iowait': share(ticks.iowait),
    '%irq': share(ticks.irq),
    '%soft': share(ticks.softirq),
    '%steal': share(ticks.steal),
    '%guest': share(ticks.guest),
    '%gnice': share(ticks.guestNice),
    '%idle': total === 0 ? 100 : share(ticks.idle),
  };
}

/** The line of all, and the lines of the processors that were least idle in the order of their numbers. */
function busiest(rows: readonly MpstatRow[]): readonly MpstatRow[] {
  if (rows.length <= mostLines + 1) return rows;
  const [all, ...others] = rows;
  const idle = others.map((row) => row['%idle'] ?? 100).sort((a, b) => a - b);
  const limit = idle[mostLines - 1] ?? 100;
  const least = others.filter((row) => (row['%idle'] ?? 100) <= limit).slice(0, mostLines);
  return all === undefined ? least : [all, ...least];
}

function busyOf(row: MpstatRow): number {
  return 100 - (row['%idle'] ?? 0) - (row['%iowait'] ?? 0);
}

function verdictsOf(rows: readonly MpstatRow[]): readonly Verdict[] {
  const verdicts = new Verdicts();
  const [all] = rows;
  const processors = rows.filter(({ CPU }) => CPU !== 'all');
  const hot = processors.filter((row) => busyOf(row) > 90).length;
  if (all !== undefined && processors.length > 1 && hot > 0 && hot <= processors.length / 2) {
    verdicts.say(
      'look',
      `${hot} of ${processors.length} processors ${hot === 1 ? 'is' : 'are'} hot and the others are not: perhaps a program with a single thread`,
    );
  }
  for (const row of processors) {
    const busy = busyOf(row);
    const interrupts = sum(row['%irq'], row['%soft']);
    verdicts.line(
      `CPU ${row.CPU}`,
      ['processorBusyPercent', busy, `${numberText(busy, 0)} % busy`],
      ['softPercent', interrupts, `${numberText(interrupts, 0)} % for interrupts`],
      ['stealPercent', row['%steal'], `${numberText(row['%steal'], 0)} % stolen by the hypervisor`],
    );
  }
  return verdicts.list(all && `the processors are ${numberText(busyOf(all), 0)} % busy together`);
}
