import type { OomEvent } from '../event';
import { gfpFlagsOf, type HighestZone } from '../gfpFlags';
import type { FreeBlocks, ZoneInformation } from '../memoryInformation';
import { pageBytesOf } from './pageBytes';

/** Whether a zone could serve the request (`__zone_watermark_ok`, mm/page_alloc.c) when the report was printed. */
export interface ZoneCheck {
  readonly zone: ZoneInformation;
  /** Free pages that the request may have: without the reserve for urgent requests, and without CMA unless they can be moved. */
  readonly usableBytes: number;
  /** Of it, what lies in CMA areas: pages that can be moved may lie there while no device needs them. */
  readonly cmaBytes: number;
  /** Its minimum and what it keeps for requests that cannot use higher zones. */
  readonly neededBytes: number;
  readonly reserveBytes: number;
  /** Enough is free, whatever its blocks are. */
  readonly enough: boolean;
  /** The largest free block that the request may have; undefined where blocks are not printed. */
  readonly largestBlockBytes?: number;
}

/**
 * `below`: no zone had more than its minimum. `fragmented`: one had, but no free block that is large enough. `above`: one
 * had when the report was printed, a moment after the request had failed.
 */
export type WatermarkVerdict = 'below' | 'fragmented' | 'above';

export interface Watermarks {
  readonly verdict: WatermarkVerdict;
  /** Those that may serve the request, the largest in front. */
  readonly checks: readonly ZoneCheck[];
  readonly requestBytes?: number;
}

/** The kernel's order of zones (include/linux/mmzone.h). */
const ranks = new Map([
  ['DMA', 0],
  ['DMA32', 1],
  ['Normal', 2],
  ['HighMem', 3],
  ['Movable', 4],
]);

/** @returns undefined where the text does not tell: no zones, no flags, a kill without a request. */
export function watermarksOf(event: OomEvent): Watermarks | undefined {
  const { memory, trigger } = event;
  const { order, gfp } = trigger ?? {};
  if (memory === undefined || gfp === undefined || order === undefined || order < 0 || order > 20)
    return undefined;
  const { none, highestZone, movable } = gfpFlagsOf(gfp);
  if (none || highestZone === undefined) return undefined;
  const request: Request = { highestZone, movable, order, zones: memory.zones };
  const pageBytes = pageBytesOf(event);
  const checks = memory.zones
    .filter(({ name }) => rankOf(name) <= rankOf(highestZone))
    .flatMap((zone) => checkOf(zone, request, pageBytes) ?? [])
    .sort((one, other) => sizeOf(other.zone) - sizeOf(one.zone));
  if (checks.length === 0) return undefined;
  const requestBytes = pageBytes === undefined ? undefined : pageBytes * 2 ** order;
  return {
    verdict: verdictOf(checks, order, requestBytes),
    checks,
    ...(requestBytes !== undefined && { requestBytes }),
  };
}

interface Request {
  readonly highestZone: HighestZone;
  readonly movable: boolean;
  readonly order: number;
  readonly zones: readonly ZoneInformation[];
}

function rankOf(zone: string): number {
  return ranks.get(zone) ?? Infinity;
}

function sizeOf({ managedBytes, presentBytes }: ZoneInformation): number {
  return managedBytes ?? presentBytes ?? 0;
}

function checkOf(
  zone: ZoneInformation,
  request: Request,
  pageBytes: number | undefined,
): ZoneCheck | undefined {
  const { freeBytes, minBytes } = zone;
  // An empty zone serves nothing.
  if (freeBytes === undefined || minBytes === undefined || sizeOf(zone) === 0) return undefined;
  const cmaBytes = request.movable ? (zone.freeCmaBytes ?? 0) : 0;
  const notCma = request.movable ? freeBytes : freeBytes - (zone.freeCmaBytes ?? 0);
  const lastPages = request.order === 0 || pageBytes === undefined ? 0 : pageBytes * (2 ** request.order - 1);
  const usableBytes = Math.max(0, notCma - (zone.reservedHighatomicBytes ?? 0) - lastPages);
  const reserveBytes = reserveOf(zone, request);
  const neededBytes = minBytes + reserveBytes;
  const largestBlockBytes = largestBlockOf(zone.freeBlocks, request.movable);
  return {
    zone,
    usableBytes,
    cmaBytes,
    neededBytes,
    reserveBytes,
    enough: usableBytes > neededBytes,
    ...(largestBlockBytes !== undefined && { largestBlockBytes }),
  };
}

/**
 * What `lowmem_reserve[]` keeps from this request. Its places are the kernel's zones, also those that the machine does not
 * have. A request for the highest zones is bound by the last place; so is any other where no zone is above `Normal`.
 */
function reserveOf(
  { lowmemReserveBytes = [], name }: ZoneInformation,
  { highestZone, zones }: Request,
): number {
  if (rankOf(highestZone) <= rankOf(name)) return 0;
  const last = lowmemReserveBytes.at(-1) ?? 0;
  const has = (other: string): boolean => zones.some((zone) => zone.name === other && sizeOf(zone) > 0);
  switch (highestZone) {
    case 'Movable':
    case 'HighMem':
      return last;
    case 'Normal':
      if (!has('HighMem') && !has('Movable')) return last;
      return lowmemReserveBytes[Number(has('DMA')) + Number(has('DMA32'))] ?? 0;
    case 'DMA32':
      return lowmemReserveBytes[1] ?? 0;
    case 'DMA':
      return 0;
  }
}

/** Blocks of the urgent reserve alone (`H`), of CMA alone for what cannot be moved, and isolated ones do not count. */
function largestBlockOf(blocks: readonly FreeBlocks[] | undefined, movable: boolean): number | undefined {
  if (blocks === undefined) return undefined;
  const mayUse = ({ count, types }: FreeBlocks): boolean =>
    count > 0 && (types === '' || (movable ? /[UMEC]/ : /[UME]/).test(types));
  return blocks.reduce(
    (largest, block) => (mayUse(block) ? Math.max(largest, block.blockBytes) : largest),
    0,
  );
}

function verdictOf(
  checks: readonly ZoneCheck[],
  order: number,
  requestBytes: number | undefined,
): WatermarkVerdict {
  const enough = checks.filter((check) => check.enough);
  if (enough.length === 0) return 'below';
  if (order === 0 || requestBytes === undefined) return 'above';
  const fits = enough.some(({ largestBlockBytes = Infinity }) => largestBlockBytes >= requestBytes);
  return fits ? 'above' : 'fragmented';
}
