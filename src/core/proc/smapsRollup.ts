import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/*/smaps_rollup';

/**
 * What one process has mapped, where memory that several share counts for each of them in part (proportional set size): the
 * sum over all processes is what they use together.
 */
export interface SmapsRollup {
  readonly pssBytes: number;
  /** The three parts of it, since 5.4. */
  readonly pssAnonBytes?: number;
  readonly pssFileBytes?: number;
  readonly pssShmemBytes?: number;
  /** Its part of what is in swap; not in `pssBytes`. */
  readonly swapPssBytes?: number;
}

const sizes = new Map<string, keyof SmapsRollup>([
  ['Pss:', 'pssBytes'],
  ['Pss_Anon:', 'pssAnonBytes'],
  ['Pss_File:', 'pssFileBytes'],
  ['Pss_Shmem:', 'pssShmemBytes'],
  ['SwapPss:', 'swapPssBytes'],
]);

/**
 * `/proc/PID/smaps_rollup` (fs/proc/task_mmu.c), e.g. `Pss:                1756 kB`. Since 4.14. Another user's only for root.
 * The kernel walks all pages of the process for it. A line `Pss` must be there.
 */
export const smapsRollup: Source<SmapsRollup> = {
  path,
  keep: [...sizes.keys()],
  parse(text, refuse) {
    const facts: { -readonly [Key in keyof SmapsRollup]?: SmapsRollup[Key] } = {};
    for (const line of linesOf(text)) {
      const [label = '', number, unit] = fieldsOf(line);
      const size = sizes.get(label);
      if (size === undefined) continue;
      if (unit !== 'kB') {
        refuse(line, 'kB expected');
        continue;
      }
      const bytes = countOf(refuse, line, number, 1024);
      if (bytes !== undefined) facts[size] = bytes;
    }
    const { pssBytes, ...parts } = facts;
    if (pssBytes === undefined) throw new ParseError(path, 0, text, 'Pss is missing');
    return { pssBytes, ...parts };
  },
};
