import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf, type Line } from './text';

const path = 'proc/stat';

/**
 * Processor time of all processors together since boot, in ticks (1/100 s on every common machine; shares need no unit).
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

export interface Stat {
  readonly cpu: CpuTicks;
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
 * The line `intr`, of several KB, and those of single processors are not asked for.
 */
export const stat: Source<Stat> = {
  path,
  keep: ['cpu', 'ctxt', 'btime', 'processes', 'procs_running', 'procs_blocked'],
  parse(text) {
    const facts: { -readonly [Key in keyof Stat]?: Stat[Key] } = {};
    for (const line of linesOf(text)) {
      const [word = '', ...values] = fieldsOf(line);
      const count = (): number => countOf(path, line, values[0]);
      switch (word) {
        case 'cpu':
          facts.cpu = cpuTicksOf(line, values);
          break;
        case 'ctxt':
          facts.ctxt = count();
          break;
        case 'btime':
          facts.btimeMs = countOf(path, line, values[0], 1000);
          break;
        case 'processes':
          facts.processes = count();
          break;
        case 'procs_running':
          facts.procsRunning = count();
          break;
        case 'procs_blocked':
          facts.procsBlocked = count();
          break;
      }
    }
    const { cpu } = facts;
    if (cpu === undefined) throw new ParseError(path, 0, text, 'the line cpu is missing');
    return { ...facts, cpu };
  },
};

function cpuTicksOf(line: Line, values: readonly string[]): CpuTicks {
  if (values.length < 7) throw new ParseError(path, line.number, line.text, 'at least 7 numbers expected');
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
  ] = values.map((value) => countOf(path, line, value));
  return { user, nice, system, idle, iowait, irq, softirq, steal, guest, guestNice };
}
