import { memoryGroupOf } from '../cgroups/processOwner';
import type { Process } from '../processes/process';
import { greatest } from '../processes/greatest';
import type { ProcessTable } from '../processes/processTable';
import type { Demand } from '../survey/surveySchedule';

/** So many processes are read together: to read one takes the host some 100 µs. */
const mostProcesses = 200;

/** More than any process holds: what was never read comes before all others. */
const unreadFirst = 2 ** 60;

/** All processes as they are now, without their dear facts. To be followed by {@link detailsDemand}. */
export const statsDemand: Demand = { sets: [], allProcesses: true, processes: [] };

/**
 * All cgroups, and the dear facts of those processes that a forecast is about: those in a cgroup first where one is named, those never read,
 * then those that hold most or are put forward by their oom_score_adj. At most 200.
 * @param within path of a cgroup.
 * @param totalBytes what oom_score_adj is a share of.
 */
export function detailsDemand(table: ProcessTable, totalBytes: number, within?: string): Demand {
  const wanted = greatest(table.processes, mostProcesses, (process) => {
    if (process.stat.kernelThread === true) return undefined;
    const { details } = process;
    const held = (process.rssBytes ?? 0) + (details?.status?.vmSwapBytes ?? 0);
    const adjusted = held + (Math.max(0, details?.oomScoreAdj ?? 0) * totalBytes) / 1000;
    return adjusted + 1 + (details === undefined || isWithin(process, within) ? unreadFirst : 0);
  });
  return {
    sets: [],
    allProcesses: false,
    processes: wanted.map(({ pid }) => ({ pid, files: ['s', 'g', 'o', 'a'] })),
    allCgroups: true,
  };
}

function isWithin({ details }: Process, within: string | undefined): boolean {
  const path = details?.cgroup && memoryGroupOf(details.cgroup)?.path;
  return within !== undefined && path !== undefined && `${path}/`.startsWith(`${within}/`);
}
