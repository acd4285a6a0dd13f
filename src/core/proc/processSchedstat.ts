import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/*/schedstat';

/** Of the first thread of a process (`/proc/PID/task/TID/schedstat` is of the others); undefined: refused. */
export interface ProcessSchedstat {
  readonly runNs: number | undefined;
  /** Time in which it could have run and waited for a processor. */
  readonly runDelayNs: number | undefined;
}

/**
 * `/proc/PID/schedstat` (fs/proc/base.c), e.g. `195362283 73708772 1014`, in nanoseconds; with CONFIG_SCHED_INFO. Only zeros
 * where the kernel was told not to count. Path as a pattern: one file for each process.
 */
export const processSchedstat: Source<ProcessSchedstat> = {
  path,
  parse(text, refuse) {
    const [line] = linesOf(text);
    if (line === undefined) throw new ParseError(path, 0, text, 'empty');
    const [run, delay, slices] = fieldsOf(line);
    if (slices === undefined) throw new ParseError(path, line.number, line.text, '3 numbers expected');
    return { runNs: countOf(refuse, line, run), runDelayNs: countOf(refuse, line, delay) };
  },
};
