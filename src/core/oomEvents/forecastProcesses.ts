import type { CgroupOwner } from '../cgroups/cgroupOwner';
import { memoryGroupOf, ownerOfProcess } from '../cgroups/processOwner';
import { parentOf } from '../processes/ancestors';
import type { Process } from '../processes/process';
import type { BadnessFacts } from './forecastFormula';

/** A process as the killer sees it, as far as it was read. */
export interface MeasuredProcess extends BadnessFacts {
  readonly process: Process;
  /** The memory cgroup that it is charged to; undefined: not known, or there are none. */
  readonly cgroup: string | undefined;
  readonly owner: CgroupOwner | undefined;
  /** Only its `stat` was read: its cgroup and oom_score_adj are those of its parent, which are what it was born with. */
  readonly isGuessed: boolean;
}

/** No line of parents is followed further. */
const mostParents = 16;

/**
 * What the killer compares of each process; kernel threads, and those that have ended but for their entry, hold no memory and
 * are left out.
 */
export function* measuredProcesses(
  processes: readonly Process[],
  find: (pid: number) => Process | undefined,
): Iterable<MeasuredProcess> {
  for (const process of processes) {
    if (process.stat.kernelThread === true || /[ZX]/i.test(process.stat.state)) continue;
    const told = toldBy(process, find);
    const membership = told?.details?.cgroup;
    const owner = membership && ownerOfProcess(membership);
    yield {
      process,
      heldBytes: heldBytesOf(process),
      oomScoreAdj: told?.details?.oomScoreAdj ?? 0,
      // Containers' root is none of them unless it was made so.
      isAdmin: process.details?.status?.effectiveUid === 0 && owner?.kind !== 'container',
      cgroup: membership && memoryGroupOf(membership)?.path,
      owner,
      isGuessed: told !== process,
    };
  }
}

/** Itself where its other files were read, else the nearest ancestor of which they were. */
function toldBy(process: Process, find: (pid: number) => Process | undefined): Process | undefined {
  let one: Process | undefined = process;
  for (let depth = 0; one && depth < mostParents; depth++) {
    if (one.details?.oomScoreAdj !== undefined) return one;
    one = parentOf(one, find);
  }
  return undefined;
}

/**
 * Resident, in swap, and page tables; of the first what was read last. Processors count for themselves for a while, which the
 * killer leaves out (get_mm_rss; get_mm_rss_sum since 6.19) and `status` may not: they differ by some pages a processor.
 */
function heldBytesOf({ readAtMs, rssBytes, details }: Process): number {
  const { vmRssBytes, vmSwapBytes = 0, vmPteBytes = 0, vmPmdBytes = 0 } = details?.status ?? {};
  const isNewer = details !== undefined && details.readAtMs >= readAtMs;
  const resident = (isNewer ? (vmRssBytes ?? rssBytes) : (rssBytes ?? vmRssBytes)) ?? 0;
  return resident + vmSwapBytes + vmPteBytes + vmPmdBytes;
}
