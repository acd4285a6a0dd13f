import type { OomEvent } from '../event';

/** The size of a page: that of the smallest free blocks; undefined where they are not printed. */
export function pageBytesOf({ memory }: OomEvent): number | undefined {
  for (const { freeBlocks } of memory?.zones ?? []) {
    const smallest = freeBlocks?.[0]?.blockBytes;
    if (smallest !== undefined && smallest > 0) return smallest;
  }
  return undefined;
}
