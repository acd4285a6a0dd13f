import { cgroupMembership } from '../proc/cgroupMembership';
import { commandLine } from '../proc/commandLine';
import { oomScore, oomScoreAdj } from '../proc/oomScore';
import { processStat } from '../proc/processStat';
import { processStatus } from '../proc/processStatus';
import type { Source } from '../proc/source';

/** Cheap enough to be read of every process. Paths are patterns: the `*` is the pid. */
export const statFile = processStat;

/** Files that are read of some processes, together and best right after `stat`: {@link ProcessTable.wanted} says of which. */
export const detailFiles = {
  status: processStatus,
  cgroup: cgroupMembership,
  oomScore,
  oomScoreAdj,
  commandLine,
} as const satisfies Record<string, Source<unknown>>;

export type DetailFile = keyof typeof detailFiles;
