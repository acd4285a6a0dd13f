import type { FreeBlocks, ZoneInformation } from './memoryInformation';

type ByteField = Extract<keyof ZoneInformation, `${string}Bytes`>;

/** The line of a zone: `Node 0 DMA32 free:44244kB boost:0kB min:44348kB low:55432kB …`. */
export interface ZoneLine {
  readonly node: number;
  readonly name: string;
  /** False: only the list of its free blocks was there. */
  readonly printed: boolean;
  readonly fields: Partial<Record<Exclude<ByteField, 'lowmemReserveBytes'>, number>>;
  readonly figures: Readonly<Record<string, number>>;
  readonly allUnreclaimable?: boolean;
  /** In pages; a line of its own that some logs join to this one. */
  readonly lowmemReservePages?: readonly number[];
}

const fields: Readonly<Record<string, keyof ZoneLine['fields'] | undefined>> = {
  free: 'freeBytes',
  boost: 'boostBytes',
  min: 'minBytes',
  low: 'lowBytes',
  high: 'highBytes',
  reserved_highatomic: 'reservedHighatomicBytes',
  free_cma: 'freeCmaBytes',
  managed: 'managedBytes',
  present: 'presentBytes',
};

/** A kernel without NUMA prints no node: then it is node 0. */
const zoneStart = /^(?:Node (\d{1,4}) )?([A-Za-z][A-Za-z0-9]{1,15}) (?=free:\d)/;
const figure = / ([a-z][a-z_()]{1,40}): {0,2}(\d{1,16})[kK]B(?=\s|$)/g;

/** @returns undefined for another line. Figures that are no memory (`pages_scanned:0`) are left out. */
export function readZone(text: string): ZoneLine | undefined {
  const start = zoneStart.exec(text.slice(0, 60));
  if (start === null) return undefined;
  const reserveAt = text.indexOf(reserveStart);
  const reserve = reserveAt < 0 ? undefined : readLowmemReserve(text.slice(reserveAt));
  const line: ZoneLine['fields'] = {};
  const figures = new Map<string, number>();
  for (const [, name = '', kB] of text.slice(start[0].length - 1).matchAll(figure)) {
    const field = fields[name];
    if (field !== undefined) line[field] = Number(kB) * 1024;
    else figures.set(name, Number(kB) * 1024);
  }
  const unreclaimable = / all_unreclaimable\? (yes|no)/.exec(text)?.[1];
  return {
    node: Number(start[1] ?? 0),
    name: start[2] ?? '',
    printed: true,
    fields: line,
    figures: Object.fromEntries(figures),
    ...(unreclaimable === undefined ? {} : { allUnreclaimable: unreclaimable === 'yes' }),
    ...(reserve === undefined ? {} : { lowmemReservePages: reserve }),
  };
}

const blocksStart = /^(?:Node (\d{1,4}) )?([A-Za-z][A-Za-z0-9]{1,15}): (?=\d{1,12}\*\d{1,9}kB)/;
const block = /(\d{1,12})\*(\d{1,9})kB(?: \(([A-Z]{0,8})\))?(?=\s|$)/g;

/** `Node 0 DMA: 5*4kB (UM) 1*8kB (M) … 0*4096kB = 4476kB`; kernels before 3.8 print no migrate types. */
export function readFreeBlocks(
  text: string,
): { readonly node: number; readonly name: string; readonly blocks: readonly FreeBlocks[] } | undefined {
  const start = blocksStart.exec(text.slice(0, 60));
  if (start === null) return undefined;
  const blocks = Array.from(text.matchAll(block), ([, count, kB, types]) => ({
    blockBytes: Number(kB) * 1024,
    count: Number(count),
    types: types ?? '',
  }));
  return { node: Number(start[1] ?? 0), name: start[2] ?? '', blocks };
}

const reserveStart = 'lowmem_reserve[]:';

/** `lowmem_reserve[]: 0 941 941 941 941`, of the zone before, in pages. */
export function readLowmemReserve(text: string): readonly number[] | undefined {
  if (!text.startsWith(reserveStart)) return undefined;
  return Array.from(text.slice(reserveStart.length, 200).matchAll(/ (\d{1,16})(?=\s|$)/g), ([, pages]) =>
    Number(pages),
  );
}
