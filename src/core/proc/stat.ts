import { ParseError, type Line, type Refuse, type Source } from './source';
import { countOf, fieldsOf, linesOf, mostTasks } from './text';

const path = 'proc/stat';

/** The last moment that a date can name, ms since the epoch (ECMA-262, time values). */
const lastDateMs = 8.64e15;

/**
 * Processor time of all processors together since boot, in ticks (`USER_HZ`: 1/100 s on every machine but alpha, where it
 * is 1/1024 s; shares need no unit).
 * `idle` and `iowait` may go back a little.
 */
export interface CpuTicks {
  /** Without `nice`; running a guest is in it. */
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly irq: number;
  readonly softirq: number;
  /** Taken by the hypervisor for others. */
  readonly steal: number;
  /** Part of `user`, and of `nice`. */
  readonly guest: number;
  readonly guestNice: number;
}

/** The most that `CONFIG_NR_CPUS` allows on any architecture: x86 and powerpc (arch/x86/Kconfig). */
export const mostProcessors = 8192;

/** All ticks there were. `guest` and `guestNice` are in `user` and `nice`. */
export function ticksOf({ user, nice, system, idle, iowait, irq, softirq, steal }: CpuTicks): number {
  return user + nice + system + idle + iowait + irq + softirq + steal;
}

export interface Stat {
  /** Undefined: refused, for what is missing of one column would be missing of the whole. */
  readonly cpu?: CpuTicks;
  /** Context switches since boot. */
  readonly ctxt?: number;
  /** Time of boot, ms since the epoch, whole seconds; moves when the host's clock is set. */
  readonly btimeMs?: number;
  /** Processes and threads created since boot. */
  readonly processes?: number;
  readonly procsRunning?: number;
  /** Processes that wait for a disk. */
  readonly procsBlocked?: number;
}

/**
 * `/proc/stat` (fs/proc/stat.c), e.g. `cpu  559491 1853 92795 622091 3445 0 1671 256 1 0`.
 * The line `intr`, of several KB, and those of single processors are not asked for; `processorStat` reads them.
 */
export const stat: Source<Stat> = {
  path,
  keep: ['cpu', 'ctxt', 'btime', 'processes', 'procs_running', 'procs_blocked'],
  parse(text, refuse) {
    const facts: { -readonly [Key in keyof Stat]?: Stat[Key] } = {};
    let known = false;
    for (const line of linesOf(text)) {
      const [word = '', ...values] = fieldsOf(line);
      const set = (key: Exclude<keyof Stat, 'cpu'>, unit?: number, most?: number): void => {
        const value = countOf(refuse, line, values[0], unit, most);
        if (value !== undefined) facts[key] = value;
      };
      switch (word) {
        case 'cpu': {
          known = true;
          const cpu = cpuTicksOf(refuse, line, values);
          if (cpu !== undefined) facts.cpu = cpu;
          break;
        }
        case 'ctxt':
          set('ctxt');
          break;
        case 'btime':
          set('btimeMs', 1000, lastDateMs);
          break;
        case 'processes':
          set('processes');
          break;
        case 'procs_running':
          set('procsRunning', 1, mostTasks);
          break;
        case 'procs_blocked':
          set('procsBlocked', 1, mostTasks);
          break;
      }
    }
    if (!known) throw new ParseError(path, 0, text, 'the line cpu is missing');
    return facts;
  },
};

/** Reads the columns of a line `cpu` or `cpu0`. Undefined where one is refused. */
export function cpuTicksOf(refuse: Refuse, line: Line, values: readonly string[]): CpuTicks | undefined {
  if (values.length < 7) {
    refuse(line, 'at least 7 numbers expected');
    return undefined;
  }
  const ticks = values.slice(0, 10).map((value) => countOf(refuse, line, value));
  if (ticks.includes(undefined)) return undefined;
  // Old kernels and some containers' views leave out the last columns; what is not counted there was never spent.
  const [
    user = 0,
    nice = 0,
    system = 0,
    idle = 0,
    iowait = 0,
    irq = 0,
    softirq = 0,
    steal = 0,
    guest = 0,
    guestNice = 0,
  ] = ticks;
  return { user, nice, system, idle, iowait, irq, softirq, steal, guest, guestNice };
}
