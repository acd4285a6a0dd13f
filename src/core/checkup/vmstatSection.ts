import { availableOf, freeFigures } from '../memory';
import { meminfo } from '../proc/meminfo';
import { processorStat } from '../proc/processorStat';
import { ticksOf } from '../proc/stat';
import { vmstat } from '../proc/vmstat';
import { cellsOf, headOf, numberText, type Figures } from './columns';
import { Deltas, sum, wrapsAt32Bits } from './deltas';
import type { CheckupInputs } from './inputs';
import { ticksBetween } from './processorTime';
import { pairOf } from './readings';
import type { Section } from './section';
import { Verdicts } from './verdict';
import { counted } from './words';

const columns = [
  { name: 'r', width: 1 },
  { name: 'b', width: 2 },
  { name: 'swpd', width: 6 },
  { name: 'free', width: 6 },
  { name: 'buff', width: 6 },
  { name: 'cache', width: 6 },
  { name: 'si', width: 4 },
  { name: 'so', width: 4 },
  { name: 'bi', width: 5 },
  { name: 'bo', width: 5 },
  { name: 'in', width: 4 },
  { name: 'cs', width: 4 },
  { name: 'us', width: 2 },
  { name: 'sy', width: 2 },
  { name: 'id', width: 2 },
  { name: 'wa', width: 2 },
  { name: 'st', width: 2 },
  { name: 'gu', width: 2 },
] as const;

type VmstatColumn = (typeof columns)[number]['name'];

/** `swpd` to `cache` in KiB, `si` to `bo` in KiB a second, `in` and `cs` a second, `us` to `gu` in percent. */
export type VmstatFigures = Figures<VmstatColumn>;

/** KiB of memory: the kernel's own kB. */
const kib = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : bytes / 1024;

/**
 * The second line of `vmstat SPAN 2` (procps, src/vmstat.c, new_format), in the layout of procps 4.0.4, which shows guests
 * as `gu`. Levels are those of the end. `cache` is Cached + SReclaimable; `us` is user + nice without guests, `sy` is
 * system + irq + softirq.
 */
export function vmstatSection(inputs: CheckupInputs): Section<VmstatFigures> {
  const stats = pairOf(processorStat, inputs);
  const counters = pairOf(vmstat, inputs);
  const memory = pairOf(meminfo, inputs);
  const now = stats.end?.facts;
  const processors = now?.processors.length ?? 0;

  const paging = new Deltas(counters.spanMs ?? 0);
  const rate = (
    field: 'pgpginKib' | 'pgpgoutKib' | 'pswpin' | 'pswpout',
    wrapsAt: number,
  ): number | undefined =>
    paging.perSecond(field, counters.start?.facts[field], counters.end?.facts[field], wrapsAt);
  const { pageSizeBytes } = inputs;
  const swapped = (field: 'pswpin' | 'pswpout'): number | undefined => {
    const pages = rate(field, wrapsAt32Bits);
    return pages === undefined || pageSizeBytes === undefined ? undefined : kib(pages * pageSizeBytes);
  };
  const events = new Deltas(stats.spanMs ?? 0);
  const event = (field: 'intr' | 'ctxt'): number | undefined =>
    events.perSecond(field, stats.start?.facts[field], now?.[field], wrapsAt32Bits);

  const free =
    memory.end && freeFigures(memory.end.facts, availableOf(memory.end.facts, undefined, undefined));
  const sharesNow = sharesOf(stats.start?.facts.cpu, now?.cpu);
  const figures: VmstatFigures = {
    r: now?.procsRunning,
    b: now?.procsBlocked,
    swpd: kib(free?.swapUsedBytes),
    free: kib(free?.freeBytes),
    buff: kib(memory.end?.facts.buffersBytes),
    cache: kib(sum(memory.end?.facts.cachedBytes, memory.end?.facts.sReclaimableBytes)),
    si: swapped('pswpin'),
    so: swapped('pswpout'),
    // The kernel counts sectors and prints KiB: 32 bits wrap at half of it.
    bi: rate('pgpginKib', wrapsAt32Bits / 2),
    bo: rate('pgpgoutKib', wrapsAt32Bits / 2),
    in: event('intr'),
    cs: event('ctxt'),
    ...sharesNow,
  };
  const missing = [
    ...stats.missing,
    ...counters.missing,
    ...memory.missing,
    ...paging.notes,
    ...events.notes,
  ];
  if (pageSizeBytes === undefined) missing.push('si and so: the size of a page is not known');
  return {
    id: 'vmstat',
    command: 'vmstat 1',
    figures,
    lines: [
      'procs -----------memory---------- ---swap-- -----io---- -system-- -------cpu-------',
      headOf(columns),
      cellsOf(columns, figures),
    ],
    missing,
    verdicts: verdictsOf(figures, processors),
  };
}

type Shares = Pick<VmstatFigures, 'us' | 'sy' | 'id' | 'wa' | 'st' | 'gu'>;

function sharesOf(
  start: Parameters<typeof ticksBetween>[0] | undefined,
  end: Parameters<typeof ticksBetween>[0] | undefined,
): Shares {
  const spent = start && end && ticksBetween(start, end);
  const total = spent === undefined ? 0 : ticksOf(spent);
  if (spent === undefined || total === 0) {
    return { us: undefined, sy: undefined, id: undefined, wa: undefined, st: undefined, gu: undefined };
  }
  const share = (ticks: number): number => (100 * ticks) / total;
  const guest = spent.guest + spent.guestNice;
  return {
    us: share(Math.max(0, spent.user + spent.nice - guest)),
    sy: share(spent.system + spent.irq + spent.softirq),
    id: share(spent.idle),
    wa: share(spent.iowait),
    st: share(spent.steal),
    gu: share(guest),
  };
}

function verdictsOf(figures: VmstatFigures, processors: number): ReturnType<Verdicts['list']> {
  const verdicts = new Verdicts();
  const { r, b, us, sy, wa, st } = figures;
  const swapped = sum(figures.si, figures.so);
  const busy = sum(us, sy, figures.gu);
  const whole = (value: number | undefined): string => numberText(value, 0);
  if (r !== undefined && processors > 0) {
    const text = `r: at that moment ${counted(r, 'task', 'tasks')} ran or waited for ${counted(processors, 'processor', 'processors')}, our own reader among them`;
    verdicts.judge('runQueuePerProcessor', r / processors, text);
  }
  verdicts.judge('blocked', b, `b: ${counted(b ?? 0, 'process waits', 'processes wait')} for a disk`);
  verdicts.judge(
    'swapKibPerSecond',
    swapped,
    `si + so: ${whole(swapped)} KiB/s go to and from swap: memory is short`,
  );
  verdicts.judge('busyPercent', busy, `us + sy: the processors are ${whole(busy)} % busy`);
  verdicts.judge('systemPercent', sy, `sy: ${whole(sy)} % of the time is the kernel's own`);
  verdicts.judge(
    'iowaitPercent',
    wa,
    `wa: ${whole(wa)} % of the time a processor is idle and a disk is waited for`,
  );
  verdicts.judge('stealPercent', st, `st: ${whole(st)} % of the time goes to other guests of the hypervisor`);
  if (busy === undefined) return verdicts.list(undefined);
  const swapText = swapped === undefined ? 'swapping is not known' : 'no swapping';
  return verdicts.list(`processors ${whole(busy)} % busy, ${swapText}`);
}
