import { diskCounters, type DiskCounters } from '../proc/diskCounters';
import { isPartition } from '../proc/partition';
import { processorStat } from '../proc/processorStat';
import { ticksOf } from '../proc/stat';
import { cleanName } from './cleanText';
import { cellsOf, evenColumns, headOf, numberText, type Column, type Figures } from './columns';
import { Deltas, ratio, sum, wrapsAt32Bits } from './deltas';
import type { CheckupInputs } from './inputs';
import { ticksBetween } from './processorTime';
import { pairOf } from './readings';
import type { Section } from './section';
import { Verdicts } from './verdict';
import { counted } from './words';

const averageNames = ['%user', '%nice', '%system', '%iowait', '%steal', '%idle'] as const;

const averageColumns = evenColumns<(typeof averageNames)[number]>(averageNames, 7, 2);

/** Shares of the time of all processors; guests are in `%user` and `%nice`, interrupts in `%system`. */
export type IostatAverage = Figures<(typeof averageNames)[number]>;

const readColumns = [
  { name: 'r/s', width: 7, digits: 2 },
  { name: 'rkB/s', width: 9, digits: 2 },
  { name: 'rrqm/s', width: 8, digits: 2 },
  { name: '%rrqm', width: 6, digits: 2 },
  { name: 'r_await', width: 7, digits: 2 },
  { name: 'rareq-sz', width: 8, digits: 2 },
] as const;

const writeColumns = [
  { name: 'w/s', width: 7, digits: 2 },
  { name: 'wkB/s', width: 9, digits: 2 },
  { name: 'wrqm/s', width: 8, digits: 2 },
  { name: '%wrqm', width: 6, digits: 2 },
  { name: 'w_await', width: 7, digits: 2 },
  { name: 'wareq-sz', width: 8, digits: 2 },
] as const;

const discardColumns = [
  { name: 'd/s', width: 7, digits: 2 },
  { name: 'dkB/s', width: 9, digits: 2 },
  { name: 'drqm/s', width: 8, digits: 2 },
  { name: '%drqm', width: 6, digits: 2 },
  { name: 'd_await', width: 7, digits: 2 },
  { name: 'dareq-sz', width: 8, digits: 2 },
] as const;

const flushColumns = [
  { name: 'f/s', width: 7, digits: 2 },
  { name: 'f_await', width: 7, digits: 2 },
] as const;

const loadColumns = [
  { name: 'aqu-sz', width: 7, digits: 2 },
  { name: '%util', width: 6, digits: 2 },
] as const;

type DeviceColumn =
  | (typeof readColumns)[number]['name']
  | (typeof writeColumns)[number]['name']
  | (typeof discardColumns)[number]['name']
  | (typeof flushColumns)[number]['name']
  | (typeof loadColumns)[number]['name'];

/** kB are 1024 bytes; `await` in ms; `areq-sz` in kB. Columns that the kernel does not count are undefined. */
export interface IostatRow extends Figures<DeviceColumn> {
  readonly Device: string;
}

export interface IostatFigures {
  readonly average: IostatAverage | undefined;
  /** Whole disks with any request in the span. */
  readonly devices: readonly IostatRow[];
}

/** The busiest are shown of more disks than this. */
const mostLines = 64;

/**
 * `iostat -xz SPAN 1` without the report since boot (sysstat, iostat.c, write_plain_ext_stat, and compute_ext_disk_stats of
 * rd_stats.c). Partitions are left out, as there, and disks without a request in the span (`-z`).
 */
export function iostatSection(inputs: CheckupInputs): Section<IostatFigures> {
  const disks = pairOf(diskCounters, inputs);
  const stats = pairOf(processorStat, inputs);
  const average = averageOf(
    stats.start?.facts.cpu,
    stats.spanMs === undefined ? undefined : stats.end?.facts.cpu,
  );
  const deltas = new Deltas(disks.spanMs ?? 0);
  const before = new Map(disks.start?.facts.map((disk) => [disk.name, disk]));
  const names = new Set(disks.end?.facts.map(({ name }) => name));
  const whole = disks.end?.facts.filter(({ name }) => !isPartition(name, names)) ?? [];
  const missing = [...disks.missing, ...stats.missing];
  const known = disks.spanMs !== undefined;

  const rows: IostatRow[] = [];
  for (const disk of known ? whole : []) {
    const last = before.get(disk.name);
    if (last === undefined) missing.push(`${cleanName(disk.name)} came in between`);
    else if (isActive(last, disk)) rows.push(rowOf(deltas, last, disk));
  }
  for (const name of before.keys()) {
    if (known && !names.has(name)) missing.push(`${cleanName(name)} went in between`);
  }

  // A kernel without a column has it for no disk.
  const discards = whole.some((disk) => disk.discards !== undefined);
  const flushes = whole.some((disk) => disk.flushes !== undefined);
  if (known && whole.length > 0 && !discards)
    missing.push('d/s to dareq-sz: this kernel does not count discards (before 4.18)');
  if (known && whole.length > 0 && !flushes)
    missing.push('f/s and f_await: this kernel does not count flushes (before 5.5)');
  const columns: readonly Column<DeviceColumn>[] = [
    ...readColumns,
    ...writeColumns,
    ...(discards ? discardColumns : []),
    ...(flushes ? flushColumns : []),
    ...loadColumns,
  ];
  const shown = busiest(rows);
  if (shown.length < rows.length)
    missing.push(`${rows.length - shown.length} disks that were less busy are not shown`);
  return {
    id: 'iostat',
    command: 'iostat -xz 1',
    figures: known || average !== undefined ? { average, devices: rows } : undefined,
    lines: [
      `avg-cpu:${headOf(averageColumns).slice(1)}`,
      ...(average === undefined ? [] : [`       ${cellsOf(averageColumns, average)}`]),
      '',
      `${'Device'.padEnd(13)}${headOf(columns)}`,
      ...shown.map((row) => `${row.Device.padEnd(13)}${cellsOf(columns, row)}`),
    ],
    missing: [...missing.slice(0, 12), ...deltas.notes],
    verdicts: verdictsOf(rows, known),
  };
}

function averageOf(
  start: Parameters<typeof ticksBetween>[0] | undefined,
  end: Parameters<typeof ticksBetween>[0] | undefined,
): IostatAverage | undefined {
  const spent = start && end && ticksBetween(start, end);
  const total = spent === undefined ? 0 : ticksOf(spent);
  if (spent === undefined || total === 0) return undefined;
  const share = (ticks: number): number => (100 * ticks) / total;
  return {
    '%user': share(spent.user),
    '%nice': share(spent.nice),
    '%system': share(spent.system + spent.irq + spent.softirq),
    '%iowait': share(spent.iowait),
    '%steal': share(spent.steal),
    '%idle': share(spent.idle),
  };
}

/** True where any request ended in the span. */
function isActive(last: DiskCounters, now: DiskCounters): boolean {
  return (['reads', 'writes', 'discards', 'flushes'] as const).some((field) => last[field] !== now[field]);
}

function rowOf(deltas: Deltas, last: DiskCounters, now: DiskCounters): IostatRow {
  const delta = (field: Exclude<keyof DiskCounters, 'name'>): number | undefined => {
    // In bytes the kernel's 32 bits of sectors end later.
    const wrapsAt = field.endsWith('Bytes') ? wrapsAt32Bits * 512 : wrapsAt32Bits;
    return deltas.of(`${cleanName(now.name)} ${field}`, last[field], now[field], wrapsAt);
  };
  const perSecond = (value: number | undefined): number | undefined =>
    value === undefined ? undefined : (value * 1000) / deltas.spanMs;
  const kib = (bytes: number | undefined): number | undefined =>
    bytes === undefined ? undefined : bytes / 1024;
  const percent = (share: number | undefined): number | undefined =>
    share === undefined ? undefined : 100 * share;
  const reads = delta('reads');
  const readsMerged = delta('readsMerged');
  const readBytes = delta('readBytes');
  const writes = delta('writes');
  const writesMerged = delta('writesMerged');
  const writtenBytes = delta('writtenBytes');
  const discards = delta('discards');
  const discardsMerged = delta('discardsMerged');
  const discardedBytes = delta('discardedBytes');
  const flushes = delta('flushes');
  const busyMs = delta('busyMs');
  const queueMs = delta('queueMs');
  return {
    Device: cleanName(now.name),
    'r/s': perSecond(reads),
    'rkB/s': perSecond(kib(readBytes)),
    'rrqm/s': perSecond(readsMerged),
    '%rrqm': percent(ratio(readsMerged, sum(reads, readsMerged))),
    r_await: ratio(delta('readMs'), reads),
    'rareq-sz': ratio(kib(readBytes), reads),
    'w/s': perSecond(writes),
    'wkB/s': perSecond(kib(writtenBytes)),
    'wrqm/s': perSecond(writesMerged),
    '%wrqm': percent(ratio(writesMerged, sum(writes, writesMerged))),
    w_await: ratio(delta('writeMs'), writes),
    'wareq-sz': ratio(kib(writtenBytes), writes),
    'd/s': perSecond(discards),
    'dkB/s': perSecond(kib(discardedBytes)),
    'drqm/s': perSecond(discardsMerged),
    '%drqm': percent(ratio(discardsMerged, sum(discards, discardsMerged))),
    d_await: ratio(delta('discardMs'), discards),
    'dareq-sz': ratio(kib(discardedBytes), discards),
    'f/s': perSecond(flushes),
    f_await: ratio(delta('flushMs'), flushes),
    'aqu-sz': queueMs === undefined ? undefined : queueMs / deltas.spanMs,
    '%util': busyMs === undefined ? undefined : (100 * busyMs) / deltas.spanMs,
  };
}

function busiest(rows: readonly IostatRow[]): readonly IostatRow[] {
  if (rows.length <= mostLines) return rows;
  const kept = new Set([...rows].sort((a, b) => (b['%util'] ?? 0) - (a['%util'] ?? 0)).slice(0, mostLines));
  return rows.filter((row) => kept.has(row));
}

function verdictsOf(rows: readonly IostatRow[], known: boolean): ReturnType<Verdicts['list']> {
  const verdicts = new Verdicts();
  for (const row of rows) {
    const { r_await, w_await } = row;
    const await_ = Math.max(r_await ?? 0, w_await ?? 0);
    verdicts.line(
      row.Device,
      ['diskBusyPercent', row['%util'], `busy ${numberText(row['%util'], 0)} % of the time`],
      ['diskAwaitMs', await_, `a request takes ${numberText(await_, 0)} ms on average`],
      ['diskQueue', row['aqu-sz'], `${numberText(row['aqu-sz'], 1)} requests under way on average`],
    );
  }
  const busiestPercent = Math.max(0, ...rows.map((row) => row['%util'] ?? 0));
  const text =
    rows.length === 0
      ? 'no disk had a request'
      : `${counted(rows.length, 'disk was', 'disks were')} used, the busiest was busy ${numberText(busiestPercent, 0)} % of the time`;
  return verdicts.list(known ? text : undefined);
}
