import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/zoneinfo';

/** One memory zone, in pages. */
export interface Zone {
  readonly node: number;
  /** `DMA`, `DMA32`, `Normal`, `HighMem`, `Movable` or `Device`. */
  readonly name: string;
  /** Watermarks, with `boost` in them. */
  readonly min: number;
  readonly low: number;
  readonly high: number;
  /** What fragmentation has raised the watermarks by for a while. The line exists since 5.16. */
  readonly boost?: number;
  readonly present: number;
  /** What the page allocator has of `present`. Since 3.8. */
  readonly managed?: number;
  /** What is kept free here against requests that could go to a higher zone, by that zone's index. */
  readonly protection: readonly number[];
}

/**
 * `/proc/zoneinfo` (mm/vmstat.c), e.g. `Node 0, zone   Normal`, `        high     31113`,
 * `        protection: (0, 3019, 4939, 4939, 4939)`. Read once: what is used of it changes only with
 * settings and when memory is added or taken away.
 */
export const zoneinfo: Source<readonly Zone[]> = {
  path,
  keep: ['Node', 'min', 'low', 'high', 'boost', 'present', 'managed', 'protection:'],
  parse(text) {
    const zones: { -readonly [Key in keyof Zone]: Zone[Key] }[] = [];
    for (const line of linesOf(text)) {
      const [word = '', value] = fieldsOf(line);
      if (word === 'Node') {
        const [, node, name] = /^Node (\d+), zone +(\S+)/.exec(line.text) ?? [];
        if (name === undefined) throw new ParseError(path, line.number, line.text, 'no node and zone');
        zones.push({
          node: countOf(path, line, node),
          name,
          min: 0,
          low: 0,
          high: 0,
          present: 0,
          protection: [],
        });
        continue;
      }
      const zone = zones.at(-1);
      if (zone === undefined) continue;
      switch (word) {
        case 'min':
        case 'low':
        case 'high':
        case 'boost':
        case 'present':
        case 'managed':
          zone[word] = countOf(path, line, value);
          break;
        case 'protection:': {
          const [, list] = /\(([\d, ]*)\)/.exec(line.text) ?? [];
          if (list === undefined) throw new ParseError(path, line.number, line.text, 'no list of pages');
          zone.protection = list.split(',').map((pages) => countOf(path, line, pages.trim()));
          break;
        }
      }
    }
    if (zones.length === 0) throw new ParseError(path, 0, text, 'no zone');
    return zones;
  },
};
