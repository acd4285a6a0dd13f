import { ParseError, type Source } from './source';
import { countOf, decimalOf, fieldsOf, linesOf } from './text';

const path = 'proc/loadavg';

/** Tasks that run or wait for a disk: averages over 1, 5 and 15 minutes, and the numbers of now. */
export interface Loadavg {
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  /** Threads that run or could run now. */
  readonly runnable: number;
  /** All threads. */
  readonly threads: number;
}

/** `/proc/loadavg` (fs/proc/loadavg.c): `6.60 4.60 2.90 2/142 6139`. */
export const loadavg: Source<Loadavg> = {
  path,
  parse(text) {
    const [line] = linesOf(text);
    if (line === undefined) throw new ParseError(path, 0, text, 'empty');
    const [load1, load5, load15, tasks = ''] = fieldsOf(line);
    const [runnable, threads] = tasks.split('/');
    return {
      load1: decimalOf(path, line, load1),
      load5: decimalOf(path, line, load5),
      load15: decimalOf(path, line, load15),
      runnable: countOf(path, line, runnable),
      threads: countOf(path, line, threads),
    };
  },
};
