import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'sys/block/zram*/mm_stat';

/** One compressed RAM disk; most are used as swap. Undefined: refused, or not told by this kernel. */
export interface ZramMmStat {
  /** What is stored in it, before compression. */
  readonly origDataBytes: number | undefined;
  readonly comprDataBytes: number | undefined;
  /** Memory that it takes, with what the allocator (zsmalloc) loses. */
  readonly memUsedBytes: number | undefined;
  /** It may not take more; undefined where there is no limit. */
  readonly memLimitBytes: number | undefined;
}

/**
 * `/sys/block/zram0/mm_stat` (drivers/block/zram/zram_drv.c): one line of numbers, bytes first, since 4.1, e.g.
 * `90112 12345 20480        0    20480        0        0        0`.
 */
export const zramMmStat: Source<ZramMmStat> = {
  path,
  parse(text, refuse) {
    const [line] = linesOf(text);
    if (line === undefined) throw new ParseError(path, 0, text, 'it is empty');
    const [orig, compr, used, limit] = fieldsOf(line);
    if (used === undefined) throw new ParseError(path, line.number, line.text, 'less than three numbers');
    const memLimitBytes = limit === undefined ? undefined : countOf(refuse, line, limit);
    return {
      origDataBytes: countOf(refuse, line, orig),
      comprDataBytes: countOf(refuse, line, compr),
      memUsedBytes: countOf(refuse, line, used),
      memLimitBytes: memLimitBytes === 0 ? undefined : memLimitBytes,
    };
  },
};
