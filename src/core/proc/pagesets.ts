import type { Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/zoneinfo';

/** Free pages that the page allocator keeps for single processors. */
export interface Pagesets {
  /** Free pages on the lists of all processors and zones; `MemFree` does not have them. */
  readonly pages: number;
}

/**
 * The pagesets of `/proc/zoneinfo` (mm/vmstat.c): lines `              count:    8259`, one for each zone and processor.
 * The lists are short where memory is, but since 6.7 they grow with use: 64 MB on a machine of 24 GB with two processors.
 * A file without such lines (all lists empty, as `drop` leaves it) is 0 pages.
 */
export const pagesets: Source<Pagesets> = {
  path,
  // Everything but counts above 0: a large host has thousands of lines.
  drop: '^ *([^ c]|cma|cpu|count: +0$)',
  parse(text, refuse) {
    let pages = 0;
    for (const line of linesOf(text)) {
      const [word, count] = fieldsOf(line);
      if (word === 'count:') pages += countOf(refuse, line, count) ?? 0;
    }
    return { pages };
  },
};
