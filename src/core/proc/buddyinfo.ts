import { ParseError, type Source } from './source';
import { countOf, linesOf } from './text';

const path = 'proc/buddyinfo';

/** No kernel has more orders: MAX_ORDER has been 10 or 11 on most machines, and at most 16 elsewhere. */
const mostOrders = 20;

/** The free memory of one zone by how it hangs together. */
export interface FreeChunks {
  readonly node: number;
  /** `DMA`, `DMA32`, `Normal`, `HighMem` or `Movable`. */
  readonly zone: string;
  /** Number of free chunks of 1, 2, 4, 8, … pages. Undefined: refused. */
  readonly chunksByOrder: readonly (number | undefined)[];
}

/**
 * `/proc/buddyinfo` (mm/vmstat.c), e.g. `Node 0, zone   Normal   4335   5156   4110   2610`. A line that is none of a zone
 * costs that line. Pages on the per-processor lists are not in it, see {@link pagesets}.
 */
export const buddyinfo: Source<readonly FreeChunks[]> = {
  path,
  parse(text, refuse) {
    const zones = linesOf(text).flatMap((line): FreeChunks[] => {
      const [, node, zone, counts] = /^Node +(\d+), zone +(\S+) +(\S.*)$/.exec(line.text) ?? [];
      const nodeNumber = node === undefined ? undefined : countOf(refuse, line, node);
      if (nodeNumber === undefined || zone === undefined || counts === undefined) {
        refuse(line, 'no node, zone and counts');
        return [];
      }
      const words = counts.trim().split(/\s+/).slice(0, mostOrders);
      return [{ node: nodeNumber, zone, chunksByOrder: words.map((word) => countOf(refuse, line, word)) }];
    });
    if (zones.length === 0) throw new ParseError(path, 0, text, 'no zone');
    return zones;
  },
};

/** Free memory in chunks of `order` and above, in pages. Refused counts are left out. */
export function freePagesFrom(order: number, { chunksByOrder }: FreeChunks): number {
  return chunksByOrder.reduce<number>(
    (pages, chunks, at) => (at < order ? pages : pages + (chunks ?? 0) * 2 ** at),
    0,
  );
}
