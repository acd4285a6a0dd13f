import { printable } from './printable';
import { ParseError, type Line, type Source } from './source';
import { countOf, mostTasks } from './text';

const path = 'proc/*/stat';

/** `PF_KTHREAD` (include/linux/sched.h). */
const kthreadFlag = 0x00200000;

/** 15 characters for programs; names of kernel threads are longer since 5.17, those of workers since 4.18. */
const longestName = 64;

/**
 * One process as fs/proc/array.c tells it in one line. Times are ticks of `USER_HZ` (100 a second on all but alpha and ia64).
 * Fields that an old kernel lacks, and those that cannot be, are undefined.
 */
export interface ProcessStat {
  readonly pid: number;
  /** `comm`: the program's file name cut to 15 characters, unless it chose another one. Control characters are `?` here. */
  readonly name: string;
  /** One letter: R running, S sleeping, D waiting without being interruptible, Z zombie, T stopped, t traced, I idle, … */
  readonly state: string;
  readonly ppid: number | undefined;
  /** True for a thread of the kernel, which has no memory of its own. Undefined where `flags` could not be read. */
  readonly kernelThread: boolean | undefined;
  /** Page faults of all its threads since its start: those met from memory, and those that waited for a disk. */
  readonly minflt: number | undefined;
  readonly majflt: number | undefined;
  /** Processor time of all its threads in user mode (guests included) and in the kernel. */
  readonly utimeTicks: number | undefined;
  readonly stimeTicks: number | undefined;
  /** What the scheduler works with: 0 to 39 is nice −20 to 19; below 0 are real-time processes. */
  readonly priority: number | undefined;
  /** −20 (most processor time) to 19. */
  readonly nice: number | undefined;
  readonly numThreads: number | undefined;
  /** Between the machine's boot and the start of the process. In a container it is the boot of the machine all the same. */
  readonly starttimeTicks: number;
  /** Address space, most of which need not be memory. */
  readonly vsizeBytes: number | undefined;
  /** Resident pages: anonymous, file and shared. Kernels since 2.6.34 count roughly: some pages for each thread or processor may be missing. */
  readonly rssPages: number | undefined;
  /** The processor that it ran on last. */
  readonly processor: number | undefined;
  /** Waiting for block devices. Since 2.6.18; stays 0 without delay accounting, which is off by default since 5.14. */
  readonly delayacctBlkioTicks: number | undefined;
  /** Running a virtual machine; a part of `utimeTicks`. Since 2.6.24. */
  readonly guestTimeTicks: number | undefined;
}

/**
 * `/proc/PID/stat` (fs/proc/array.c, do_task_stat), e.g. `812 (sshd) S 1 812 812 0 -1 4194560 970 …`. The name stands between
 * the first `(` and the last `)`, and may hold blanks, parentheses and line feeds. Path as a pattern: one file for each process.
 */
export const processStat: Source<ProcessStat> = {
  path,
  parse(text, refuse) {
    const open = text.indexOf('(');
    const close = text.lastIndexOf(')');
    const pidWord = text.slice(0, Math.max(0, open)).trim();
    const line: Line = {
      number: text.slice(0, Math.max(0, close)).split('\n').length,
      text: lastLine(text, close),
    };
    if (open < 0 || close < open || !/^\d{1,7}$/.test(pidWord)) {
      throw new ParseError(path, line.number, text, 'not a process');
    }
    // fields[0] is what proc(5) numbers as 3.
    const fields = text
      .slice(close + 1)
      .trim()
      .split(/\s+/, 42);
    const [state = ''] = fields;
    if (!/^[A-Za-z]$/.test(state)) throw new ParseError(path, line.number, text, 'the state is missing');
    const counted = (number: number, most?: number): number | undefined =>
      fields.length <= number - 3 ? undefined : countOf(refuse, line, fields[number - 3], 1, most);
    const signed = (number: number, least: number, most: number): number | undefined => {
      const word = fields[number - 3];
      if (word === undefined) return undefined;
      const value = /^-?\d{1,10}$/.test(word) ? Number(word) : NaN;
      if (value >= least && value <= most) return value;
      refuse(line, `out of range: ${word.slice(0, 24)}`);
      return undefined;
    };
    const starttimeTicks = counted(22);
    if (starttimeTicks === undefined)
      throw new ParseError(path, line.number, text, 'the start time is missing');
    const flags = counted(9, 0xffffffff);
    return {
      pid: Number(pidWord),
      name: printable(text.slice(open + 1, close), longestName),
      state,
      ppid: counted(4, mostTasks),
      kernelThread: flags === undefined ? undefined : (flags & kthreadFlag) !== 0,
      minflt: counted(10),
      majflt: counted(12),
      utimeTicks: counted(14),
      stimeTicks: counted(15),
      priority: signed(18, -1000, 1000),
      nice: signed(19, -20, 19),
      numThreads: counted(20, mostTasks),
      starttimeTicks,
      vsizeBytes: counted(23),
      rssPages: counted(24),
      processor: counted(39),
      delayacctBlkioTicks: counted(42),
      guestTimeTicks: counted(43),
    };
  },
};

function lastLine(text: string, close: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, close)) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end);
}
