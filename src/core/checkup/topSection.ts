import { availableOf, freeFigures, type FreeFigures } from '../memory';
import { loadavg } from '../proc/loadavg';
import { meminfo } from '../proc/meminfo';
import { processorStat } from '../proc/processorStat';
import { ticksOf } from '../proc/stat';
import { uptime } from '../proc/uptime';
import { cleanName } from './cleanText';
import { cellsOf, numberText, type Figures } from './columns';
import type { CheckupInputs } from './inputs';
import { ticksBetween } from './processorTime';
import { pairOf } from './readings';
import type { Section } from './section';
import { byUse, percentOf, ticksPerSecond, ticksUsed, type Task, type Tasks } from './tasks';
import { uptimeLine, usersLeftOut } from './uptimeSection';
import { Verdicts } from './verdict';
import { counted } from './words';

/** So many processes are shown. */
const mostLines = 15;

const shareNames = ['us', 'sy', 'ni', 'id', 'wa', 'hi', 'si', 'st'] as const;

/** Guests are in `us` and `ni`. */
export type TopShares = Figures<(typeof shareNames)[number]>;

/** Sizes in bytes. `PR` below -99 is printed as `rt`. */
export interface TopRow extends Figures<'PID' | 'PR' | 'NI' | 'VIRT' | 'RES' | 'SHR' | '%CPU' | '%MEM'> {
  /** The effective user's name where it is known, else the number. */
  readonly USER: string | undefined;
  readonly S: string;
  /** Since its start. */
  readonly timeMs: number | undefined;
  readonly COMMAND: string;
}

export interface TopFigures {
  readonly tasks: Figures<'total' | 'running' | 'sleeping' | 'stopped' | 'zombie'>;
  /** State D, which `top` counts as sleeping. */
  readonly uninterruptible: number;
  readonly shares: TopShares | undefined;
  readonly memory: FreeFigures | undefined;
  readonly rows: readonly TopRow[];
}

/** `top -b -d SPAN -n 2`, its second report (procps, src/top/top.c), with the first 15 processes. */
export function topSection(inputs: CheckupInputs, all: Tasks): Section<TopFigures> {
  const stats = pairOf(processorStat, inputs);
  const facts = pairOf(meminfo, inputs).end?.facts;
  const memory =
    facts && freeFigures(facts, availableOf(facts, inputs.zones, inputs.pageSizeBytes, inputs.minFreeKbytes));
  const shown = byUse(all.tasks).slice(0, mostLines);
  const figures: TopFigures = {
    ...countsOf(all.tasks),
    shares: stats.spanMs === undefined ? undefined : sharesOf(stats.start?.facts.cpu, stats.end?.facts.cpu),
    memory,
    rows: shown.map((task) => rowOf(task, inputs, facts?.memTotalBytes)),
  };
  const missing = [...stats.missing, ...all.missing, usersLeftOut];
  if (figures.rows.some((row) => row.USER === undefined)) {
    missing.push('USER and SHR: proc/PID/status was not read for every process');
  } else if (figures.rows.some((row) => row.SHR === undefined)) {
    missing.push('SHR: this kernel does not tell it in proc/PID/status (before 4.5)');
  }
  const known = all.tasks.length > 0;
  return {
    id: 'top',
    command: 'top',
    figures: known ? figures : undefined,
    lines: [...headLines(inputs, figures), '', titles, ...figures.rows.map(rowText)],
    missing,
    verdicts: verdictsOf(figures, known),
  };
}

function countsOf(tasks: readonly Task[]): Pick<TopFigures, 'tasks' | 'uninterruptible'> {
  const inState = (...states: readonly string[]): number =>
    tasks.filter(({ stat }) => states.includes(stat.state)).length;
  const running = inState('R');
  const stopped = inState('T', 't');
  const zombie = inState('Z');
  const total = tasks.length;
  return {
    tasks: { total, running, sleeping: total - running - stopped - zombie, stopped, zombie },
    uninterruptible: inState('D'),
  };
}

/** top adds guests to the total once more (library/stat.c, stat_derive_unique), so its shares come out lower with guests. */
function sharesOf(
  start: Parameters<typeof ticksBetween>[0] | undefined,
  end: Parameters<typeof ticksBetween>[0] | undefined,
): TopShares | undefined {
  const spent = start && end && ticksBetween(start, end);
  const total = spent === undefined ? 0 : ticksOf(spent) + spent.guest + spent.guestNice;
  if (spent === undefined || total === 0) return undefined;
  const share = (ticks: number): number => (100 * ticks) / total;
  return {
    us: share(spent.user),
    sy: share(spent.system),
    ni: share(spent.nice),
    id: share(spent.idle),
    wa: share(spent.iowait),
    hi: share(spent.irq),
    si: share(spent.softirq),
    st: share(spent.steal),
  };
}

function rowOf(task: Task, inputs: CheckupInputs, memTotalBytes: number | undefined): TopRow {
  const { stat, status } = task;
  const { pageSizeBytes } = inputs;
  const counted =
    stat.rssPages === undefined || pageSizeBytes === undefined ? undefined : stat.rssPages * pageSizeBytes;
  // top reads statm, which is as exact as status; stat is not, by some pages for each processor.
  const resident = status?.vmRssBytes ?? counted;
  const shared =
    stat.rssPages === 0
      ? 0
      : status?.rssFileBytes === undefined || status.rssShmemBytes === undefined
        ? undefined
        : status.rssFileBytes + status.rssShmemBytes;
  const used = percentOf(task, ticksUsed(task));
  // No thread uses more than a processor: what is more came of the ticks' edges (task_show).
  const most = 100 * (stat.numThreads ?? Infinity);
  const { utimeTicks, stimeTicks } = stat;
  const user = status?.effectiveUid;
  return {
    PID: stat.pid,
    USER: user === undefined ? undefined : userText(user, inputs),
    PR: stat.priority,
    NI: stat.nice,
    VIRT: stat.vsizeBytes,
    RES: resident,
    SHR: shared,
    S: stat.state,
    '%CPU': used === undefined ? undefined : Math.min(used, most),
    '%MEM':
      resident === undefined || memTotalBytes === undefined ? undefined : (100 * resident) / memTotalBytes,
    timeMs:
      utimeTicks === undefined || stimeTicks === undefined
        ? undefined
        : ((utimeTicks + stimeTicks) * 1000) / ticksPerSecond,
    COMMAND: cleanName(stat.name),
  };
}

function userText(uid: number, { userNames }: CheckupInputs): string {
  const name = userNames?.get(uid) ?? (uid === 0 ? 'root' : String(uid));
  return cleanName(name);
}

function headLines(inputs: CheckupInputs, { tasks, shares, memory }: TopFigures): readonly string[] {
  const { load1, load5, load15 } = pairOf(loadavg, inputs).end?.facts ?? {};
  const uptimeMs = pairOf(uptime, inputs).end?.facts.uptimeMs;
  const count = (value: number | undefined): string => numberText(value, 0).padStart(3);
  const share = (name: (typeof shareNames)[number]): string =>
    `${numberText(shares?.[name], 1).padStart(5)} ${name}`;
  const mebibytes = (bytes: number | undefined): string =>
    numberText(bytes === undefined ? undefined : bytes / 1024 / 1024, 1).padStart(9);
  return [
    `top - ${uptimeLine(inputs, { uptimeMs, load1, load5, load15 })}`,
    `Tasks: ${count(tasks.total)} total, ${count(tasks.running)} running, ${count(tasks.sleeping)} sleeping, ${count(tasks.stopped)} stopped, ${count(tasks.zombie)} zombie`,
    `%Cpu(s):${shareNames.map(share).join(',')}`,
    `MiB Mem :${mebibytes(memory?.totalBytes)} total,${mebibytes(memory?.freeBytes)} free,${mebibytes(memory?.usedBytes)} used,${mebibytes(memory?.buffCacheBytes)} buff/cache`,
    `MiB Swap:${mebibytes(memory?.swapTotalBytes)} total,${mebibytes(memory?.swapFreeBytes)} free,${mebibytes(memory?.swapUsedBytes)} used.${mebibytes(memory?.availableBytes)} avail Mem`,
  ];
}

const titles = '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND';

const percentColumns = [
  { name: '%CPU', width: 5, digits: 1 },
  { name: '%MEM', width: 5, digits: 1 },
] as const;

function rowText(row: TopRow): string {
  const user = row.USER ?? '-';
  return [
    numberText(row.PID, 0).padStart(7),
    (user.length > 8 ? `${user.slice(0, 7)}+` : user).padEnd(8),
    (row.PR !== undefined && row.PR < -99 ? 'rt' : numberText(row.PR, 0)).padStart(3),
    numberText(row.NI, 0).padStart(3),
    sizeText(row.VIRT, 7),
    sizeText(row.RES, 6),
    sizeText(row.SHR, 6),
    `${row.S}${cellsOf(percentColumns, row)}`,
    timeText(row.timeMs).padStart(9),
    row.COMMAND,
  ].join(' ');
}

/** KiB, or as many decimals of a greater unit as fit (scale_mem). */
function sizeText(bytes: number | undefined, width: number): string {
  if (bytes === undefined) return '-'.padStart(width);
  let value = bytes / 1024;
  const whole = value.toFixed(0);
  if (whole.length <= width) return whole.padStart(width);
  for (const unit of ['m', 'g', 't', 'p']) {
    value /= 1024;
    const text = `${value.toFixed(1)}${unit}`;
    if (text.length <= width) return text.padStart(width);
  }
  return '?'.padStart(width);
}

/** `1:37.44`: minutes, seconds and hundredths up to six hours; then minutes and seconds, hours and minutes, days and hours (scale_tics). */
function timeText(ms: number | undefined): string {
  if (ms === undefined) return '-';
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes <= 360) return `${minutes}:${two(seconds % 60)}.${two(Math.floor(ms / 10) % 100)}`;
  if (hours <= 96) return `${hours},${two(minutes % 60)}`;
  return days <= 14 ? `${days}d+${hours % 24}h` : `${Math.floor(days / 7)}w+${days % 7}d`;
}

function verdictsOf(figures: TopFigures, known: boolean): ReturnType<Verdicts['list']> {
  const verdicts = new Verdicts();
  const { tasks, uninterruptible, rows } = figures;
  verdicts.judge(
    'uninterruptible',
    uninterruptible,
    `${counted(uninterruptible, 'process is', 'processes are')} in state D, waiting for a disk, and cannot be killed`,
  );
  verdicts.judge(
    'zombies',
    tasks.zombie,
    `${numberText(tasks.zombie, 0)} zombies: their parent does not look after them`,
  );
  for (const row of rows) {
    const memory = numberText(row['%MEM'], 0);
    verdicts.line(`${row.COMMAND} (${numberText(row.PID, 0)})`, [
      'residentPercent',
      row['%MEM'],
      `holds ${memory} % of the memory`,
    ]);
  }
  const text = `${numberText(tasks.running, 0)} of ${numberText(tasks.total, 0)} processes run, ${uninterruptible} in state D, ${numberText(tasks.zombie, 0)} zombies`;
  return verdicts.list(known ? text : undefined);
}
