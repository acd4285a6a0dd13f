import { ParseError, type Source } from './source';
import { linesOf } from './text';

/**
 * A file of a cgroup that holds one whole number, e.g. `memory.current`. Its `path` is relative to the cgroup's folder, as
 * are those of the other files of cgroups. Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst (mm/memcontrol.c).
 */
function amountFile(path: string): Source<number> {
  return {
    path,
    parse(text) {
      const [line, ...more] = linesOf(text);
      if (line === undefined || more.length > 0) throw new ParseError(path, 0, text, 'one line expected');
      const value = /^\s*\d{1,16}\s*$/.test(line.text) ? Number(line.text) : Infinity;
      if (value <= Number.MAX_SAFE_INTEGER) return value;
      throw new ParseError(path, line.number, line.text, 'not a number that can be');
    },
  };
}

/** Memory charged to the group and its descendants, in bytes. Version 2; the root group has none. */
export const memoryCurrent = amountFile('memory.current');

/** Swap used by the group and its descendants, in bytes. Version 2, with swap accounting; the root group has none. */
export const memorySwapCurrent = amountFile('memory.swap.current');

/** Tasks of the group and its descendants, threads counted each. Since 4.3; the root group has none. */
export const pidsCurrent = amountFile('pids.current');

/** Version 1's `memory.current`. The kernel charges in batches: it may be some pages a processor more than is used. */
export const memoryUsageInBytes = amountFile('memory.usage_in_bytes');

/** Memory and swap together, in bytes. Version 1, with swap accounting. */
export const memoryMemswUsageInBytes = amountFile('memory.memsw.usage_in_bytes');

/** How often a charge met the limit. Version 1. */
export const memoryFailcnt = amountFile('memory.failcnt');
