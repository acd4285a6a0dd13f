import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/swaps';

export interface Swap {
  /** Device or file; a deleted file ends in ` (deleted)`. */
  readonly name: string;
  readonly kind: 'partition' | 'file';
  readonly sizeBytes: number;
  readonly usedBytes: number;
  /** Higher is used first. Negative where the kernel chose it. */
  readonly priority: number;
}

/** `/proc/swaps` (mm/swapfile.c), e.g. `/dev/vdb   partition	131068		43292		-2`, sizes in KiB. The first line is a title. */
export const swaps: Source<readonly Swap[]> = {
  path,
  parse(text) {
    const [title, ...lines] = linesOf(text);
    if (title?.text.startsWith('Filename') !== true)
      throw new ParseError(path, 0, text, 'the title is missing');
    return lines.map((line) => {
      const [name = '', kind, size, used, priority = ''] = fieldsOf(line);
      if ((kind !== 'partition' && kind !== 'file') || !/^-?\d+$/.test(priority)) {
        throw new ParseError(path, line.number, line.text, 'not a swap device');
      }
      return {
        name: unescaped(name),
        kind,
        sizeBytes: countOf(path, line, size, 1024),
        usedBytes: countOf(path, line, used, 1024),
        priority: Number(priority),
      };
    });
  },
};

/** The kernel writes blanks, tabs, newlines and backslashes of a name as octal numbers: `\040`. */
function unescaped(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
