import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/spl/kstat/zfs/arcstats';

/** The cache of ZFS (ARC). What this version does not tell, or was refused, is undefined. */
export interface Arcstats {
  /** All of the cache, in memory. */
  readonly sizeBytes?: number;
  /** What it is heading for, and the least and the most that it may. */
  readonly targetBytes?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  /** File data and ZFS's metadata: pages of its own, in no line of /proc/meminfo. Since ZFS 0.7. */
  readonly dataBytes?: number;
  readonly metadataBytes?: number;
}

const fields = new Map<string, keyof Arcstats>([
  ['size', 'sizeBytes'],
  ['c', 'targetBytes'],
  ['c_min', 'minBytes'],
  ['c_max', 'maxBytes'],
  ['data_size', 'dataBytes'],
  ['metadata_size', 'metadataBytes'],
]);

/**
 * `/proc/spl/kstat/zfs/arcstats` (OpenZFS, module/zfs/arc.c), e.g. `size                            4    8321499136`: name,
 * type, value in bytes. Only where ZFS is loaded.
 */
export const arcstats: Source<Arcstats> = {
  path,
  keep: [...fields.keys()],
  parse(text, refuse) {
    const facts = new Map<keyof Arcstats, number>();
    let known = 0;
    for (const line of linesOf(text)) {
      const [name = '', , value] = fieldsOf(line);
      const field = fields.get(name);
      if (field === undefined) continue;
      known += 1;
      const bytes = countOf(refuse, line, value);
      if (bytes !== undefined) facts.set(field, bytes);
    }
    if (known === 0) throw new ParseError(path, 0, text, 'size is missing');
    return Object.fromEntries(facts);
  },
};
