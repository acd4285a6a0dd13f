import { ParseError, type Source } from './source';
import { linesOf } from './text';

/**
 * A limit in bytes, or the kernel's word for none. Not Infinity: it would turn into null on its way to a page or a file,
 * and nobody divides by a word by mistake.
 */
export type Limit = number | 'max';

/** `PAGE_COUNTER_MAX` of 32-bit kernels: 2^31 - 1 pages of 4 KiB. */
const none32Bits = (2 ** 31 - 1) * 4096;

/**
 * What version 1 prints of a limit. None is the greatest number of pages that it counts, which depends on the size of
 * pages: `9223372036854771712` with 4 KiB, `9223372036854710272` with 64 KiB; `9223372036854775807` up to 3.15 and
 * `18446744073709551615` on 3.16 to 3.18. No machine has more than 2^53 bytes.
 * @returns undefined where it is no number.
 */
export function limitOf(word: string): Limit | undefined {
  if (!/^\d{1,20}$/.test(word)) return undefined;
  const bytes = Number(word);
  return bytes > Number.MAX_SAFE_INTEGER || bytes === none32Bits ? 'max' : bytes;
}

/** A file of a cgroup that holds one limit. */
function limitFile(path: string): Source<Limit> {
  return {
    path,
    parse(text) {
      const [line, ...more] = linesOf(text);
      if (line === undefined || more.length > 0) throw new ParseError(path, 0, text, 'one line expected');
      const word = line.text.trim();
      const limit = word === 'max' ? word : limitOf(word);
      if (limit === undefined) throw new ParseError(path, line.number, line.text, 'not a limit');
      return limit;
    },
  };
}

/** Beyond it the group's tasks are slowed down and made to free memory; nothing is killed. Version 2. */
export const memoryHigh = limitFile('memory.high');

/** Where it cannot stay below it, the OOM killer comes. Version 2. */
export const memoryMax = limitFile('memory.max');

/** Version 2: swap alone. */
export const memorySwapMax = limitFile('memory.swap.max');

/** Version 1's `memory.max`. */
export const memoryLimitInBytes = limitFile('memory.limit_in_bytes');

/** Version 1: memory and swap together. */
export const memoryMemswLimitInBytes = limitFile('memory.memsw.limit_in_bytes');
