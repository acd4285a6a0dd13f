import type { Meminfo } from './proc/meminfo';
import type { Vmstat } from './proc/vmstat';
import type { Zone } from './proc/zoneinfo';

export interface Available {
  readonly bytes: number;
  /** True where the kernel does not tell (before 3.14) and it was computed here. */
  readonly computed: boolean;
}

/**
 * Memory that programs can get without swapping: `MemAvailable`, else what the kernel would say
 * (si_mem_available, mm/show_mem.c): free memory without the reserve, and what can be dropped of the page cache and of
 * the reclaimable kernel memory, of each of which a low watermark or a half stays.
 *
 * In a container `MemAvailable` may be the machine's and `MemTotal` its own: where it is more, `MemFree` counts, as with procps
 * (library/meminfo.c).
 *
 * The reserve follows from `zones`; without them from `minFreeKbytes` as procps 3.3 and 4 did it for old kernels:
 * low watermark = reserve = min_free × 5/4, which comes out higher.
 * @returns undefined where neither is known.
 */
export function availableOf(
  meminfo: Meminfo,
  zones: readonly Zone[] | undefined,
  pageSizeBytes: number | undefined,
  minFreeKbytes?: number,
): Available | undefined {
  const { memTotalBytes, memAvailableBytes, memFreeBytes, activeFileBytes, inactiveFileBytes } = meminfo;
  if (memAvailableBytes !== undefined) {
    if (memAvailableBytes <= memTotalBytes) return { bytes: memAvailableBytes, computed: false };
    return memFreeBytes === undefined ? undefined : { bytes: memFreeBytes, computed: true };
  }
  const reserve = reserveOf(zones, pageSizeBytes, minFreeKbytes);
  if (
    reserve === undefined ||
    memFreeBytes === undefined ||
    activeFileBytes === undefined ||
    inactiveFileBytes === undefined
  ) {
    return undefined;
  }

  const droppable = (bytes: number): number => bytes - Math.min(bytes / 2, reserve.lowBytes);
  const bytes =
    memFreeBytes -
    reserve.totalBytes +
    droppable(activeFileBytes + inactiveFileBytes) +
    droppable(meminfo.kReclaimableBytes ?? meminfo.sReclaimableBytes ?? 0);
  return { bytes: Math.max(0, Math.round(bytes)), computed: true };
}

/** What the kernel keeps for itself, and the sum of the low watermarks. */
function reserveOf(
  zones: readonly Zone[] | undefined,
  pageSizeBytes: number | undefined,
  minFreeKbytes: number | undefined,
): { readonly totalBytes: number; readonly lowBytes: number } | undefined {
  if (zones !== undefined && pageSizeBytes !== undefined) {
    const pages = sumOf(zones.map(keptPagesOf));
    const low = sumOf(zones.map((zone) => zone.low));
    if (pages !== undefined && low !== undefined) {
      return { totalBytes: pages * pageSizeBytes, lowBytes: low * pageSizeBytes };
    }
  }
  if (minFreeKbytes !== undefined) {
    const bytes = minFreeKbytes * 1024 * (5 / 4);
    return { totalBytes: bytes, lowBytes: bytes };
  }
  return undefined;
}

/** calculate_totalreserve_pages (mm/page_alloc.c) of one zone. It ran when the watermarks were set, before any boost. */
function keptPagesOf({ protection, high, boost, managed, present }: Zone): number | undefined {
  const most = managed ?? present;
  if (protection === undefined || high === undefined || most === undefined) return undefined;
  return Math.min(Math.max(0, ...protection) + high - (boost ?? 0), most);
}

/** Undefined where one of the parts is not known. */
function sumOf(parts: readonly (number | undefined)[]): number | undefined {
  return parts.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part === undefined ? undefined : sum + part),
    0,
  );
}

/** The figures of `free`. Undefined: what it follows from is not known. */
export interface FreeFigures {
  readonly totalBytes: number;
  readonly usedBytes: number | undefined;
  readonly freeBytes: number | undefined;
  readonly sharedBytes: number | undefined;
  readonly buffCacheBytes: number | undefined;
  readonly availableBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
  readonly swapUsedBytes: number | undefined;
  readonly swapFreeBytes: number | undefined;
}

/**
 * The figures as `free -b` of procps 4.0.2 prints them: used = total - available. Where `available` is not known, is 0, or
 * exceeds the total (as in a container that sees the host's), free memory stands for it. So on a host with nothing left
 * `availableBytes` is more than the kernel's 0: to judge a host, take {@link availableOf}. procps 3.3.17 and before print
 * used = total - free - buff/cache instead. free prints 0 for what it does not know; here that is undefined.
 */
export function freeFigures(meminfo: Meminfo, available: Available | undefined): FreeFigures {
  const { memTotalBytes, memFreeBytes } = meminfo;
  const availableBytes =
    available === undefined || available.bytes === 0 || available.bytes > memTotalBytes
      ? memFreeBytes
      : available.bytes;
  const { swapTotalBytes, swapFreeBytes } = meminfo;
  return {
    totalBytes: memTotalBytes,
    usedBytes: availableBytes === undefined ? undefined : memTotalBytes - availableBytes,
    freeBytes: memFreeBytes,
    sharedBytes: meminfo.shmemBytes,
    buffCacheBytes: sumOf([meminfo.buffersBytes, meminfo.cachedBytes, meminfo.sReclaimableBytes]),
    availableBytes,
    swapTotalBytes,
    swapUsedBytes:
      swapTotalBytes === undefined || swapFreeBytes === undefined
        ? undefined
        : Math.max(0, swapTotalBytes - swapFreeBytes),
    swapFreeBytes,
  };
}

/** Where all of `MemTotal` is; nothing is counted twice. Undefined: what it follows from is not known. */
export interface MemoryBands {
  /** Anonymous memory of programs. */
  readonly programsBytes: number | undefined;
  readonly kernelBytes: number;
  /** Set aside as huge pages, used or not. */
  readonly hugePagesBytes: number;
  /** Shared memory and tmpfs: cannot be dropped, only swapped. */
  readonly sharedBytes: number | undefined;
  readonly buffersBytes: number | undefined;
  readonly pageCacheBytes: number | undefined;
  readonly freeBytes: number | undefined;
  /** The rest, at least 0: drivers, network buffers, a balloon. */
  readonly notAccountedBytes: number;
  /** The rest as it came out. A little below 0 is possible: the kernel's counters are not read at one moment. */
  readonly notAccountedRawBytes: number;
}

/**
 * Divides `MemTotal` into bands. The memory of a line that is not known is "not accounted": its band is undefined, or, of
 * the kernel's and of huge pages, without it.
 *
 * Overlaps of the kernel's counters, and where each is counted:
 * - `Shmem` is part of `Cached`: it is taken out of the page cache.
 * - `Mapped`, `Dirty`, `Writeback`, `Active`, `Inactive`, `Unevictable` and `Mlocked` are views of pages that are in
 *   `AnonPages`, `Cached` or `Buffers` already: left out.
 * - `SwapCached` is in neither `Cached` nor `Buffers`. Pages of it that a program maps are in `AnonPages`; the others, usually
 *   most of them, are "not accounted" here and a line of the ledger.
 * - `KernelStack` lies in vmalloc where CONFIG_VMAP_STACK is on, as on all large distributions: it is taken out of
 *   `VmallocUsed`.
 * - `VmallocUsed` counts pages since 5.3 and was 0 from 4.4 on. Before it was address space, often far more than memory:
 *   a kernel without a line `Percpu` (4.19) is taken for such a one and the figure left out.
 * - `Percpu` memory is mapped like vmalloc but not in `VmallocUsed`.
 * - `KReclaimable` contains `SReclaimable`, which is in `Slab`: left out.
 * - `Hugetlb` pages are in no other line but `MemTotal`. Before 4.16 only those of the default size are known. Transparent
 *   huge pages (`AnonHugePages`, `ShmemHugePages`, `FileHugePages`) are in `AnonPages`, `Shmem` and `Cached`: left out.
 * - `CmaTotal` is part of `MemTotal`; free of it is in `MemFree`, movable pages in it are counted as what they are, and what a
 *   driver has taken is "not accounted". So are `Bounce`, `WritebackTmp` and `Balloon`.
 * - zram's and zswap's compressed pages (`nr_zspages`) are in no line of meminfo but `Zswap`, which can be held by another
 *   allocator than zsmalloc: the greater of the two is counted. They are the machine's, so none of a container's (lxcfs).
 */
export function memoryBands(
  meminfo: Meminfo,
  vmstat: Vmstat | undefined,
  pageSizeBytes: number | undefined,
): MemoryBands {
  const zspages = meminfo.lxcfs ? 0 : (vmstat?.nrZspages ?? 0) * (pageSizeBytes ?? 0);
  const kernelBytes =
    (meminfo.slabBytes ?? 0) +
    (meminfo.pageTablesBytes ?? 0) +
    (meminfo.secPageTablesBytes ?? 0) +
    (meminfo.percpuBytes ?? 0) +
    (meminfo.kernelStackBytes ?? 0) +
    (vmallocBytesOf(meminfo) ?? 0) +
    Math.max(zspages, meminfo.zswapBytes ?? 0);
  const bands = {
    programsBytes: meminfo.anonPagesBytes,
    kernelBytes,
    hugePagesBytes: hugePagesBytesOf(meminfo) ?? 0,
    sharedBytes: meminfo.shmemBytes,
    buffersBytes: meminfo.buffersBytes,
    pageCacheBytes: pageCacheBytesOf(meminfo),
    freeBytes: meminfo.memFreeBytes,
  };
  const accounted = Object.values(bands).reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  const notAccountedRawBytes = meminfo.memTotalBytes - accounted;
  return { ...bands, notAccountedBytes: Math.max(0, notAccountedRawBytes), notAccountedRawBytes };
}

/** Pages behind vmalloc that are no kernel stacks; see {@link memoryBands}. Undefined: the kernel does not tell. */
export function vmallocBytesOf({
  vmallocUsedBytes,
  percpuBytes,
  kernelStackBytes = 0,
}: Meminfo): number | undefined {
  if (vmallocUsedBytes === undefined || percpuBytes === undefined) return undefined;
  return Math.max(0, vmallocUsedBytes - kernelStackBytes);
}

/** Everything set aside as huge pages; before 4.16 that of the default size. Undefined: the kernel does not tell. */
export function hugePagesBytesOf(meminfo: Meminfo): number | undefined {
  const { hugetlbBytes, hugePagesTotal, hugepagesizeBytes } = meminfo;
  if (hugetlbBytes !== undefined) return hugetlbBytes;
  if (hugePagesTotal === undefined || hugepagesizeBytes === undefined) return undefined;
  return hugePagesTotal * hugepagesizeBytes;
}

/** Pages of files: `Cached` without shared memory and tmpfs. Undefined: one of the two is not known. */
export function pageCacheBytesOf({ cachedBytes, shmemBytes }: Meminfo): number | undefined {
  if (cachedBytes === undefined || shmemBytes === undefined) return undefined;
  return Math.max(0, cachedBytes - shmemBytes);
}
