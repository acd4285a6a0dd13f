import { ParseError, type Source } from './source';
import { countOf, decimalOf, fieldsOf, linesOf, mostTasks } from './text';

const path = 'proc/loadavg';

/** Tasks that run or wait for a disk: averages over 1, 5 and 15 minutes, and the numbers of now; undefined: refused. */
export interface Loadavg {
  readonly load1: number | undefined;
  readonly load5: number | undefined;
  readonly load15: number | undefined;
  /** Threads that run or could run now. */
  readonly runnable: number | undefined;
  /** All threads. */
  readonly threads: number | undefined;
}

/** `/proc/loadavg` (fs/proc/loadavg.c): `6.60 4.60 2.90 2/142 6139`. */
export const loadavg: Source<Loadavg> = {
  path,
  parse(text, refuse) {
    const [line] = linesOf(text);
    if (line === undefined) throw new ParseError(path, 0, text, 'empty');
    const [load1, load5, load15, tasks] = fieldsOf(line);
    const [, runnable, threads] = /^(\d+)\/(\d+)$/.exec(tasks ?? '') ?? [];
    if (runnable === undefined) throw new ParseError(path, line.number, line.text, 'no tasks');
    return {
      load1: decimalOf(refuse, line, load1, mostTasks),
      load5: decimalOf(refuse, line, load5, mostTasks),
      load15: decimalOf(refuse, line, load15, mostTasks),
      runnable: countOf(refuse, line, runnable, 1, mostTasks),
      threads: countOf(refuse, line, threads, 1, mostTasks),
    };
  },
};
