/** The highest zone that a request may be served from, by the kernel's name; the lower ones serve it too. */
export type HighestZone = 'DMA' | 'DMA32' | 'Normal' | 'HighMem' | 'Movable';

/**
 * What a request's flags say (include/linux/gfp_types.h): the zone by the lowest bits, all else by the names, since most
 * bits mean other things in other kernels.
 */
export interface GfpFlags {
  /** `0x140cca`, as printed. */
  readonly mask: string;
  /** `GFP_HIGHUSER_MOVABLE`, `__GFP_COMP`, …; empty: the kernel printed the number alone (before 4.6). */
  readonly names: readonly string[];
  /** What was asked for, in words; undefined where no name tells. */
  readonly what?: string;
  /** What else the names say, in words, in their order. */
  readonly remarks: readonly string[];
  /** Names that are not known here. */
  readonly unknown: readonly string[];
  /** Whether the request could wait until memory is freed; undefined: not told. */
  readonly maySleep?: boolean;
  /** Undefined: the mask is no number. */
  readonly highestZone?: HighestZone;
  /** Its pages can be moved, so that it is served from CMA areas too. */
  readonly movable: boolean;
  /** No allocation failed: a page fault found no memory in its cgroup, or a program asked for a kill. */
  readonly none: boolean;
}

/** @param gfp as in `gfp_mask=`: `0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)`, `0x201da`, `0x0()`. */
export function gfpFlagsOf(gfp: string): GfpFlags {
  const open = gfp.indexOf('(');
  const mask = (open < 0 ? gfp : gfp.slice(0, open)).trim().slice(0, 20);
  const listed = open < 0 ? '' : gfp.slice(open + 1, 600).replace(/\)\s*$/, '');
  const names = listed
    .split('|', 64)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const all = new Set(names.flatMap((name) => [name, ...(partsOf.get(name) ?? [])]));
  const main = names.find((name) => mainWords.has(name));
  const maySleep = sleeps(names, all);
  const zoneBits = /^0x[0-9a-f]{1,16}$/.test(mask) ? parseInt(mask.slice(-1), 16) : undefined;
  const what = main === undefined ? undefined : wordsOf(main, all);
  return {
    mask,
    names,
    remarks: names.flatMap((name) => modifierWords.get(name) ?? []),
    unknown: names.filter((name) => !mainWords.has(name) && !modifierWords.has(name)),
    movable: ((zoneBits ?? 0) & 8) !== 0,
    none: /^0x0+$/.test(mask),
    ...(what !== undefined && { what }),
    ...(maySleep !== undefined && { maySleep }),
    ...(zoneBits !== undefined && { highestZone: zoneOf(zoneBits) }),
  };
}

/** What the combined names contain, as far as it is needed here. */
const reclaim = ['__GFP_DIRECT_RECLAIM', '__GFP_KSWAPD_RECLAIM'];
const kernel = [...reclaim, '__GFP_IO', '__GFP_FS'];
const partsOf = new Map<string, readonly string[]>(
  Object.entries({
    __GFP_RECLAIM: reclaim,
    GFP_NOIO: reclaim,
    GFP_NOFS: [...reclaim, '__GFP_IO'],
    GFP_TEMPORARY: kernel,
    GFP_KERNEL: kernel,
    GFP_KERNEL_ACCOUNT: kernel,
    GFP_USER: kernel,
    GFP_HIGHUSER: [...kernel, '__GFP_HIGHMEM'],
    GFP_HIGHUSER_MOVABLE: [...kernel, '__GFP_HIGHMEM', '__GFP_MOVABLE'],
    GFP_TRANSHUGE: [...kernel, '__GFP_HIGHMEM', '__GFP_MOVABLE'],
    GFP_TRANSHUGE_LIGHT: ['__GFP_IO', '__GFP_FS', '__GFP_HIGHMEM', '__GFP_MOVABLE'],
  }),
);

/** The combined names, each a kind of request. */
const mainWords = new Map(
  Object.entries({
    GFP_HIGHUSER_MOVABLE: 'a page for a program or of a file',
    GFP_HIGHUSER: 'a page for a program that cannot be moved',
    GFP_USER: 'memory of the kernel on behalf of a program',
    GFP_KERNEL: 'memory of the kernel itself',
    GFP_KERNEL_ACCOUNT: 'memory of the kernel that is counted to the cgroup of whom it serves',
    GFP_NOFS: 'memory of the kernel within a file system',
    GFP_NOIO: 'memory of the kernel within the I/O to a disk',
    GFP_NOWAIT: 'memory of the kernel at once, without waiting',
    GFP_ATOMIC: 'memory of the kernel at once, where nothing may wait',
    GFP_TRANSHUGE: 'a huge page for a program',
    GFP_TRANSHUGE_LIGHT: 'a huge page for a program, without waiting for it',
    GFP_TEMPORARY: 'memory of the kernel for a short time',
    GFP_DMA: 'memory of the lowest zone, for a device',
    GFP_DMA32: 'memory below 4 GiB, for a device',
  }),
);

/** Empty: nothing that a reader would gain by. */
const modifierWords = new Map<string, readonly string[]>(
  Object.entries({
    __GFP_ZERO: ['filled with zeros'],
    __GFP_NOFAIL: ['must not fail'],
    __GFP_NORETRY: ['gives up early'],
    __GFP_RETRY_MAYFAIL: ['tries hard, but may fail'],
    __GFP_REPEAT: ['tries hard, but may fail'],
    __GFP_ACCOUNT: ['counted to the cgroup'],
    __GFP_THISNODE: ['from one memory node only'],
    __GFP_HARDWALL: ['within the memory nodes of its cpuset'],
    __GFP_HIGH: ['may use reserves'],
    __GFP_ATOMIC: ['may use reserves'],
    __GFP_MEMALLOC: ['may use all reserves'],
    __GFP_NOMEMALLOC: ['may not use reserves'],
    __GFP_WRITE: ['to be written to'],
    __GFP_RECLAIMABLE: ['can be taken back'],
    __GFP_DMA: ['from the lowest zone'],
    __GFP_DMA32: ['from below 4 GiB'],
    __GFP_COMP: [],
    __GFP_NOWARN: [],
    __GFP_COLD: [],
    __GFP_NOTRACK: [],
    __GFP_OTHER_NODE: [],
    __GFP_MOVABLE: [],
    __GFP_HIGHMEM: [],
    __GFP_IO: [],
    __GFP_FS: [],
    __GFP_WAIT: [],
    __GFP_RECLAIM: [],
    __GFP_DIRECT_RECLAIM: [],
    __GFP_KSWAPD_RECLAIM: [],
    __GFP_ZEROTAGS: [],
    __GFP_SKIP_ZERO: [],
    __GFP_SKIP_KASAN: [],
    __GFP_SKIP_KASAN_POISON: [],
    __GFP_SKIP_KASAN_UNPOISON: [],
    __GFP_NOLOCKDEP: [],
    __GFP_NO_OBJ_EXT: [],
  }),
);

/** A program's heap and stack come filled with zeros; a page of a file is read instead. */
function wordsOf(main: string, all: ReadonlySet<string>): string | undefined {
  if (main === 'GFP_HIGHUSER_MOVABLE' && all.has('__GFP_ZERO'))
    return 'a page of a program’s own memory (heap or stack)';
  return mainWords.get(main);
}

function sleeps(names: readonly string[], all: ReadonlySet<string>): boolean | undefined {
  if (all.has('__GFP_DIRECT_RECLAIM') || all.has('__GFP_WAIT')) return true;
  return names.some((name) => name === 'GFP_NOWAIT' || name === 'GFP_ATOMIC') ? false : undefined;
}

/** `gfp_zone()` of include/linux/gfp.h: the lowest four bits have meant the same since 2.6.24. */
function zoneOf(zoneBits: number): HighestZone {
  if ((zoneBits & 1) !== 0) return 'DMA';
  if ((zoneBits & 4) !== 0) return 'DMA32';
  if ((zoneBits & 2) === 0) return 'Normal';
  return (zoneBits & 8) === 0 ? 'HighMem' : 'Movable';
}
