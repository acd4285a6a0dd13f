import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf, mostTasks } from './text';

const path = 'proc/*/status';

/** `MAX_PID_NS_LEVEL` (include/linux/pid_namespace.h). */
const mostNamespaces = 33;

/**
 * User and memory of one process. Kernel threads and zombies have no memory: those lines are missing, and so are the fields.
 */
export interface ProcessStatus {
  /** Who started it, and as whom it acts. 65534 where the user has no number in our user namespace. */
  readonly uid: number | undefined;
  readonly effectiveUid: number | undefined;
  /** The most that was ever resident. */
  readonly vmHwmBytes?: number;
  /** Resident: the sum of the next three, where the kernel has them. */
  readonly vmRssBytes?: number;
  /** Anonymous memory: heap, stack, private copies. These three since 4.5. */
  readonly rssAnonBytes?: number;
  /** Mapped files. */
  readonly rssFileBytes?: number;
  /** Shared memory and tmpfs. */
  readonly rssShmemBytes?: number;
  /** Anonymous memory that is in swap (without shared memory). Since 2.6.34. */
  readonly vmSwapBytes?: number;
  /** Page tables; since 4.15 of every level. */
  readonly vmPteBytes?: number;
  /** Page tables of the second level, beside `vmPteBytes`. 4.0 to 4.14. */
  readonly vmPmdBytes?: number;
  /** Locked by mlock(2), and pinned by a driver (since 3.2). */
  readonly vmLckBytes?: number;
  readonly vmPinBytes?: number;
  /** Huge pages of hugetlbfs; not in `vmRssBytes`. Since 4.4. */
  readonly hugetlbPagesBytes?: number;
  readonly threads?: number;
  /** Its pid in this pid namespace, then in each inner one: the last one is what its container knows it by. Since 4.1. */
  readonly nsPids?: readonly number[];
  /** A core dump of it is being written: it cannot be killed until that is done. Since 4.15. */
  readonly coreDumping?: boolean;
}

const sizes = new Map<string, keyof ProcessStatus>([
  ['VmHWM:', 'vmHwmBytes'],
  ['VmRSS:', 'vmRssBytes'],
  ['RssAnon:', 'rssAnonBytes'],
  ['RssFile:', 'rssFileBytes'],
  ['RssShmem:', 'rssShmemBytes'],
  ['VmSwap:', 'vmSwapBytes'],
  ['VmPTE:', 'vmPteBytes'],
  ['VmPMD:', 'vmPmdBytes'],
  ['VmLck:', 'vmLckBytes'],
  ['VmPin:', 'vmPinBytes'],
  ['HugetlbPages:', 'hugetlbPagesBytes'],
]);

/** `/proc/PID/status` (fs/proc/array.c, fs/proc/task_mmu.c), e.g. `VmRSS:	    1756 kB`. A line `Uid` must be there. */
export const processStatus: Source<ProcessStatus> = {
  path,
  keep: ['Uid:', ...sizes.keys(), 'Threads:', 'NSpid:', 'CoreDumping:'],
  parse(text, refuse) {
    const facts: { -readonly [Key in keyof ProcessStatus]?: ProcessStatus[Key] } = {};
    let hasUid = false;
    for (const line of linesOf(text)) {
      const [label = '', ...words] = fieldsOf(line);
      const size = sizes.get(label);
      if (size !== undefined) {
        const [number, unit] = words;
        if (unit !== 'kB') refuse(line, 'kB expected');
        else assign(facts, size, countOf(refuse, line, number, 1024));
      } else if (label === 'Uid:') {
        hasUid = true;
        facts.uid = countOf(refuse, line, words[0], 1, 0xffffffff);
        facts.effectiveUid = countOf(refuse, line, words[1], 1, 0xffffffff);
      } else if (label === 'Threads:') {
        assign(facts, 'threads', countOf(refuse, line, words[0], 1, mostTasks));
      } else if (label === 'NSpid:') {
        const pids = words.slice(0, mostNamespaces).map((word) => countOf(refuse, line, word, 1, mostTasks));
        const known = pids.filter((pid) => pid !== undefined);
        if (known.length === pids.length) facts.nsPids = known;
      } else if (label === 'CoreDumping:') {
        const dumping = countOf(refuse, line, words[0], 1, 1);
        if (dumping !== undefined) facts.coreDumping = dumping === 1;
      }
    }
    if (!hasUid) throw new ParseError(path, 0, text, 'Uid is missing');
    return { uid: undefined, effectiveUid: undefined, ...facts };
  },
};

function assign(facts: Record<string, unknown>, field: string, value: number | undefined): void {
  if (value !== undefined) facts[field] = value;
}
