import { describe, expect, it } from 'vitest';
import { availableOf, freeFigures, memoryBands } from '../../../src/core/memory';
import type { Meminfo } from '../../../src/core/proc/meminfo';
import type { Zone } from '../../../src/core/proc/zoneinfo';

const kib = 1024;
const plain: Meminfo = { memTotalBytes: 1000 * kib, memFreeBytes: 400 * kib };

describe('availableOf', () => {
  const files = { activeFileBytes: 100 * kib, inactiveFileBytes: 100 * kib, sReclaimableBytes: 40 * kib };
  const zone: Zone = {
    node: 0,
    name: 'Normal',
    min: 1,
    low: 5,
    high: 8,
    boost: 2,
    present: 250,
    managed: 240,
    protection: [0, 4],
  };

  it('is what the kernel says where it says it', () => {
    expect(availableOf({ ...plain, memAvailableBytes: 7 }, undefined, undefined)).toEqual({
      bytes: 7,
      computed: false,
    });
  });

  it('is what is free where the kernel says more than there is: of the machine around a container', () => {
    const around = { ...plain, memAvailableBytes: 1001 * kib };
    expect(availableOf(around, [zone], 4096)).toEqual({ bytes: 400 * kib, computed: true });
    const { memFreeBytes, ...unknown } = around;
    expect(memFreeBytes).toBeDefined();
    expect(availableOf(unknown, [zone], 4096)).toBeUndefined();
  });

  it('keeps back the reserve, and of what can be dropped the low watermark or a half', () => {
    // Reserve: 4 protected + 8 high - 2 boost = 10 pages; low: 5 pages = 20 KiB, which is the half of the slab's 40 too.
    expect(availableOf({ ...plain, ...files }, [zone], 4096)).toEqual({
      bytes: (400 - 40 + (200 - 20) + (40 - 20)) * kib,
      computed: true,
    });
  });

  it('keeps back no more of a zone than it has', () => {
    const reserved = { ...zone, managed: 6, low: 0 };
    expect(availableOf({ ...plain, ...files }, [reserved], 4096)?.bytes).toBe((400 - 24 + 200 + 40) * kib);
  });

  it('falls back to min_free_kbytes, and is never below 0', () => {
    expect(availableOf({ ...plain, ...files }, undefined, undefined, 16)?.bytes).toBe(
      (400 - 20 + 180 + 20) * kib,
    );
    expect(availableOf({ ...plain, ...files, memFreeBytes: 0 }, undefined, undefined, 900)?.bytes).toBe(0);
  });

  it('is unknown where nothing tells the reserve or the files', () => {
    expect(availableOf({ ...plain, ...files }, undefined, 4096)).toBeUndefined();
    expect(availableOf({ ...plain, ...files }, [zone], undefined)).toBeUndefined();
    expect(availableOf(plain, [zone], 4096)).toBeUndefined();
  });
});

// What `free -b` of procps 4.0.2 does with such texts was looked at by showing them to it.
describe('freeFigures', () => {
  it.each([
    ['not known', undefined],
    ['0', { bytes: 0, computed: false }],
    ['more than there is', { bytes: 2000 * kib, computed: false }],
  ])('takes free memory where available is %s', (_, available) => {
    expect(freeFigures(plain, available)).toMatchObject({ usedBytes: 600 * kib, availableBytes: 400 * kib });
  });

  it('never says that less than nothing of the swap is used', () => {
    const figures = freeFigures({ ...plain, swapTotalBytes: 0, swapFreeBytes: 999 * kib }, undefined);
    expect(figures).toMatchObject({ swapTotalBytes: 0, swapUsedBytes: 0, swapFreeBytes: 999 * kib });
  });
});

describe('what is not known', () => {
  it('is no swap in use where SwapFree was refused', () => {
    const figures = freeFigures({ ...plain, swapTotalBytes: 500 * kib }, undefined);
    expect(figures).toMatchObject({
      swapTotalBytes: 500 * kib,
      swapUsedBytes: undefined,
      swapFreeBytes: undefined,
    });
  });

  it('is neither used nor free where MemFree was refused, but what is available stands', () => {
    const refused: Meminfo = { memTotalBytes: 1000 * kib };
    expect(freeFigures(refused, undefined)).toMatchObject({
      usedBytes: undefined,
      freeBytes: undefined,
      availableBytes: undefined,
      buffCacheBytes: undefined,
      sharedBytes: undefined,
    });
    expect(freeFigures(refused, { bytes: 300 * kib, computed: false })).toMatchObject({
      usedBytes: 700 * kib,
      availableBytes: 300 * kib,
    });
    expect(memoryBands({ ...refused, anonPagesBytes: 600 * kib }, undefined, 4096)).toMatchObject({
      programsBytes: 600 * kib,
      freeBytes: undefined,
      pageCacheBytes: undefined,
      notAccountedBytes: 400 * kib,
    });
  });

  it('makes no reserve of a zone that lacks a watermark', () => {
    const files = { activeFileBytes: 100 * kib, inactiveFileBytes: 100 * kib };
    const zone: Zone = {
      node: 0,
      name: 'Normal',
      min: 1,
      low: undefined,
      high: 8,
      present: 250,
      protection: [0],
    };
    expect(availableOf({ ...plain, ...files }, [zone], 4096)).toBeUndefined();
    expect(
      availableOf({ ...plain, ...files }, [{ ...zone, low: 5, protection: undefined }], 4096),
    ).toBeUndefined();
    expect(availableOf({ ...plain, ...files }, [zone], 4096, 16)?.bytes).toBe((400 - 20 + 180) * kib);
  });
});

describe('memoryBands', () => {
  it('counts shared memory once, and kernel stacks in vmalloc once', () => {
    const bands = memoryBands(
      {
        ...plain,
        cachedBytes: 300 * kib,
        shmemBytes: 100 * kib,
        kernelStackBytes: 10 * kib,
        vmallocUsedBytes: 30 * kib,
        percpuBytes: 5 * kib,
      },
      undefined,
      4096,
    );
    expect(bands).toMatchObject({
      sharedBytes: 100 * kib,
      pageCacheBytes: 200 * kib,
      kernelBytes: 35 * kib,
      notAccountedBytes: 265 * kib,
    });
  });

  it('does not take address space for memory on kernels without a Percpu line', () => {
    const bands = memoryBands(
      { ...plain, kernelStackBytes: 10 * kib, vmallocUsedBytes: 900 * kib },
      undefined,
      4096,
    );
    expect(bands.kernelBytes).toBe(10 * kib);
  });

  it('counts compressed pages once, whoever holds them', () => {
    const zswap = { ...plain, zswapBytes: 40 * kib };
    expect(memoryBands(zswap, { nrZspages: 20 }, 4096).kernelBytes).toBe(80 * kib);
    expect(memoryBands(zswap, { nrZspages: 0 }, 4096).kernelBytes).toBe(40 * kib);
  });

  it('knows huge pages of one size on kernels before 4.16', () => {
    const old = { ...plain, hugePagesTotal: 3, hugepagesizeBytes: 64 * kib };
    expect(memoryBands(old, undefined, 4096).hugePagesBytes).toBe(192 * kib);
    expect(memoryBands({ ...old, hugetlbBytes: 256 * kib }, undefined, 4096).hugePagesBytes).toBe(256 * kib);
  });

  it('shows no band below 0 and tells the difference', () => {
    const bands = memoryBands({ ...plain, anonPagesBytes: 608 * kib }, undefined, 4096);
    expect(bands).toMatchObject({ notAccountedBytes: 0, notAccountedRawBytes: -8 * kib });
  });
});
