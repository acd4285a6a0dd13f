/** What a report says of the memory of the machine (`show_mem`, mm/show_mem.c). All bytes; what is not printed is absent. */
export interface MemoryInformation {
  /** The first block, of the whole machine, by the kernel's names: `active_anon`, `slab_unreclaimable`, `free`, `free_cma`, … */
  readonly machine: Readonly<Record<string, number>>;
  readonly zones: readonly ZoneInformation[];
  readonly totalSwapBytes?: number;
  readonly freeSwapBytes?: number;
  /** `N pages in swap cache`. */
  readonly swapCacheBytes?: number;
  /** `N total pagecache pages`: shared memory and the swap cache are in it. */
  readonly pageCacheBytes?: number;
  /** `N pages RAM`, and those of it that the kernel keeps for itself. */
  readonly ramBytes?: number;
  readonly reservedBytes?: number;
  /** Huge pages that are set aside, used or not (`hugepages_total=`): in no process' rss. Absent: none, or not printed. */
  readonly hugePagesBytes?: number;
  /** `Unreclaimable slab info`: the largest caches, where it is printed (4.15+). */
  readonly slabs: readonly {
    readonly name: string;
    readonly usedBytes: number;
    readonly totalBytes: number;
  }[];
}

/** A zone: the line `Node 0 DMA32 free:…` and the list of its free blocks. */
export interface ZoneInformation {
  readonly node: number;
  readonly name: string;
  readonly freeBytes?: number;
  readonly boostBytes?: number;
  readonly minBytes?: number;
  readonly lowBytes?: number;
  readonly highBytes?: number;
  readonly reservedHighatomicBytes?: number;
  readonly freeCmaBytes?: number;
  readonly managedBytes?: number;
  readonly presentBytes?: number;
  /** `lowmem_reserve[]: 0 0 1946 1946`, for the allocations of each zone that may come down to this one. */
  readonly lowmemReserveBytes?: readonly number[];
  readonly allUnreclaimable?: boolean;
  /** Other figures of the line, by the kernel's names: `active_file`, `mlocked`, … */
  readonly figures: Readonly<Record<string, number>>;
  /** From the smallest to the largest; absent: not printed. */
  readonly freeBlocks?: readonly FreeBlocks[];
}

export interface FreeBlocks {
  readonly blockBytes: number;
  readonly count: number;
  /** Migrate types: any of `U` unmovable, `M` movable, `E` reclaimable, `H` highatomic, `C` CMA, `I` isolate; may be empty. */
  readonly types: string;
}

/** The use of a memory cgroup whose limit was reached (`mem_cgroup_print_oom_meminfo`). */
export interface CgroupMemory {
  /** Absent or unlimited: no limit of this kind. */
  readonly memory?: CgroupCounter;
  /** Version 1 counts both together, version 2 swap alone. */
  readonly memoryAndSwap?: CgroupCounter;
  readonly swap?: CgroupCounter;
  readonly kernel?: CgroupCounter;
  /** `Memory cgroup stats for /path`: by the kernel's names, in bytes where they are bytes. The group at which the limit is comes first. */
  readonly stats: readonly { readonly path: string; readonly figures: Readonly<Record<string, number>> }[];
}

export interface CgroupCounter {
  readonly usageBytes: number;
  readonly limitBytes: number | 'max';
  /** How often the limit was met. */
  readonly failures?: number;
}
