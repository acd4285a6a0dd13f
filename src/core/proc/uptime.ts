import { ParseError, type Source } from './source';
import { decimalOf, fieldsOf, linesOf } from './text';

const path = 'proc/uptime';

/** A thousand years: no machine has run longer, and no other uptime is believed. */
const longestSeconds = 1000 * 365 * 86_400;

/** Undefined: refused. */
export interface Uptime {
  /** Since boot, suspends included. */
  readonly uptimeMs: number | undefined;
  /** Added up over all processors, so it may run faster than time. */
  readonly idleMs: number | undefined;
}

/** `/proc/uptime` (fs/proc/uptime.c): `23669.62 26382.86`, in seconds. */
export const uptime: Source<Uptime> = {
  path,
  parse(text, refuse) {
    const [line] = linesOf(text);
    if (line === undefined) throw new ParseError(path, 0, text, 'empty');
    const [up, idle] = fieldsOf(line);
    const milliseconds = (word: string | undefined, most: number): number | undefined => {
      const seconds = decimalOf(refuse, line, word, most);
      return seconds === undefined ? undefined : Math.round(seconds * 1000);
    };
    return {
      uptimeMs: milliseconds(up, longestSeconds),
      idleMs: milliseconds(idle, Number.MAX_SAFE_INTEGER / 1000),
    };
  },
};
