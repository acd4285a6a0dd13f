import { ParseError, type Line, type Refuse, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/zoneinfo';

/** One memory zone, in pages. Undefined: refused. */
export interface Zone {
  readonly node: number | undefined;
  /** `DMA`, `DMA32`, `Normal`, `HighMem`, `Movable` or `Device`. */
  readonly name: string | undefined;
  /** Watermarks, with `boost` in them. */
  readonly min: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** What fragmentation has raised the watermarks by for a while. The line exists since 5.16. */
  readonly boost?: number | undefined;
  readonly present: number | undefined;
  /** What the page allocator has of `present`. Since 3.8. */
  readonly managed?: number | undefined;
  /** What is kept free here against requests that could go to a higher zone, by that zone's index. */
  readonly protection: readonly number[] | undefined;
}

/**
 * `/proc/zoneinfo` (mm/vmstat.c), e.g. `Node 0, zone   Normal`, `        high     31113`,
 * `        protection: (0, 3019, 4939, 4939, 4939)`. Read once: what is used of it changes only with
 * settings and when memory is added or taken away. A zone whose first line is malformed lacks its name and keeps its pages.
 */
export const zoneinfo: Source<readonly Zone[]> = {
  path,
  keep: ['Node', 'min', 'low', 'high', 'boost', 'present', 'managed', 'protection:'],
  parse(text, refuse) {
    const zones: { -readonly [Key in keyof Zone]: Zone[Key] }[] = [];
    for (const line of linesOf(text)) {
      const [word = '', value] = fieldsOf(line);
      if (word === 'Node') {
        const [, node, name] = /^Node (\d+), zone +(\S+)/.exec(line.text) ?? [];
        if (name === undefined) refuse(line, 'no node and zone');
        zones.push({
          node: node === undefined ? undefined : countOf(refuse, line, node),
          name,
          min: undefined,
          low: undefined,
          high: undefined,
          present: undefined,
          protection: undefined,
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
          zone[word] = countOf(refuse, line, value);
          break;
        case 'protection:':
          zone.protection = protectionOf(refuse, line);
          break;
      }
    }
    if (zones.length === 0) throw new ParseError(path, 0, text, 'no zone');
    return zones;
  },
};

function protectionOf(refuse: Refuse, line: Line): number[] | undefined {
  const [, list] = /\(([\d, ]*)\)/.exec(line.text) ?? [];
  if (list === undefined) {
    refuse(line, 'no list of pages');
    return undefined;
  }
  const pages = list.split(',').map((word) => countOf(refuse, line, word.trim()));
  const known = pages.filter((count) => count !== undefined);
  return known.length === pages.length ? known : undefined;
}
