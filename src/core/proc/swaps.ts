import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf, unescaped } from './text';

const path = 'proc/swaps';

export interface Swap {
  /** Device or file; a deleted file ends in ` (deleted)`. */
  readonly name: string;
  readonly kind: 'partition' | 'file';
  readonly sizeBytes: number;
  /** Undefined: refused, e.g. more than the size. */
  readonly usedBytes: number | undefined;
  /** Higher is used first. Negative where the kernel chose it. */
  readonly priority: number;
}

/**
 * `/proc/swaps` (mm/swapfile.c), e.g. `/dev/vdb   partition	131068		43292		-2`, sizes in KiB. The first line is a title.
 * A line that is none of a swap device costs that line.
 */
export const swaps: Source<readonly Swap[]> = {
  path,
  parse(text, refuse) {
    const [title, ...lines] = linesOf(text);
    if (title?.text.startsWith('Filename') !== true)
      throw new ParseError(path, 0, text, 'the title is missing');
    return lines.flatMap((line): Swap[] => {
      const [name = '', kind, size, used, priority = ''] = fieldsOf(line);
      if ((kind !== 'partition' && kind !== 'file') || !/^-?\d{1,10}$/.test(priority)) {
        refuse(line, 'not a swap device');
        return [];
      }
      const sizeBytes = countOf(refuse, line, size, 1024);
      if (sizeBytes === undefined) return [];
      const usedBytes = countOf(refuse, line, used, 1024, sizeBytes);
      return [{ name: unescaped(name), kind, sizeBytes, usedBytes, priority: Number(priority) }];
    });
  },
};
