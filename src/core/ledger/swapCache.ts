import type { Meminfo } from '../proc/meminfo';

/**
 * Pages on the lists of reclaim (LRU) that no program maps and that are in no file: `Active` + `Inactive` + `Unevictable`
 * without `AnonPages`, `Cached` and `Buffers`. These are swap cache, and for moments pages that are on their way: of a
 * program that ends, or taken off a list. Up to some MB less than it is, even below 0: pages come to the lists in batches.
 * Undefined: the kernel does not tell.
 */
export function unmappedBytesOf(meminfo: Meminfo): number | undefined {
  const { activeAnonBytes, inactiveAnonBytes, activeFileBytes, inactiveFileBytes, unevictableBytes } =
    meminfo;
  const { anonPagesBytes, cachedBytes, buffersBytes } = meminfo;
  if (
    activeAnonBytes === undefined ||
    inactiveAnonBytes === undefined ||
    activeFileBytes === undefined ||
    inactiveFileBytes === undefined ||
    unevictableBytes === undefined ||
    anonPagesBytes === undefined ||
    cachedBytes === undefined ||
    buffersBytes === undefined
  ) {
    return undefined;
  }
  const lists = activeAnonBytes + inactiveAnonBytes + activeFileBytes + inactiveFileBytes + unevictableBytes;
  return lists - anonPagesBytes - cachedBytes - buffersBytes;
}

/**
 * The part of `SwapCached` that is not in `AnonPages` as well. `SwapCached` is in neither `Cached` nor `Buffers`, but those
 * of its pages that a program maps are in `AnonPages`. Undefined: the kernel does not tell.
 */
export function unmappedSwapCacheOf(meminfo: Meminfo): number | undefined {
  const unmapped = unmappedBytesOf(meminfo);
  if (unmapped === undefined || meminfo.swapCachedBytes === undefined) return undefined;
  return Math.min(Math.max(0, unmapped), meminfo.swapCachedBytes);
}
