import type { WatchedCgroup } from '../cgroups/cgroup';
import type { ContainerLimits } from './container';
import type { ContainerRuntimeFacts } from './containerRuntime';

/** What the API is asked for: `HostConfig`'s words, in bytes; −1: without end. */
export interface MemoryUpdate {
  readonly Memory: number;
  readonly MemorySwap?: number;
}

/** `memory` and `memory-swap` of `docker update` below this are refused (moby/moby, daemon/daemon_unix.go, linuxMinMemory). */
export const leastMemoryLimitBytes = 6 * 1024 * 1024;

/**
 * The update that sets the memory limit of a container. `MemorySwap` is memory and swap together in both cgroup versions
 * (the runtime takes the difference in version 2). It is told as well: Docker refuses a `Memory` above the old one, for which
 * it also takes none (moby/moby, container/container_unix.go, UpdateContainer). Where the kernel does not count swap, it is left
 * out: Docker then sets it to `-1` by itself.
 *
 * @param swapBytes swap on top of the memory. Undefined: as much as now.
 * @param now undefined: not known; then nothing is set, since it could take away what limits swap.
 * @returns a sentence where it cannot be.
 */
export function memoryUpdateOf(
  memoryBytes: number,
  swapBytes: number | undefined,
  now: ContainerLimits | undefined,
  { swapLimit, memoryLimit }: Pick<ContainerRuntimeFacts, 'swapLimit' | 'memoryLimit'>,
): MemoryUpdate | string {
  if (memoryLimit === false) return 'The kernel of this host does not limit the memory of cgroups.';
  if (!isBytes(memoryBytes)) return 'The memory limit is not a number of bytes.';
  if (memoryBytes < leastMemoryLimitBytes) return 'The least memory limit is 6 MiB.';
  if (swapBytes !== undefined && !isBytes(swapBytes)) return 'The limit of swap is not a number of bytes.';
  if (swapLimit === false) {
    return swapBytes === undefined
      ? { Memory: memoryBytes }
      : 'The kernel of this host does not count swap for each cgroup.';
  }
  if (swapBytes === undefined && now === undefined)
    return 'Its limits could not be read, and a new one could take its limit of swap away.';
  const swap = swapBytes ?? swapNow(now ?? {});
  const MemorySwap = swap === undefined ? -1 : Math.min(Number.MAX_SAFE_INTEGER, memoryBytes + swap);
  return { Memory: memoryBytes, MemorySwap };
}

/** Undefined: without end. */
function swapNow({ memoryBytes, memorySwapBytes }: ContainerLimits): number | undefined {
  if (memoryBytes === undefined || memorySwapBytes === undefined) return undefined;
  return Math.max(0, memorySwapBytes - memoryBytes);
}

/**
 * Why a limit should not be set on a group as it is now, in a sentence; undefined: nothing known speaks against it. What
 * cannot be given back (anonymous memory and shared memory beyond the swap that it may use, and the kernel's) has to fit:
 * version 2 kills processes until it does, version 1 refuses the limit after a long search. Page cache that is in use has to
 * fit as well, else it is read from disk again and again: that alone is no obstacle here, the kernel grants it.
 * @param swapFreeBytes of the host.
 */
export function memoryLimitObstacle(
  memoryBytes: number,
  cgroup: Pick<WatchedCgroup, 'version' | 'stat' | 'kernelBytes'>,
  swapFreeBytes: number | undefined,
): string | undefined {
  const { anonBytes, shmemBytes = 0 } = cgroup.stat ?? {};
  if (anonBytes === undefined) return undefined;
  const unswappable = Math.max(0, anonBytes + shmemBytes - (swapFreeBytes ?? 0));
  const held = unswappable + (cgroup.kernelBytes ?? 0);
  if (held <= memoryBytes) return undefined;
  return cgroup.version === 2
    ? 'It holds more memory than that which cannot be given back: the kernel would kill processes in it until it fits.'
    : 'It holds more memory than that which cannot be given back: the kernel would refuse the limit.';
}

function isBytes(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
