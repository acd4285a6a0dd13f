import type { Cgroup } from './cgroup';

/** A container's memory as `docker stats` prints it. */
export interface DockerMemory {
  /** `MEM USAGE`. */
  readonly usedBytes: number;
  /** `LIMIT`: the container's own, or all memory of the host. Undefined: neither is known. */
  readonly limitBytes: number | undefined;
  /** `MEM %`. */
  readonly percent: number | undefined;
}

/**
 * Memory of a container as `docker stats` defines it (docker/cli, cli/command/container/stats_helpers.go,
 * calculateMemUsageUnixNoCache, since 20.10): usage without `inactive_file`, in version 1 without `total_inactive_file`;
 * where that is not less than the usage, the usage. It differs from the working set there alone, which is 0 then
 * (and version 1's client tries the group's own `inactive_file` first, which is not read). Limits of ancestors do not
 * count, and one above the host's memory is the host's memory (moby/moby, daemon/stats_unix.go).
 * @param memTotalBytes `MemTotal` of the host.
 * @returns undefined where usage or `memory.stat` are not known.
 */
export function dockerMemoryOf(
  { currentBytes, stat, limits }: Pick<Cgroup, 'currentBytes' | 'stat' | 'limits'>,
  memTotalBytes: number | undefined,
): DockerMemory | undefined {
  if (currentBytes === undefined || stat === undefined) return undefined;
  const { inactiveFileBytes = 0 } = stat;
  const usedBytes = inactiveFileBytes < currentBytes ? currentBytes - inactiveFileBytes : currentBytes;
  const limitBytes = limitOf(limits.max, memTotalBytes);
  const percent = limitBytes === undefined || limitBytes === 0 ? undefined : (usedBytes / limitBytes) * 100;
  return { usedBytes, limitBytes, percent };
}

function limitOf(max: Cgroup['limits']['max'], memTotalBytes: number | undefined): number | undefined {
  if (typeof max !== 'number' || max === 0) return memTotalBytes;
  return Math.min(max, memTotalBytes ?? max);
}
