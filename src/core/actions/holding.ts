import type { WatchedCgroup } from '../cgroups/cgroup';
import type { Process } from '../processes/process';

/** What a target holds, as it was read last; bytes. Undefined: the host does not tell, or it was not read. */
export interface Holding {
  /** The host's uptime in ms. */
  readonly readAtMs: number;
  /** All memory that counts as its own, page cache too; of a process what is resident. */
  readonly currentBytes: number | undefined;
  readonly anonBytes: number | undefined;
  /** Shared memory and tmpfs. */
  readonly shmemBytes: number | undefined;
  /** Page cache, without shared memory; of a process the files that it maps. */
  readonly fileBytes: number | undefined;
  /** Of a process its page tables. */
  readonly kernelBytes: number | undefined;
  /** The part of `kernelBytes` that ends with the last task: page tables and kernel stacks. */
  readonly taskKernelBytes: number | undefined;
  readonly swapBytes: number | undefined;
  /** `current` without the page cache that nobody uses. Of a group only. */
  readonly workingSetBytes: number | undefined;
}

/** What a cgroup and its descendants hold. */
export function holdingOfGroup(group: WatchedCgroup): Holding {
  const { stat, currentBytes, kernelBytes, swapBytes, workingSetBytes, readAtMs } = group;
  const shmemBytes = stat?.shmemBytes;
  return {
    readAtMs,
    currentBytes,
    anonBytes: stat?.anonBytes,
    shmemBytes,
    // Without shmem it is not known how much of `file` is page cache.
    fileBytes:
      stat?.fileBytes === undefined || shmemBytes === undefined
        ? undefined
        : Math.max(0, stat.fileBytes - shmemBytes),
    kernelBytes,
    taskKernelBytes: sumOfKnown([stat?.pagetablesBytes, stat?.kernelStackBytes]),
    swapBytes,
    workingSetBytes,
  };
}

/** What a process holds. Shared pages count in full with each process that maps them. */
export function holdingOfProcess({ readAtMs, rssBytes, details }: Process): Holding {
  const status = details?.status;
  const pageTables = sumOfKnown([status?.vmPteBytes, status?.vmPmdBytes]);
  return {
    readAtMs: details?.readAtMs ?? readAtMs,
    currentBytes: status?.vmRssBytes ?? rssBytes,
    anonBytes: status?.rssAnonBytes,
    shmemBytes: status?.rssShmemBytes,
    fileBytes: status?.rssFileBytes,
    kernelBytes: pageTables,
    taskKernelBytes: pageTables,
    swapBytes: status?.vmSwapBytes,
    workingSetBytes: undefined,
  };
}

/** The sum of what is known; undefined where nothing is. */
export function sumOfKnown(parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, part) => sum + part, 0);
}
