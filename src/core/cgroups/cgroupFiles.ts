import {
  memoryCurrent,
  memoryFailcnt,
  memoryMemswUsageInBytes,
  memorySwapCurrent,
  memoryUsageInBytes,
  pidsCurrent,
} from '../proc/cgroupAmount';
import { cgroupEvents, freezerState } from '../proc/cgroupFreezer';
import {
  memoryHigh,
  memoryLimitInBytes,
  memoryMax,
  memoryMemswLimitInBytes,
  memorySwapMax,
} from '../proc/cgroupLimit';
import { cgroupMemoryEvents } from '../proc/cgroupMemoryEvents';
import { cgroupMemoryStat } from '../proc/cgroupMemoryStat';
import { cgroupMemoryStatV1 } from '../proc/cgroupMemoryStatV1';
import { cgroupOomControl } from '../proc/cgroupOomControl';
import { memoryOomGroup } from '../proc/cgroupOomGroup';
import { memoryPressure } from '../proc/pressure';
import type { Source } from '../proc/source';

/** A file of a cgroup: a source whose path is relative to the group's folder. */
export interface CgroupFile<T> extends Source<T> {
  /**
   * Where it is in another hierarchy than that of the memory controller: its root, without the leading slash. Runtimes and
   * systemd give a group the same path in each.
   */
  readonly root?: string;
  /** Whether a group that has it is one whose memory is counted. Absent: yes. */
  readonly ofEveryGroup?: true;
  /** Whether it is read when the group is found, and then with every 30th reading of the group only. Absent: with each. */
  readonly seldom?: true;
}

/** What is read of each cgroup of version 2. Paths are relative to the group's folder. */
export const cgroupFiles2 = {
  current: memoryCurrent,
  high: memoryHigh,
  max: memoryMax,
  swapCurrent: memorySwapCurrent,
  swapMax: memorySwapMax,
  stat: cgroupMemoryStat,
  events: cgroupMemoryEvents,
  pressure: { ...memoryPressure, path: 'memory.pressure' },
  pids: pidsCurrent,
  frozen: { ...cgroupEvents, ofEveryGroup: true },
  /** Set when a group is made, and hardly ever again. */
  oomGroup: { ...memoryOomGroup, seldom: true },
} as const satisfies Record<string, CgroupFile<unknown>>;

/** What is read of each memory cgroup of version 1. */
export const cgroupFiles1 = {
  usage: memoryUsageInBytes,
  limit: memoryLimitInBytes,
  memswUsage: memoryMemswUsageInBytes,
  memswLimit: memoryMemswLimitInBytes,
  stat: cgroupMemoryStatV1,
  failcnt: memoryFailcnt,
  oomControl: cgroupOomControl,
  freezerState: { ...freezerState, root: 'sys/fs/cgroup/freezer', ofEveryGroup: true },
  /** Where systemd uses version 2 beside version 1, some freeze there. */
  frozenUnified: { ...cgroupEvents, root: 'sys/fs/cgroup/unified', ofEveryGroup: true },
} as const satisfies Record<string, CgroupFile<unknown>>;

/** What such files said. */
export type FactsOf<Files extends Record<string, CgroupFile<unknown>>> = {
  readonly [Id in keyof Files]?: ReturnType<Files[Id]['parse']>;
};

export type CgroupFacts2 = FactsOf<typeof cgroupFiles2>;
export type CgroupFacts1 = FactsOf<typeof cgroupFiles1>;

/** Where a group's files are, without the leading slash, e.g. `sys/fs/cgroup/memory/docker/4f…`. */
export function cgroupFolder(version: 1 | 2, path: string): string {
  return `${memoryRoot(version)}${path === '/' ? '' : path}`;
}

/** Where a file of a group is, without the leading slash. */
export function cgroupFilePath(
  version: 1 | 2,
  path: string,
  file: Pick<CgroupFile<unknown>, 'path' | 'root'>,
): string {
  return `${file.root ?? memoryRoot(version)}${path === '/' ? '' : path}/${file.path}`;
}

function memoryRoot(version: 1 | 2): string {
  return `sys/fs/cgroup${version === 1 ? '/memory' : ''}`;
}
