import { describe, expect, it } from 'vitest';
import { memoryLimitObstacle, memoryUpdateOf } from '../../../../src/core/containers/memoryLimit';

const mib = 1024 ** 2;
const counts = { memoryLimit: true, swapLimit: true };

describe('the update that sets a memory limit', () => {
  it.each([
    ['has none, and may swap without end', undefined, {}, { Memory: 64 * mib, MemorySwap: -1 }],
    [
      'has one, and keeps its swap',
      undefined,
      { memoryBytes: 32 * mib, memorySwapBytes: 48 * mib },
      { Memory: 64 * mib, MemorySwap: 80 * mib },
    ],
    ['has one of memory alone', undefined, { memoryBytes: 32 * mib }, { Memory: 64 * mib, MemorySwap: -1 }],
    ['is told how much swap', 0, {}, { Memory: 64 * mib, MemorySwap: 64 * mib }],
    [
      'has limits that contradict themselves',
      undefined,
      { memoryBytes: 90 * mib, memorySwapBytes: 48 * mib },
      { Memory: 64 * mib, MemorySwap: 64 * mib },
    ],
  ])('of a container that %s', (_what, swapBytes, now, update) => {
    expect(memoryUpdateOf(64 * mib, swapBytes, now, counts)).toEqual(update);
  });

  it('is none where the limits it has now are not known: it would take that of swap away', () => {
    expect(memoryUpdateOf(64 * mib, undefined, undefined, counts)).toMatch(/could not be read/);
    expect(memoryUpdateOf(64 * mib, mib, undefined, counts)).toEqual({
      Memory: 64 * mib,
      MemorySwap: 65 * mib,
    });
  });

  it('leaves swap alone where the kernel does not count it', () => {
    const uncounted = { memoryLimit: true, swapLimit: false };
    expect(memoryUpdateOf(64 * mib, undefined, {}, uncounted)).toEqual({ Memory: 64 * mib });
    expect(memoryUpdateOf(64 * mib, mib, {}, uncounted)).toMatch(/does not count swap/);
  });

  it('is none for what is no limit', () => {
    expect(memoryUpdateOf(6 * mib - 1, undefined, {}, counts)).toBe('The least memory limit is 6 MiB.');
    expect(memoryUpdateOf(0.5, undefined, {}, counts)).toMatch(/not a number of bytes/);
    expect(memoryUpdateOf(Number.NaN, undefined, {}, counts)).toMatch(/not a number of bytes/);
    expect(memoryUpdateOf(64 * mib, -1, {}, counts)).toMatch(/swap is not a number/);
    expect(memoryUpdateOf(64 * mib, undefined, {}, { ...counts, memoryLimit: false })).toMatch(
      /does not limit/,
    );
  });
});

describe('what speaks against a memory limit', () => {
  const stat = { anonBytes: 50 * mib, shmemBytes: 10 * mib, fileBytes: 500 * mib };

  it('is memory that cannot be given back, and not page cache', () => {
    const group = { version: 2 as const, stat, kernelBytes: 5 * mib };
    expect(memoryLimitObstacle(65 * mib, group, undefined)).toBeUndefined();
    expect(memoryLimitObstacle(64 * mib, group, undefined)).toMatch(/would kill/);
    expect(memoryLimitObstacle(64 * mib, { ...group, version: 1 }, undefined)).toMatch(/would refuse/);
    expect(memoryLimitObstacle(64 * mib, group, 100 * mib)).toBeUndefined();
    expect(memoryLimitObstacle(mib, { version: 2 }, undefined)).toBeUndefined();
  });

  it('is not swap where only the memory of the kernel is too much', () => {
    const group = { version: 2 as const, stat, kernelBytes: 70 * mib };
    expect(memoryLimitObstacle(64 * mib, group, 1000 * mib)).toMatch(/would kill/);
  });
});
