import { ParseError, type Line, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/meminfo';

/**
 * What the kernel says the memory is used for. Kernels differ in which lines they have: a missing one is
 * undefined, and so is one that was refused.
 */
export interface Meminfo {
  /** Memory the kernel manages; less than what is fitted, by firmware's and the kernel's own early share. */
  readonly memTotalBytes: number;
  readonly memFreeBytes?: number;
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
  /** Anonymous memory in transparent huge pages; part of `AnonPages`. Since 2.6.38. */
  readonly anonHugePagesBytes?: number;
  /** Pages that are broken (ECC) and out of use for ever. Since 2.6.32. */
  readonly hardwareCorruptedBytes?: number;
  /** Set aside for drivers that need it in one piece; lent to others meanwhile. Since 3.19. */
  readonly cmaTotalBytes?: number;
  /** The part of `CmaTotal` that is in `MemFree`. */
  readonly cmaFreeBytes?: number;
  /** Number of huge pages of the default size. */
  readonly hugePagesTotal?: number;
  readonly hugePagesFree?: number;
  /** Promised to mappings that have not touched them yet; part of `HugePages_Free`. */
  readonly hugePagesRsvd?: number;
  readonly hugepagesizeBytes?: number;
  /** All huge pages of every size. Since 4.16. */
  readonly hugetlbBytes?: number;
  /** Told by lxcfs, of a container: what it leaves to the machine's kernel (huge pages, kernel stacks) is undefined. */
  readonly lxcfs?: true;
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
  AnonHugePages: 'anonHugePagesBytes',
  HardwareCorrupted: 'hardwareCorruptedBytes',
  CmaTotal: 'cmaTotalBytes',
  CmaFree: 'cmaFreeBytes',
  Hugepagesize: 'hugepagesizeBytes',
  Hugetlb: 'hugetlbBytes',
} as const satisfies Record<string, keyof Meminfo>;

/** Lines without a unit. */
const counts = {
  HugePages_Total: 'hugePagesTotal',
  HugePages_Free: 'hugePagesFree',
  HugePages_Rsvd: 'hugePagesRsvd',
} as const satisfies Record<string, keyof Meminfo>;

const sizeFields = new Map<string, keyof Meminfo>(Object.entries(sizes));
const countFields = new Map<string, keyof Meminfo>(Object.entries(counts));

/**
 * lxcfs (src/proc_fuse.c, proc_meminfo_read) writes the lines of which a container has its own, and copies these from the
 * machine: amounts of memory that need not be in the container's `MemTotal`.
 */
const notOfLxcfs: readonly (keyof Meminfo)[] = [
  'mlockedBytes',
  'zswapBytes',
  'zswappedBytes',
  'kReclaimableBytes',
  'kernelStackBytes',
  'pageTablesBytes',
  'secPageTablesBytes',
  'vmallocUsedBytes',
  'percpuBytes',
  'balloonBytes',
  'hardwareCorruptedBytes',
  'cmaTotalBytes',
  'cmaFreeBytes',
  'hugePagesTotal',
  'hugePagesFree',
  'hugePagesRsvd',
  'hugetlbBytes',
];

/**
 * A part and its whole: more than the whole cannot be. Only pairs of which it is certain: in a container other lines may
 * be those of the host and `MemTotal` the container's, `MemAvailable` among them.
 */
const parts: readonly (readonly [keyof Meminfo, keyof Meminfo, string])[] = [
  ['memFreeBytes', 'memTotalBytes', 'more than MemTotal'],
  ['swapFreeBytes', 'swapTotalBytes', 'more than SwapTotal'],
];

/**
 * `/proc/meminfo` (fs/proc/meminfo.c), e.g. `MemTotal:       24684092 kB`.
 * `MemTotal` and a line `MemFree` must be there.
 */
export const meminfo: Source<Meminfo> = {
  path,
  keep: [...sizeFields.keys(), ...countFields.keys()].map((word) => `${word}:`),
  parse(text, refuse) {
    const facts = new Map<keyof Meminfo, number>();
    const lines = new Map<keyof Meminfo, Line>();
    for (const line of linesOf(text)) {
      const [label = '', number, unit] = fieldsOf(line);
      const word = label.endsWith(':') ? label.slice(0, -1) : '';
      const field = sizeFields.get(word) ?? countFields.get(word);
      if (field === undefined) continue;
      lines.set(field, line);
      const kib = sizeFields.has(word);
      if (unit !== (kib ? 'kB' : undefined)) {
        refuse(line, kib ? 'kB expected' : 'no unit expected');
        continue;
      }
      const value = countOf(refuse, line, number, kib ? 1024 : 1);
      if (value !== undefined) facts.set(field, value);
    }
    for (const [part, whole, reason] of parts) {
      const line = lines.get(part);
      if (line === undefined || (facts.get(part) ?? 0) <= (facts.get(whole) ?? Infinity)) continue;
      refuse(line, reason);
      facts.delete(part);
    }
    // It writes 0, which no kernel has.
    const lxcfs = facts.get('slabBytes') === 0;
    if (lxcfs) for (const field of notOfLxcfs) facts.delete(field);
    if (!lines.has('memFreeBytes')) throw new ParseError(path, 0, text, 'MemFree is missing');
    const memTotalBytes = facts.get('memTotalBytes');
    if (memTotalBytes === undefined || memTotalBytes === 0) {
      const line = lines.get('memTotalBytes');
      throw new ParseError(path, line?.number ?? 0, line?.text ?? text, 'MemTotal is missing or cannot be');
    }
    return { ...(Object.fromEntries(facts) as Partial<Meminfo>), memTotalBytes, ...(lxcfs && { lxcfs }) };
  },
};
