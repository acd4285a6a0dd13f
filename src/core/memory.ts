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
  if (meminfo.memAvailableBytes !== undefined) return { bytes: meminfo.memAvailableBytes, computed: false };
  const { activeFileBytes, inactiveFileBytes } = meminfo;
  const reserve = reserveOf(zones, pageSizeBytes, minFreeKbytes);
  if (reserve === undefined || activeFileBytes === undefined || inactiveFileBytes === undefined)
    return undefined;

  const droppable = (bytes: number): number => bytes - Math.min(bytes / 2, reserve.lowBytes);
  const bytes =
    meminfo.memFreeBytes -
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
    // calculate_totalreserve_pages, mm/page_alloc.c. It ran when the watermarks were set, before any boost.
    const pages = zones.reduce((sum, zone) => {
      const kept = Math.max(0, ...zone.protection) + zone.high - (zone.boost ?? 0);
      return sum + Math.min(kept, zone.managed ?? zone.present);
    }, 0);
    const low = zones.reduce((sum, zone) => sum + zone.low, 0);
    return { totalBytes: pages * pageSizeBytes, lowBytes: low * pageSizeBytes };
  }
  if (minFreeKbytes !== undefined) {
    const bytes = minFreeKbytes * 1024 * (5 / 4);
    return { totalBytes: bytes, lowBytes: bytes };
  }
  return undefined;
}

/** The figures of `free`. */
export interface FreeFigures {
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly sharedBytes: number;
  readonly buffCacheBytes: number;
  readonly availableBytes: number;
  readonly swapTotalBytes: number;
  readonly swapUsedBytes: number;
  readonly swapFreeBytes: number;
}

/**
 * The figures as `free -b` of procps 4.0.2 prints them: used = total - available. Where `available` is not known, is 0, or
 * exceeds the total (as in a container that sees the host's), free memory stands for it. So on a host with nothing left
 * `availableBytes` is more than the kernel's 0: to judge a host, take {@link availableOf}. procps 3.3.17 and before print
 * used = total - free - buff/cache instead.
 */
export function freeFigures(meminfo: Meminfo, available: Available | undefined): FreeFigures {
  const { memTotalBytes, memFreeBytes } = meminfo;
  const availableBytes =
    available === undefined || available.bytes === 0 || available.bytes > memTotalBytes
      ? memFreeBytes
      : available.bytes;
  const usedBytes = memTotalBytes - availableBytes;
  const swapTotalBytes = meminfo.swapTotalBytes ?? 0;
  const swapFreeBytes = meminfo.swapFreeBytes ?? 0;
  return {
    totalBytes: memTotalBytes,
    usedBytes: usedBytes < 0 ? memTotalBytes - memFreeBytes : usedBytes,
    freeBytes: memFreeBytes,
    sharedBytes: meminfo.shmemBytes ?? 0,
    buffCacheBytes:
      (meminfo.buffersBytes ?? 0) + (meminfo.cachedBytes ?? 0) + (meminfo.sReclaimableBytes ?? 0),
    availableBytes,
    swapTotalBytes,
    swapUsedBytes: Math.max(0, swapTotalBytes - swapFreeBytes),
    swapFreeBytes,
  };
}

/** Where all of `MemTotal` is; nothing is counted twice. */
export interface MemoryBands {
  /** Anonymous memory of programs. */
  readonly programsBytes: number;
  readonly kernelBytes: number;
  /** Set aside as huge pages, used or not. */
  readonly hugePagesBytes: number;
  /** Shared memory and tmpfs: cannot be dropped, only swapped. */
  readonly sharedBytes: number;
  readonly buffersBytes: number;
  readonly pageCacheBytes: number;
  readonly freeBytes: number;
  /** The rest, at least 0: drivers, network buffers, a balloon. */
  readonly notAccountedBytes: number;
  /** The rest as it came out. A little below 0 is possible: the kernel's counters are not read at one moment. */
  readonly notAccountedRawBytes: number;
}

/**
 * Divides `MemTotal` into bands. A line that the kernel lacks counts as 0, so that its memory is "not accounted".
 *
 * Overlaps of the kernel's counters, and where each is counted:
 * - `Shmem` is part of `Cached`: it is taken out of the page cache.
 * - `Mapped`, `Dirty`, `Writeback`, `Active`, `Inactive`, `Unevictable` and `Mlocked` are views of pages that are in
 *   `AnonPages`, `Cached` or `Buffers` already: left out.
 * - `SwapCached` is in neither `Cached` nor `Buffers`, but most of it is mapped and so in `AnonPages`: left out. The part
 *   nobody maps any more is "not accounted".
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
 *   allocator than zsmalloc: the greater of the two is counted.
 */
export function memoryBands(
  meminfo: Meminfo,
  vmstat: Vmstat | undefined,
  pageSizeBytes: number | undefined,
): MemoryBands {
  const kernelStack = meminfo.kernelStackBytes ?? 0;
  const vmalloc = meminfo.percpuBytes === undefined ? 0 : (meminfo.vmallocUsedBytes ?? 0);
  const zspages = (vmstat?.nrZspages ?? 0) * (pageSizeBytes ?? 0);
  const kernelBytes =
    (meminfo.slabBytes ?? 0) +
    (meminfo.pageTablesBytes ?? 0) +
    (meminfo.secPageTablesBytes ?? 0) +
    (meminfo.percpuBytes ?? 0) +
    kernelStack +
    Math.max(0, vmalloc - kernelStack) +
    Math.max(zspages, meminfo.zswapBytes ?? 0);
  const bands = {
    programsBytes: meminfo.anonPagesBytes ?? 0,
    kernelBytes,
    hugePagesBytes: meminfo.hugetlbBytes ?? (meminfo.hugePagesTotal ?? 0) * (meminfo.hugepagesizeBytes ?? 0),
    sharedBytes: meminfo.shmemBytes ?? 0,
    buffersBytes: meminfo.buffersBytes ?? 0,
    pageCacheBytes: Math.max(0, (meminfo.cachedBytes ?? 0) - (meminfo.shmemBytes ?? 0)),
    freeBytes: meminfo.memFreeBytes,
  };
  const accounted = Object.values(bands).reduce((sum, bytes) => sum + bytes, 0);
  const notAccountedRawBytes = meminfo.memTotalBytes - accounted;
  return { ...bands, notAccountedBytes: Math.max(0, notAccountedRawBytes), notAccountedRawBytes };
}
