import { freeFigures, type Available } from '../memory';
import type { Meminfo } from '../proc/meminfo';
import type { Reconciliation } from './types';

/** What the figures of other tools are computed from. */
export interface ReconcileInputs {
  readonly meminfo: Meminfo;
  /** See `availableOf`. */
  readonly available: Available | undefined;
  /** The sum of `VmRSS` over all processes, where all of them have been read. */
  readonly rssSumBytes?: number | undefined;
}

/**
 * What well-known tools print as "used" for this host now. The formulas were read in their sources: procps
 * (library/meminfo.c, proc/sysinfo.c), busybox (procps/free.c, procps/top.c), htop (linux/LinuxMachine.c), psutil
 * (psutil/_pslinux.py).
 */
export function reconcile({ meminfo, available, rssSumBytes }: ReconcileInputs): Reconciliation[] {
  const { memTotalBytes: total, memFreeBytes: free, buffersBytes, cachedBytes, shmemBytes } = meminfo;
  const reclaimable = meminfo.sReclaimableBytes;
  /** `MemTotal` without these; where that is below 0, as in some containers, the tools take total − free. */
  const less = (...parts: readonly (number | undefined)[]): number | undefined => {
    if (free === undefined || parts.some((part) => part === undefined)) return undefined;
    const used = parts.reduce<number>((rest, part = 0) => rest - part, total - free);
    return used < 0 ? total - free : used;
  };
  const figures = freeFigures(meminfo, available);
  const usedByAvailable = figures.usedBytes;
  const withoutCache = less(buffersBytes, cachedBytes, reclaimable);
  const cacheFormula = 'MemTotal − MemFree − Buffers − Cached − SReclaimable';
  const whyCache =
    'Shared memory and tmpfs are in Cached, so they do not count as used here, though they cannot be dropped. Unlike the ledger’s “programs” it contains the kernel, huge pages and what is not accounted.';
  const cached =
    cachedBytes === undefined || reclaimable === undefined ? undefined : cachedBytes + reclaimable;

  return [
    {
      tool: 'free, top, vmstat -s',
      version: 'procps 4.0.1 and later',
      figure: 'used',
      bytes: usedByAvailable,
      formula: 'MemTotal − MemAvailable',
      why: 'MemAvailable is an estimate: the kernel leaves out its reserve, and cache and reclaimable slab that it expects to keep. So used is more than programs and kernel hold; it contains shared memory, tmpfs and the ARC.',
    },
    {
      tool: 'free, top',
      version: 'procps 3.3.12 to 4.0.0',
      figure: 'used',
      bytes: withoutCache,
      formula: cacheFormula,
      why: whyCache,
    },
    {
      tool: 'free, top',
      version: 'procps 3.3.10 and 3.3.11',
      figure: 'used',
      bytes: less(buffersBytes, cachedBytes, meminfo.slabBytes),
      formula: 'MemTotal − MemFree − Buffers − Cached − Slab',
      why: 'As later versions, but all of the slab counts as cache, also what the kernel cannot give back.',
    },
    {
      tool: 'free, top',
      version: 'procps 3.3.9 and earlier',
      figure: 'used',
      bytes: less(),
      formula: 'MemTotal − MemFree',
      why: 'All that is not free, page cache included: on a healthy host nearly everything. Its second line, “-/+ buffers/cache”, takes Buffers and Cached off.',
    },
    {
      tool: 'free',
      version: 'procps 3.3.12 and later',
      figure: 'buff/cache',
      bytes: figures.buffCacheBytes,
      formula: 'Buffers + Cached + SReclaimable',
      why: 'It contains shared memory and tmpfs, which the ledger keeps apart because they cannot be dropped, and reclaimable slab, which the ledger counts with the kernel.',
    },
    {
      tool: 'free',
      version: 'busybox 1.35',
      figure: 'used',
      bytes: withoutCache,
      formula: cacheFormula,
      why: whyCache,
    },
    {
      tool: 'top',
      version: 'busybox',
      figure: 'used',
      bytes: less(),
      formula: 'MemTotal − MemFree',
      why: 'All that is not free, page cache included.',
    },
    {
      tool: 'htop',
      version: '3.1 and later',
      figure: 'used (green)',
      bytes: withoutCache,
      formula: cacheFormula,
      why: `${whyCache} htop draws shared memory as a part of its own beside it. Where there is ZFS or compressed memory, htop 3.3 and later take the ARC and that off.`,
    },
    {
      tool: 'htop',
      version: '3.1 and later',
      figure: 'cache (yellow)',
      bytes: cached === undefined || shmemBytes === undefined ? undefined : Math.max(0, cached - shmemBytes),
      formula: 'Cached + SReclaimable − Shmem',
      why: 'The ledger counts reclaimable slab with the kernel, and Buffers with the page cache.',
    },
    {
      tool: 'psutil, glances',
      version: 'psutil 4.4 to 7.0',
      figure: 'used',
      bytes: withoutCache,
      formula: cacheFormula,
      why: `${whyCache} The percentage beside it is (MemTotal − MemAvailable) ÷ MemTotal, which is another figure.`,
    },
    {
      tool: 'psutil, glances',
      version: 'psutil 7.1 and later',
      figure: 'used',
      bytes: usedByAvailable,
      formula: 'MemTotal − MemAvailable',
      why: 'As `free` of procps 4.0.1 and later.',
    },
    {
      tool: 'ps, top',
      version: 'any',
      figure: 'RSS of all processes, added up',
      bytes: rssSumBytes,
      formula: 'sum of VmRSS',
      why: 'Pages that several processes map, such as code and shared memory, are counted once for each of them; page cache that nobody maps, the kernel and huge pages are not counted at all. Only PSS (/proc/PID/smaps_rollup) adds up.',
    },
    {
      tool: 'docker stats',
      version: '20.10 and later',
      figure: 'MEM USAGE',
      bytes: undefined,
      formula: 'memory.current − inactive_file, for each container',
      why: 'Of one container’s cgroup: page cache that is in active use and the kernel’s memory for it count, unused page cache does not. All containers together are not the host: other programs and the host’s own kernel are missing.',
    },
  ];
}
