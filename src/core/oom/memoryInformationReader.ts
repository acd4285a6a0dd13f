import type { FreeBlocks, MemoryInformation, ZoneInformation } from './memoryInformation';
import { readFreeBlocks, readLowmemReserve, readZone, type ZoneLine } from './memoryInformationZone';
import { present } from './present';

const maxZones = 1024;
const maxMachineFigures = 100;
const maxSlabs = 500;

type Taken = 'taken' | 'again' | 'other';

interface Zone extends ZoneLine {
  lowmemReservePages?: readonly number[];
  freeBlocks?: readonly FreeBlocks[];
}

type Total = 'pageCache' | 'swapCache' | 'ram' | 'reserved';

/**
 * Reads the block `Mem-Info:` of one report (`show_mem` and `show_free_areas`, mm/show_mem.c, before 6.x in
 * mm/page_alloc.c and lib/show_mem.c). Counts of pages become bytes once the size of a page is known.
 */
export class MemoryInformationReader {
  /** Whether any line of it was there. */
  begun = false;
  private readonly machinePages = new Map<string, number>();
  private readonly zones = new Map<string, Zone>();
  private lastZone: Zone | undefined;
  private readonly totals = new Map<Total, number>();
  private totalSwapBytes: number | undefined;
  private freeSwapBytes: number | undefined;
  private hugePagesBytes = 0;
  private readonly slabs: { name: string; usedBytes: number; totalBytes: number }[] = [];
  private inSlabs = false;

  /**
   * @param line without a line feed; the lines of the first block may be indented.
   * @returns `again`: something that is there already, so that this line is of another report.
   */
  take(line: string): Taken {
    const taken = this.takeLine(line);
    if (taken === 'taken') this.begun = true;
    return taken;
  }

  /** Whether its last lines were there. */
  get whole(): boolean {
    return this.totals.has('ram');
  }

  /** Nodes whose zones are printed. */
  get nodes(): ReadonlySet<number> {
    return new Set(Array.from(this.zones.values(), ({ node }) => node));
  }

  /** The share of the machine's pages that lie in the zones that are printed, as far as both are. */
  shownShare(pageBytes: number | undefined): number | undefined {
    const ram = this.totals.get('ram');
    if (ram === undefined || ram === 0 || pageBytes === undefined || this.zones.size === 0) return undefined;
    let shown = 0;
    for (const { fields } of this.zones.values()) shown += fields.presentBytes ?? 0;
    return shown / (ram * pageBytes);
  }

  /**
   * The size of a page: the smallest block of a zone's list of free blocks, or how the zones' free memory (kB) relates
   * to the machine's (pages).
   */
  pageBytes(): number | undefined {
    let freeBytes = 0;
    for (const { freeBlocks, fields } of this.zones.values()) {
      if (freeBlocks?.[0] !== undefined) return freeBlocks[0].blockBytes;
      freeBytes += fields.freeBytes ?? 0;
    }
    const freePages = this.machinePages.get('free');
    return freePages === undefined ? undefined : nearestPageBytes(freeBytes / freePages);
  }

  /** @param pageBytes undefined: not known; then what is counted in pages is absent. */
  finish(pageBytes: number | undefined): MemoryInformation | undefined {
    if (!this.begun) return undefined;
    const bytes = (pages: number | undefined): number | undefined =>
      pages === undefined || pageBytes === undefined ? undefined : pages * pageBytes;
    return present<MemoryInformation>({
      machine:
        pageBytes === undefined
          ? {}
          : Object.fromEntries(Array.from(this.machinePages, ([name, pages]) => [name, pages * pageBytes])),
      zones: Array.from(this.zones.values(), (zone) => zoneInformation(zone, pageBytes)),
      totalSwapBytes: this.totalSwapBytes,
      freeSwapBytes: this.freeSwapBytes,
      swapCacheBytes: bytes(this.totals.get('swapCache')),
      pageCacheBytes: bytes(this.totals.get('pageCache')),
      ramBytes: bytes(this.totals.get('ram')),
      reservedBytes: bytes(this.totals.get('reserved')),
      hugePagesBytes: this.hugePagesBytes === 0 ? undefined : this.hugePagesBytes,
      slabs: this.slabs,
    });
  }

  private takeLine(line: string): Taken {
    const text = line.length > 4000 ? line.slice(0, 4000) : line;
    if (text.startsWith('Mem-Info:')) return this.begun ? 'again' : 'taken';
    if (text.startsWith('Unreclaimable slab info:')) {
      this.inSlabs = true;
      return 'taken';
    }
    if (this.inSlabs && this.takeSlab(text)) return 'taken';
    const first = text.charCodeAt(0);
    if (first >= digit0 && first <= digit9) return this.takeTotal(text);
    const zone = readZone(text);
    if (zone !== undefined) return this.takeZone(zone);
    const blocks = readFreeBlocks(text);
    if (blocks !== undefined) return this.takeFreeBlocks(blocks);
    const reserve = readLowmemReserve(text);
    if (reserve !== undefined) {
      if (this.lastZone !== undefined) this.lastZone.lowmemReservePages ??= reserve;
      return 'taken';
    }
    return this.takeSwap(text) ?? this.takeHugePages(text) ?? this.takeMachineFigures(text);
  }

  /** `active_anon:48 inactive_anon:224275 isolated_anon:0`, in pages. */
  private takeMachineFigures(text: string): Taken {
    if (!this.begun && !text.startsWith('active_anon:')) return 'other';
    const words = text.trim().split(/ {1,8}/, 20);
    const figures: [string, number][] = [];
    for (const word of words) {
      const match = /^([A-Za-z][A-Za-z_]{1,40}):(\d{1,16})$/.exec(word);
      if (match === null) return 'other';
      figures.push([match[1] ?? '', Number(match[2])]);
    }
    if (figures.some(([name]) => this.machinePages.has(name))) return 'again';
    // They come before the zones; later it is some other text.
    if (this.zones.size > 0) return 'other';
    for (const [name, pages] of figures)
      if (this.machinePages.size < maxMachineFigures) this.machinePages.set(name, pages);
    return 'taken';
  }

  private takeZone(line: ZoneLine): Taken {
    const key = `${line.node} ${line.name}`;
    const known = this.zones.get(key);
    if (known?.printed === true) return 'again';
    const zone: Zone = { ...known, ...line };
    this.lastZone = zone;
    if (known !== undefined || this.zones.size < maxZones) this.zones.set(key, zone);
    return 'taken';
  }

  private takeFreeBlocks({ node, name, blocks }: NonNullable<ReturnType<typeof readFreeBlocks>>): Taken {
    const zone = this.zones.get(`${node} ${name}`);
    if (zone?.freeBlocks !== undefined) return 'again';
    if (zone !== undefined) zone.freeBlocks = blocks;
    else if (this.zones.size < maxZones)
      this.zones.set(`${node} ${name}`, {
        node,
        name,
        printed: false,
        fields: {},
        figures: {},
        freeBlocks: blocks,
      });
    return 'taken';
  }

  private takeTotal(text: string): Taken {
    const match =
      /^(\d{1,16}) (total pagecache pages|pages in swap cache|pages RAM|pages reserved|(?:reserved|free|slab|shared|non-shared|low|swap cached) pages|pages (?:shared|non-shared|HighMem|HighMem\/MovableOnly|cma reserved|hwpoisoned|of RAM|of HIGHMEM|swap cached|in pagetable cache))\b/.exec(
        text,
      );
    if (match === null) return 'other';
    const total = totals[match[2] ?? ''];
    if (total === undefined) return 'taken';
    if (this.totals.has(total)) return 'again';
    this.totals.set(total, Number(match[1]));
    return 'taken';
  }

  private takeSwap(text: string): Taken | undefined {
    if (text.startsWith('Swap cache')) return 'taken';
    const match = /^(Free|Total) swap {1,2}= (\d{1,16})kB/.exec(text);
    if (match === null) return undefined;
    const bytes = Number(match[2]) * 1024;
    if (match[1] === 'Free') {
      if (this.freeSwapBytes !== undefined) return 'again';
      this.freeSwapBytes = bytes;
    } else {
      if (this.totalSwapBytes !== undefined) return 'again';
      this.totalSwapBytes = bytes;
    }
    return 'taken';
  }

  /** `Node 0 hugepages_total=0 …`; and lines of a node, whose figures its zones have too. */
  private takeHugePages(text: string): Taken | undefined {
    if (!text.startsWith('Node ') && !/^[A-Za-z0-9]{2,16} per-cpu:|^CPU +\d/.test(text.slice(0, 40)))
      return undefined;
    const match = /^Node \d{1,4} hugepages_total=(\d{1,12}) .{0,80}hugepages_size=(\d{1,12})kB/.exec(text);
    if (match !== null) {
      this.hugePagesBytes += Number(match[1]) * Number(match[2]) * 1024;
      return 'taken';
    }
    return /^(?:Node \d{1,4} (?:active_anon:|[A-Za-z0-9]{2,16} per-cpu:)|[A-Za-z0-9]{2,16} per-cpu:|CPU +\d{1,5}: hi:)/.test(
      text,
    )
      ? 'taken'
      : undefined;
  }

  /** `RPC                         31KB         31KB` (`dump_unreclaimable_slab`, mm/slab_common.c, 4.15+). */
  private takeSlab(text: string): boolean {
    if (/^Name +Used +Total\s*$/.test(text)) return true;
    const match = /^(\S(?:[^]{0,60}\S)?) +(\d{1,12})KB +(\d{1,12})KB\s*$/.exec(text.length > 140 ? '' : text);
    if (match === null) return false;
    if (this.slabs.length < maxSlabs)
      this.slabs.push({
        name: match[1] ?? '',
        usedBytes: Number(match[2]) * 1024,
        totalBytes: Number(match[3]) * 1024,
      });
    return true;
  }
}

const digit0 = 48;
const digit9 = 57;

const totals: Readonly<Record<string, Total | undefined>> = {
  'total pagecache pages': 'pageCache',
  'pages in swap cache': 'swapCache',
  'pages RAM': 'ram',
  'pages of RAM': 'ram',
  'pages reserved': 'reserved',
  'reserved pages': 'reserved',
};

/** @returns the size of a page that is near to a ratio, of 4 KiB to 256 KiB; undefined where none is. */
export function nearestPageBytes(ratio: number): number | undefined {
  for (let bytes = 4096; bytes <= 262_144; bytes *= 2)
    if (ratio > bytes * 0.8 && ratio < bytes * 1.25) return bytes;
  return undefined;
}

function zoneInformation(zone: Zone, pageBytes: number | undefined): ZoneInformation {
  return present<ZoneInformation>({
    node: zone.node,
    name: zone.name,
    ...zone.fields,
    lowmemReserveBytes:
      pageBytes === undefined ? undefined : zone.lowmemReservePages?.map((pages) => pages * pageBytes),
    allUnreclaimable: zone.allUnreclaimable,
    figures: zone.figures,
    freeBlocks: zone.freeBlocks,
  });
}
