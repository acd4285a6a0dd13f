import { limitOf, type Limit } from './cgroupLimit';
import type { CgroupStat } from './cgroupMemoryStat';
import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'memory.stat';

/** What version 1 tells of a cgroup and its descendants. */
export interface CgroupStatV1 {
  /** In the words of version 2. Memory of the kernel is not in it. */
  readonly common: CgroupStat;
  /** Swap used. With swap accounting. */
  readonly swapBytes?: number;
  /** The least limit of the group and those of its ancestors that count its memory. */
  readonly hierarchicalMax?: Limit;
}

/** The lines without `total_` are of the group alone, and those of its descendants are not in them. */
const amounts = new Map<string, keyof CgroupStat>([
  ['total_cache', 'fileBytes'],
  ['total_rss', 'anonBytes'],
  ['total_rss_huge', 'anonThpBytes'],
  ['total_shmem', 'shmemBytes'],
  ['total_mapped_file', 'fileMappedBytes'],
  ['total_dirty', 'fileDirtyBytes'],
  ['total_writeback', 'fileWritebackBytes'],
  ['total_swapcached', 'swapcachedBytes'],
  ['total_inactive_anon', 'inactiveAnonBytes'],
  ['total_active_anon', 'activeAnonBytes'],
  ['total_inactive_file', 'inactiveFileBytes'],
  ['total_active_file', 'activeFileBytes'],
  ['total_unevictable', 'unevictableBytes'],
  ['total_pgfault', 'pgfault'],
  ['total_pgmajfault', 'pgmajfault'],
  ['total_workingset_refault_anon', 'workingsetRefaultAnon'],
  ['total_workingset_refault_file', 'workingsetRefaultFile'],
]);

const swap = 'total_swap';
const limit = 'hierarchical_memory_limit';

/**
 * `memory.stat` of a cgroup of version 1 (mm/memcontrol-v1.c), e.g. `total_rss 10715136`. `total_rss` or `total_cache`
 * must be there. Older kernels lack `shmem`, `dirty`, refaults and `swapcached`.
 */
export const cgroupMemoryStatV1: Source<CgroupStatV1> = {
  path,
  keep: [...amounts.keys(), swap, limit],
  parse(text, refuse) {
    const common: { -readonly [Field in keyof CgroupStat]?: number } = {};
    const own: { -readonly [Field in 'swapBytes' | 'hierarchicalMax']?: CgroupStatV1[Field] } = {};
    let known = false;
    for (const line of linesOf(text)) {
      const [word = '', value] = fieldsOf(line);
      known ||= word === 'total_rss' || word === 'total_cache';
      const field = amounts.get(word);
      if (word === limit) {
        const bytes = limitOf(value ?? '');
        if (bytes === undefined) refuse(line, 'not a limit');
        else own.hierarchicalMax = bytes;
      } else if (field !== undefined || word === swap) {
        const number = countOf(refuse, line, value);
        if (number === undefined) continue;
        if (field === undefined) own.swapBytes = number;
        else common[field] = number;
      }
    }
    if (!known) throw new ParseError(path, 0, text, 'total_rss and total_cache are missing');
    return { common, ...own };
  },
};
