import { ParseError, type Source } from './source';
import { countOf, linesOf } from './text';

/** `/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages` and its neighbours (mm/hugetlb.c): one number of pages. */
function countSource(name: string): Source<number> {
  const path = `sys/kernel/mm/hugepages/hugepages-*kB/${name}`;
  return {
    path,
    parse(text, refuse) {
      const [line] = linesOf(text);
      const count = line && countOf(refuse, line, line.text.trim());
      if (count === undefined) throw new ParseError(path, line?.number ?? 0, text, 'not a number');
      return count;
    },
  };
}

/** Huge pages there are, of each size; those in `surplus_hugepages` are among them. Since 2.6.27. */
export const nrHugepages = countSource('nr_hugepages');
/** Those that hold nothing. */
export const freeHugepages = countSource('free_hugepages');
/** Free ones that are promised. */
export const resvHugepages = countSource('resv_hugepages');
/** Those beyond the number that was asked for; they go when they are given back. */
export const surplusHugepages = countSource('surplus_hugepages');

/** The huge pages of one size. Undefined: not known. */
export interface HugePool {
  readonly pageBytes: number;
  readonly pages: number;
  readonly freePages: number | undefined;
  readonly reservedPages: number | undefined;
  readonly surplusPages: number | undefined;
}

/**
 * What the four files say together.
 * @param counts number by path, e.g. `sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages`; others are ignored.
 * @returns the pools whose number of pages is known, the smallest pages first.
 */
export function hugePoolsOf(counts: ReadonlyMap<string, number>): HugePool[] {
  return [...counts]
    .flatMap(([path, pages]): HugePool[] => {
      const [, folder, kib] =
        /^(sys\/kernel\/mm\/hugepages\/hugepages-(\d{1,10})kB)\/nr_hugepages$/.exec(path) ?? [];
      if (folder === undefined) return [];
      const of = (name: string): number | undefined => counts.get(`${folder}/${name}`);
      return [
        {
          pageBytes: Number(kib) * 1024,
          pages,
          freePages: of('free_hugepages'),
          reservedPages: of('resv_hugepages'),
          surplusPages: of('surplus_hugepages'),
        },
      ];
    })
    .sort((a, b) => a.pageBytes - b.pageBytes);
}
