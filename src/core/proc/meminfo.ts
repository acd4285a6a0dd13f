import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/meminfo';

/** What the kernel says the memory is used for. Kernels differ in which lines they have: a missing one is undefined. */
export interface Meminfo {
  /** Memory the kernel manages; less than what is fitted, by firmware's and the kernel's own early share. */
  readonly memTotalBytes: number;
  readonly memFreeBytes: number;
  /** Estimate of what programs can get without swapping. Since 3.14; RHEL 7's 3.10 has it too. */
  readonly memAvailableBytes?: number;
  /** Page cache of block devices: file system metadata. */
  readonly buffersBytes?: number;
  /** Page cache of files, with shared memory and tmpfs, without `Buffers` and `SwapCached`. */
  readonly cachedBytes?: number;
  /** Pages that are in memory and have a place in swap. Those that a program maps are in `AnonPages` as well. */
  readonly swapCachedBytes?: number;
  readonly activeAnonBytes?: number;
  readonly inactiveAnonBytes?: number;
  readonly activeFileBytes?: number;
  readonly inactiveFileBytes?: number;
  readonly unevictableBytes?: number;
  /** Locked by mlock(2); part of `Unevictable`. */
  readonly mlockedBytes?: number;
  readonly swapTotalBytes?: number;
  readonly swapFreeBytes?: number;
  /** Memory that holds zswap's compressed pages. Since 5.19. */
  readonly zswapBytes?: number;
  /** What these pages were before compression. Since 5.19. */
  readonly zswappedBytes?: number;
  readonly dirtyBytes?: number;
  readonly writebackBytes?: number;
  /** Anonymous pages that programs map: heap, stack, private copies. Transparent huge pages are in it. */
  readonly anonPagesBytes?: number;
  /** File pages that programs map; part of `Cached`. */
  readonly mappedBytes?: number;
  /** Shared memory and tmpfs; part of `Cached`. Since 2.6.32. */
  readonly shmemBytes?: number;
  /** `SReclaimable` and other kernel memory given back on demand. Since 4.20. */
  readonly kReclaimableBytes?: number;
  readonly slabBytes?: number;
  /** The part of `Slab` that is given back on demand: dentries, inodes. */
  readonly sReclaimableBytes?: number;
  /** Since 2.6.32. */
  readonly kernelStackBytes?: number;
  readonly pageTablesBytes?: number;
  /** Page tables of virtual machines and I/O memory management units. Since 6.1. */
  readonly secPageTablesBytes?: number;
  readonly commitLimitBytes?: number;
  readonly committedAsBytes?: number;
  /** Pages behind vmalloc since 5.3; always 0 from 4.4 to 5.2; address space, not memory, before 4.4. */
  readonly vmallocUsedBytes?: number;
  /** Since 4.19. */
  readonly percpuBytes?: number;
  /** Taken back by the hypervisor through a balloon. Since 6.16. */
  readonly balloonBytes?: number;
  /** Number of huge pages of the default size. */
  readonly hugePagesTotal?: number;
  readonly hugePagesFree?: number;
  readonly hugepagesizeBytes?: number;
  /** All huge pages of every size. Since 4.16. */
  readonly hugetlbBytes?: number;
}

/** Lines in kB (of 1024 bytes). */
const sizes = {
  MemTotal: 'memTotalBytes',
  MemFree: 'memFreeBytes',
  MemAvailable: 'memAvailableBytes',
  Buffers: 'buffersBytes',
  Cached: 'cachedBytes',
  SwapCached: 'swapCachedBytes',
  'Active(anon)': 'activeAnonBytes',
  'Inactive(anon)': 'inactiveAnonBytes',
  'Active(file)': 'activeFileBytes',
  'Inactive(file)': 'inactiveFileBytes',
  Unevictable: 'unevictableBytes',
  Mlocked: 'mlockedBytes',
  SwapTotal: 'swapTotalBytes',
  SwapFree: 'swapFreeBytes',
  Zswap: 'zswapBytes',
  Zswapped: 'zswappedBytes',
  Dirty: 'dirtyBytes',
  Writeback: 'writebackBytes',
  AnonPages: 'anonPagesBytes',
  Mapped: 'mappedBytes',
  Shmem: 'shmemBytes',
  KReclaimable: 'kReclaimableBytes',
  Slab: 'slabBytes',
  SReclaimable: 'sReclaimableBytes',
  KernelStack: 'kernelStackBytes',
  PageTables: 'pageTablesBytes',
  SecPageTables: 'secPageTablesBytes',
  CommitLimit: 'commitLimitBytes',
  Committed_AS: 'committedAsBytes',
  VmallocUsed: 'vmallocUsedBytes',
  Percpu: 'percpuBytes',
  Balloon: 'balloonBytes',
  Hugepagesize: 'hugepagesizeBytes',
  Hugetlb: 'hugetlbBytes',
} as const satisfies Record<string, keyof Meminfo>;

/** Lines without a unit. */
const counts = {
  HugePages_Total: 'hugePagesTotal',
  HugePages_Free: 'hugePagesFree',
} as const satisfies Record<string, keyof Meminfo>;

const sizeFields = new Map<string, keyof Meminfo>(Object.entries(sizes));
const countFields = new Map<string, keyof Meminfo>(Object.entries(counts));

/**
 * `/proc/meminfo` (fs/proc/meminfo.c), e.g. `MemTotal:       24684092 kB`.
 * `MemTotal` and `MemFree` must be there.
 */
export const meminfo: Source<Meminfo> = {
  path,
  keep: [...sizeFields.keys(), ...countFields.keys()].map((word) => `${word}:`),
  parse(text) {
    const facts: Partial<Record<keyof Meminfo, number>> = {};
    for (const line of linesOf(text)) {
      const [label = '', number, unit] = fieldsOf(line);
      if (!label.endsWith(':')) continue;
      const size = sizeFields.get(label.slice(0, -1));
      const count = countFields.get(label.slice(0, -1));
      if (size === undefined && count === undefined) continue;
      if (size !== undefined) {
        if (unit !== 'kB') throw new ParseError(path, line.number, line.text, 'kB expected');
        facts[size] = countOf(path, line, number, 1024);
      }
      if (count !== undefined) {
        if (unit !== undefined) throw new ParseError(path, line.number, line.text, 'no unit expected');
        facts[count] = countOf(path, line, number);
      }
    }
    const { memTotalBytes, memFreeBytes } = facts;
    if (memTotalBytes === undefined || memFreeBytes === undefined) {
      throw new ParseError(path, 0, text, 'MemTotal or MemFree is missing');
    }
    return { ...facts, memTotalBytes, memFreeBytes };
  },
};
