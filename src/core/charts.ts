import type { HostFacts } from './hostFacts';
import { memoryBands, type Available, type MemoryBands } from './memory';
import type { Rates } from './rates';
import type { Sample } from './sample';

export type ChartId =
  'memory' | 'page-cache' | 'page-cache-size' | 'io' | 'disk-utilisation' | 'cpu' | 'pressure' | 'delays';

/** All that is known of a host at one moment. */
export interface ChartMoment {
  readonly sample: Sample;
  /** Since the sample before; undefined for the first one. */
  readonly rates?: Rates | undefined;
  readonly facts: HostFacts;
  readonly available?: Available | undefined;
  /** How long after it was read on the host the sample came here, in ms. */
  readonly ageMs?: number | undefined;
  /**
   * For how long before this sample nothing ran on the host, not even the clock of our program there, in ms; undefined
   * where its shell has no such clock.
   */
  readonly stallMs?: number | undefined;
}

export interface Series {
  readonly id: string;
  readonly title: string;
  /** `band`: stacked area; `line`: a line of its own over it. */
  readonly style: 'band' | 'line';
  /** Index into the page's palette. */
  readonly colour: number;
  /** Undefined: not known at this moment. */
  value(moment: ChartMoment): number | undefined;
}

export interface Chart {
  readonly id: ChartId;
  /** Plain English; whoever shows it translates it. */
  readonly title: string;
  readonly description: string;
  readonly unit: 'bytes' | 'bytesPerSecond' | 'perSecond' | 'percent' | 'milliseconds';
  /** In the order of the stack, lowest first. */
  readonly series: readonly Series[];
  /**
   * Id of the series that says at which moment of a longer time its bands are shown, stacked: when this one was lowest.
   * Highest values of several bands belong to several moments and do not sum up. Bands need it.
   */
  readonly stackAtLowest?: string;
}

const band = (id: string, title: string, colour: number, value: Series['value']): Series => ({
  id,
  title,
  style: 'band',
  colour,
  value,
});
const line = (id: string, title: string, colour: number, value: Series['value']): Series => ({
  id,
  title,
  style: 'line',
  colour,
  value,
});

const memoryBand = (id: string, title: string, colour: number, field: keyof MemoryBands): Series =>
  band(
    id,
    title,
    colour,
    ({ sample, facts }) =>
      sample.meminfo && memoryBands(sample.meminfo, sample.vmstat, facts.pageSizeBytes)[field],
  );
const kib = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value * 1024;

/** Every chart there is, in the order in which they are shown. A new chart is an entry here. */
export const charts: readonly Chart[] = [
  {
    id: 'memory',
    title: 'Memory',
    description:
      'What all of the memory is used for. The page cache shrinks when programs need more; the line is what programs can still get without swapping.',
    unit: 'bytes',
    series: [
      memoryBand('programs', 'Programs', 0, 'programsBytes'),
      memoryBand('kernel', 'Kernel', 1, 'kernelBytes'),
      memoryBand('huge-pages', 'Huge pages', 2, 'hugePagesBytes'),
      memoryBand('shared', 'Shared memory', 3, 'sharedBytes'),
      memoryBand('buffers', 'Buffers', 4, 'buffersBytes'),
      memoryBand('page-cache', 'Page cache', 5, 'pageCacheBytes'),
      memoryBand('free', 'Free', 6, 'freeBytes'),
      memoryBand('not-accounted', 'Not accounted', 7, 'notAccountedBytes'),
      line('available', 'Available', 8, ({ available }) => available?.bytes),
    ],
    stackAtLowest: 'available',
  },
  {
    id: 'page-cache',
    title: 'Page cache misses',
    description:
      'Pages per second that are read again soon after the kernel dropped them, and page faults that had to wait for a disk. High for long: the memory is too small for what runs, and the machine thrashes.',
    unit: 'perSecond',
    series: [
      line('refaults-file', 'File refaults', 5, ({ rates }) => rates?.refaultFilePerSecond),
      line('refaults-anon', 'Swap refaults', 0, ({ rates }) => rates?.refaultAnonPerSecond),
      line('major-faults', 'Major faults', 1, ({ rates }) => rates?.pgmajfaultPerSecond),
    ],
  },
  {
    id: 'page-cache-size',
    title: 'Page cache size',
    description:
      'Files and program code that are kept in memory, and how much of it is in active use. When even the active part shrinks, programs wait for their own code.',
    unit: 'bytes',
    series: [
      line(
        'page-cache',
        'Page cache',
        5,
        ({ sample, facts }) =>
          sample.meminfo && memoryBands(sample.meminfo, sample.vmstat, facts.pageSizeBytes).pageCacheBytes,
      ),
      line('active-file', 'Active', 2, ({ sample }) => sample.meminfo?.activeFileBytes),
      line('inactive-file', 'Inactive', 4, ({ sample }) => sample.meminfo?.inactiveFileBytes),
    ],
  },
  {
    id: 'io',
    title: 'Disk and swap traffic',
    description:
      'Read from (bi) and written to (bo) block devices, and the part of it that is swapping (si, so). Constant reading although no program reads files: the machine thrashes.',
    unit: 'bytesPerSecond',
    series: [
      line('bi', 'Read (bi)', 5, ({ rates }) => kib(rates?.biKibPerSecond)),
      line('bo', 'Written (bo)', 3, ({ rates }) => kib(rates?.boKibPerSecond)),
      line('si', 'Swapped in (si)', 0, ({ rates }) => kib(rates?.siKibPerSecond)),
      line('so', 'Swapped out (so)', 1, ({ rates }) => kib(rates?.soKibPerSecond)),
    ],
  },
  {
    id: 'disk-utilisation',
    title: 'Disk utilisation',
    description: 'Share of the time in which the busiest disk had something to do.',
    unit: 'percent',
    series: [line('busiest', 'Busiest disk', 5, ({ rates }) => rates?.busiestDiskPercent)],
  },
  {
    id: 'cpu',
    title: 'Processors',
    description:
      'What the processors spend their time on. Waiting for disks (iowait) and a high share of the kernel (system) are what thrashing looks like.',
    unit: 'percent',
    series: [
      band('user', 'User', 0, ({ rates }) => rates?.cpu && rates.cpu.userPercent + rates.cpu.guestPercent),
      band('system', 'System', 1, ({ rates }) => rates?.cpu?.systemPercent),
      band('iowait', 'Waiting for disks', 5, ({ rates }) => rates?.cpu?.iowaitPercent),
      band('steal', 'Stolen by the hypervisor', 3, ({ rates }) => rates?.cpu?.stealPercent),
      band('idle', 'Idle', 6, ({ rates }) => rates?.cpu?.idlePercent),
    ],
    stackAtLowest: 'idle',
  },
  {
    id: 'pressure',
    title: 'Pressure',
    description:
      'Share of the time in which some or all (full) programs could not go on for want of processors, memory or disks.',
    unit: 'percent',
    series: [
      line('cpu-some', 'Processors, some', 2, ({ rates }) => rates?.cpuSomePercent),
      line('memory-some', 'Memory, some', 0, ({ rates }) => rates?.memorySomePercent),
      line('memory-full', 'Memory, full', 1, ({ rates }) => rates?.memoryFullPercent),
      line('io-some', 'Disks, some', 5, ({ rates }) => rates?.ioSomePercent),
      line('io-full', 'Disks, full', 3, ({ rates }) => rates?.ioFullPercent),
    ],
  },
  {
    id: 'delays',
    title: 'Delays',
    description:
      'How late we learn of things. Answers are late but the host never stood still: the connection is stuck, or the host is too busy to answer. The host stood still: not even the clock of our program ran there, as when the host waits for its own memory or is paused.',
    unit: 'milliseconds',
    series: [
      line('answer-delay', 'Answer delay', 5, ({ sample }) => sample.answerDelayMs),
      line('age', 'Age of the data', 3, ({ ageMs }) => ageMs),
      line('stall', 'Host stood still', 1, ({ stallMs }) => stallMs),
    ],
  },
];

/** The values of all series of a chart, in their order; null where one is not known. Never NaN, never infinite. */
export function valuesOf(chart: Chart, moment: ChartMoment): (number | null)[] {
  return chart.series.map((series) => {
    const value = series.value(moment);
    return value !== undefined && Number.isFinite(value) ? value : null;
  });
}
