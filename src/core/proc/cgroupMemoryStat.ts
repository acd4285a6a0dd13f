import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'memory.stat';

/**
 * What a cgroup and its descendants use memory for, in the words of version 2. Version 1 has some of it
 * (`cgroupMemoryStatV1.ts`). A line that the kernel has not, or that was refused, is undefined.
 */
export interface CgroupStat {
  /** Anonymous memory: heap, stack, private copies. */
  readonly anonBytes?: number;
  /** Page cache, with tmpfs and shared memory. */
  readonly fileBytes?: number;
  /** tmpfs and shared memory; part of `file`. Since 4.11. */
  readonly shmemBytes?: number;
  /** All memory of the kernel, `sock` not in it. Since 5.18. */
  readonly kernelBytes?: number;
  /** Parts of `kernel`. */
  readonly kernelStackBytes?: number;
  /** Since 5.11. */
  readonly pagetablesBytes?: number;
  /** Of virtual machines and I/O memory management units. Since 6.1. */
  readonly secPagetablesBytes?: number;
  /** Since 5.9. */
  readonly percpuBytes?: number;
  /** Since 5.18. */
  readonly vmallocBytes?: number;
  readonly slabReclaimableBytes?: number;
  readonly slabUnreclaimableBytes?: number;
  /** Network buffers. */
  readonly sockBytes?: number;
  /** Memory that holds zswap's compressed pages, and what they were before. Since 5.19. */
  readonly zswapBytes?: number;
  readonly zswappedBytes?: number;
  readonly fileMappedBytes?: number;
  readonly fileDirtyBytes?: number;
  readonly fileWritebackBytes?: number;
  /** In memory and in swap as well. Since 5.12. */
  readonly swapcachedBytes?: number;
  /** Transparent huge pages; part of `anon`. */
  readonly anonThpBytes?: number;
  readonly inactiveAnonBytes?: number;
  readonly activeAnonBytes?: number;
  readonly inactiveFileBytes?: number;
  readonly activeFileBytes?: number;
  readonly unevictableBytes?: number;
  /** Counters. */
  readonly pgfault?: number;
  readonly pgmajfault?: number;
  /** Since 5.9. */
  readonly workingsetRefaultAnon?: number;
  /** Pages of files read again soon after they were dropped; `workingset_refault` up to 5.8. */
  readonly workingsetRefaultFile?: number;
  readonly pgscan?: number;
  readonly pgsteal?: number;
}

const fields = new Map<string, keyof CgroupStat>([
  ['anon', 'anonBytes'],
  ['file', 'fileBytes'],
  ['shmem', 'shmemBytes'],
  ['kernel', 'kernelBytes'],
  ['kernel_stack', 'kernelStackBytes'],
  ['pagetables', 'pagetablesBytes'],
  ['sec_pagetables', 'secPagetablesBytes'],
  ['percpu', 'percpuBytes'],
  ['vmalloc', 'vmallocBytes'],
  ['slab_reclaimable', 'slabReclaimableBytes'],
  ['slab_unreclaimable', 'slabUnreclaimableBytes'],
  ['sock', 'sockBytes'],
  ['zswap', 'zswapBytes'],
  ['zswapped', 'zswappedBytes'],
  ['file_mapped', 'fileMappedBytes'],
  ['file_dirty', 'fileDirtyBytes'],
  ['file_writeback', 'fileWritebackBytes'],
  ['swapcached', 'swapcachedBytes'],
  ['anon_thp', 'anonThpBytes'],
  ['inactive_anon', 'inactiveAnonBytes'],
  ['active_anon', 'activeAnonBytes'],
  ['inactive_file', 'inactiveFileBytes'],
  ['active_file', 'activeFileBytes'],
  ['unevictable', 'unevictableBytes'],
  ['pgfault', 'pgfault'],
  ['pgmajfault', 'pgmajfault'],
  ['workingset_refault', 'workingsetRefaultFile'],
  ['workingset_refault_anon', 'workingsetRefaultAnon'],
  ['workingset_refault_file', 'workingsetRefaultFile'],
  ['pgscan', 'pgscan'],
  ['pgsteal', 'pgsteal'],
]);

/** `memory.stat` of a cgroup of version 2 (mm/memcontrol.c), e.g. `anon 2580480`. `anon` or `file` must be there. */
export const cgroupMemoryStat: Source<CgroupStat> = {
  path,
  keep: [...fields.keys()],
  parse(text, refuse) {
    const facts: { -readonly [Field in keyof CgroupStat]?: number } = {};
    let known = false;
    for (const line of linesOf(text)) {
      const [word = '', value] = fieldsOf(line);
      known ||= word === 'anon' || word === 'file';
      const field = fields.get(word);
      if (field === undefined) continue;
      const number = countOf(refuse, line, value);
      if (number !== undefined) facts[field] = number;
    }
    if (!known) throw new ParseError(path, 0, text, 'anon and file are missing');
    return facts;
  },
};
