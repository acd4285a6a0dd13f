import { hugePagesBytesOf, pageCacheBytesOf, vmallocBytesOf } from '../memory';
import type { Arcstats } from '../proc/arcstats';
import type { Meminfo } from '../proc/meminfo';
import type { LedgerInputs } from './inputs';
import { lineTexts } from './lineTexts';
import { notAccountedReasons } from './notAccounted';
import { sumOfKnown, without } from './sums';
import { unmappedSwapCacheOf } from './swapCache';
import type { Ledger, LedgerLine, LedgerLineId } from './types';
import { viewsOf } from './views';

/**
 * Where every byte of `MemTotal` is: lines of which no two hold the same page, and the rest.
 *
 * What overlaps in the kernel's counters, and where it is counted (mm/vmstat.c, fs/proc/meminfo.c; each was also tried out
 * by allocating memory of that kind, see `npm run bench:ledger`):
 * - `Shmem` is part of `Cached`, which is without `Buffers` and `SwapCached`: shared memory is its own line.
 * - `SwapCached` pages that a program maps are in `AnonPages`: only the others are a line (`unmappedSwapCacheOf`).
 * - `Mapped`, `Dirty`, `Writeback`, `Mlocked`, `Unevictable` and transparent huge pages are views of pages that have their
 *   line: `views`.
 * - `KReclaimable` contains `SReclaimable`, which is part of `Slab`: only what is beyond it is a line.
 * - `KernelStack` lies in `VmallocUsed` with CONFIG_VMAP_STACK (x86 since 4.9, arm64 since 4.14, and on by default): it is
 *   taken out of it. Elsewhere that much of vmalloc is "not accounted": rather that than counted twice.
 * - `VmallocUsed` counts pages since 5.3, was 0 from 4.4 on and address space before: told from `Percpu`, see `memoryBands`.
 * - `Percpu` is mapped like vmalloc but is not in `VmallocUsed`. The share that was there from the start (about 0.2 MB for
 *   each processor) is in `Percpu` and not in `MemTotal`: by so much it is too high.
 * - Huge pages of hugetlbfs are in no line but `Hugetlb`, used or not.
 * - zsmalloc's pages (`nr_zspages`, zram and most zswap) are in no line of meminfo but `Zswap`.
 * - Free pages on the lists of single processors are not in `MemFree`.
 * - ZFS's ARC and a balloon are pages that a driver has taken. They are counted only as far as there is memory that no other
 *   line holds: a balloon may have been taken out of `MemTotal` instead, and some of the ARC may be slab.
 */
export function ledgerOf(told: LedgerInputs): Ledger {
  const { lxcfs } = told.meminfo;
  // All but meminfo is of the machine under the container.
  const inputs = lxcfs ? { meminfo: told.meminfo, pageSizeBytes: told.pageSizeBytes } : told;
  const { meminfo, arcstats } = inputs;
  const plain = [
    freeLine(inputs),
    leaf('programs', meminfo.anonPagesBytes),
    group('page-cache', [
      leaf('file-pages', pageCacheBytesOf(meminfo)),
      leaf('buffers', meminfo.buffersBytes),
    ]),
    leaf('shared', meminfo.shmemBytes),
    leaf('swap-cache', unmappedSwapCacheOf(meminfo)),
    kernelLine(meminfo),
    hugePagesLine(inputs),
    compressedLine(inputs),
    leaf('hardware-corrupted', meminfo.hardwareCorruptedBytes),
  ];
  const restOf = (lines: readonly LedgerLine[]): number =>
    meminfo.memTotalBytes - (sumOfKnown(lines.map(({ bytes }) => bytes)) ?? 0);
  const balloon = balloonLine(meminfo.balloonBytes, restOf(plain));
  const arc = arcLine(arcstats, restOf([...plain, balloon]));
  const lines = [...plain, arc, balloon];
  const notAccountedRawBytes = restOf(lines);
  return {
    totalBytes: meminfo.memTotalBytes,
    lines: [...lines, leaf('not-accounted', Math.max(0, notAccountedRawBytes))],
    views: viewsOf(inputs),
    notAccountedRawBytes,
    notAccountedReasons: notAccountedReasons(inputs),
    notes: notesOf(meminfo, balloon, notAccountedRawBytes),
  };
}

/** Every line of a ledger, parts too, each after the line that it is part of. */
export function allLines(ledger: Ledger): LedgerLine[] {
  const withParts = (line: LedgerLine): LedgerLine[] => [line, ...line.parts.flatMap(withParts)];
  return ledger.lines.flatMap(withParts);
}

/** Counters that each processor keeps for itself do not add up to more than this share of `MemTotal`. */
const mostDrift = 0.01;

function notesOf(
  { memTotalBytes, balloonBytes = 0, lxcfs }: Meminfo,
  balloon: LedgerLine,
  rest: number,
): string[] {
  const notes: string[] = [];
  if (lxcfs) {
    notes.push(
      'This is a container, and lxcfs tells what it has: memory of the kernel is told of the machine only, so here it is in "not accounted".',
    );
  }
  if (balloonBytes > 0 && balloon.bytes === 0) {
    notes.push(
      'The hypervisor has taken memory back through a balloon, and MemTotal is smaller by it: it is in none of these lines.',
    );
  }
  if (rest < -mostDrift * memTotalBytes) {
    notes.push(
      'The lines come to more than MemTotal. That is so in a container whose /proc/meminfo tells its own limit and partly the memory of the machine around it (lxcfs): lines of the kernel are the machine’s.',
    );
  }
  return notes;
}

function freeLine({ meminfo, pagesets, pageSizeBytes }: LedgerInputs): LedgerLine {
  const lists = pagesets && pageSizeBytes !== undefined ? pagesets.pages * pageSizeBytes : undefined;
  return group('free', [leaf('free-buddy', meminfo.memFreeBytes), leaf('free-processor-lists', lists)]);
}

function kernelLine(meminfo: Meminfo): LedgerLine {
  const { slabBytes, sReclaimableBytes, kReclaimableBytes } = meminfo;
  return group('kernel', [
    leaf('slab-reclaimable', sReclaimableBytes),
    leaf('slab-unreclaimable', without(slabBytes, sReclaimableBytes ?? 0)),
    leaf('kernel-reclaimable', without(kReclaimableBytes, sReclaimableBytes)),
    leaf('kernel-stacks', meminfo.kernelStackBytes),
    leaf('page-tables', meminfo.pageTablesBytes),
    leaf('secondary-page-tables', meminfo.secPageTablesBytes),
    leaf('percpu', meminfo.percpuBytes),
    leaf('vmalloc', vmallocBytesOf(meminfo)),
  ]);
}

/** Of all sizes where that is known; used and free where it is known of all of them. */
function hugePagesLine({ meminfo, hugePools }: LedgerInputs): LedgerLine {
  const ofPools = hugePools && sumOfKnown(hugePools.map(({ pages, pageBytes }) => pages * pageBytes));
  const bytes = meminfo.hugetlbBytes ?? ofPools ?? hugePagesBytesOf(meminfo);
  const { hugePagesFree, hugepagesizeBytes, hugePagesTotal } = meminfo;
  const ofDefaultSize =
    hugePagesFree === undefined || hugepagesizeBytes === undefined
      ? undefined
      : hugePagesFree * hugepagesizeBytes;
  const othersBytes = (bytes ?? 0) - (hugePagesTotal ?? 0) * (hugepagesizeBytes ?? 0);
  const freeOfPools = hugePools?.every(({ freePages }) => freePages !== undefined)
    ? sumOfKnown(hugePools.map(({ freePages = 0, pageBytes }) => freePages * pageBytes))
    : undefined;
  const free = freeOfPools ?? (othersBytes === 0 ? ofDefaultSize : undefined);
  const line = leaf('huge-pages', bytes);
  if (bytes === undefined || bytes === 0 || free === undefined || free > bytes) return line;
  return { ...line, parts: [leaf('huge-pages-used', bytes - free), leaf('huge-pages-free', free)] };
}

/**
 * zswap's pages are in `nr_zspages` too, unless it uses another allocator (zbud, z3fold); so the greater of what the two
 * owners tell and what zsmalloc tells.
 */
function compressedLine({ meminfo, vmstat, pageSizeBytes, zram }: LedgerInputs): LedgerLine {
  const zspages =
    vmstat?.nrZspages === undefined || pageSizeBytes === undefined
      ? undefined
      : vmstat.nrZspages * pageSizeBytes;
  const zramBytes = zram && (sumOfKnown(zram.map(({ memUsedBytes }) => memUsedBytes)) ?? 0);
  const owners = sumOfKnown([zramBytes, meminfo.zswapBytes]);
  const others = zspages === undefined ? undefined : Math.max(0, zspages - (owners ?? 0));
  return group('compressed', [
    leaf('zram', zramBytes),
    leaf('zswap', meminfo.zswapBytes),
    leaf('compressed-other', others),
  ]);
}

/** A balloon is inside of MemTotal where so much memory is in no other line; else its driver has taken it out. */
function balloonLine(balloonBytes: number | undefined, rest: number): LedgerLine {
  if (balloonBytes === undefined) return leaf('balloon', undefined);
  return leaf('balloon', balloonBytes <= rest ? balloonBytes : 0);
}

function arcLine(arcstats: Arcstats | undefined, rest: number): LedgerLine {
  if (arcstats === undefined) return leaf('arc', undefined);
  const pages = sumOfKnown([arcstats.dataBytes, arcstats.metadataBytes]) ?? arcstats.sizeBytes;
  return leaf('arc', pages === undefined ? undefined : Math.min(pages, Math.max(0, rest)));
}

function group(id: LedgerLineId, parts: readonly LedgerLine[]): LedgerLine {
  return { ...leaf(id, sumOfKnown(parts.map(({ bytes }) => bytes))), parts };
}

function leaf(id: LedgerLineId, bytes: number | undefined): LedgerLine {
  return { id, ...lineTexts[id], bytes, parts: [] };
}
