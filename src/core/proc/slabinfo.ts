import { ParseError, type Source } from './source';
import { countOf, linesOf } from './text';

const path = 'proc/slabinfo';

/** So many caches are kept, the largest ones. */
const mostCaches = 30;

/** A name is cut off here: caches of memory cgroups had the cgroup's name in theirs until 5.8. */
const longestName = 80;

/** A cache of kernel objects of one kind, e.g. `dentry`. */
export interface SlabCache {
  readonly name: string;
  /** Objects in use. */
  readonly activeObjects: number;
  /** Objects for which there is room. */
  readonly objects: number;
  readonly objectBytes: number;
  /** What the cache takes, in pages: `num_slabs` × `pagesperslab`. */
  readonly pages: number;
}

export interface Slabinfo {
  /** The largest ones, by pages; at most 30. */
  readonly caches: readonly SlabCache[];
  /** Of all caches that were read. Large objects (`kmalloc` above 8 KiB) are in `Slab` and in no cache. */
  readonly pages: number;
}

/**
 * `/proc/slabinfo` (mm/slab_common.c, version 2.1), for root only, e.g.
 * `dentry            370849 370965    192   21    1 : tunables    0    0    0 : slabdata  17665  17665      0`.
 * Caches with less than 100 objects stay on the host. A line that is none of a cache costs that line.
 */
export const slabinfo: Source<Slabinfo> = {
  path,
  drop: '^[^ ]+ +[0-9]+ +[0-9][0-9]? ',
  parse(text, refuse) {
    const caches: SlabCache[] = [];
    let known = 0;
    for (const line of linesOf(text)) {
      if (line.text.startsWith('slabinfo') || line.text.startsWith('#')) {
        known += 1;
        continue;
      }
      // A name may hold anything, so the fields are counted from the first ` : `.
      const [head = '', , data = ''] = line.text.split(' : ', 3);
      const words = head.trimEnd().split(/\s+/);
      const [active, all, size, , perSlab] = words.slice(-5);
      const name = words.slice(0, -5).join(' ');
      const slabs = data.trim().split(/\s+/)[2];
      if (name === '' || !data.startsWith('slabdata')) {
        refuse(line, 'not a cache');
        continue;
      }
      known += 1;
      const activeObjects = countOf(refuse, line, active);
      const objects = countOf(refuse, line, all);
      const objectBytes = countOf(refuse, line, size);
      const pagesPerSlab = countOf(refuse, line, perSlab);
      if (activeObjects === undefined || objects === undefined || objectBytes === undefined) continue;
      if (pagesPerSlab === undefined) continue;
      const pages = countOf(refuse, line, slabs, pagesPerSlab);
      if (pages === undefined) continue;
      caches.push({ name: name.slice(0, longestName), activeObjects, objects, objectBytes, pages });
    }
    if (known === 0) throw new ParseError(path, 0, text, 'no cache');
    return {
      caches: [...caches].sort((a, b) => b.pages - a.pages).slice(0, mostCaches),
      pages: caches.reduce((sum, cache) => sum + cache.pages, 0),
    };
  },
};
