import { describe, expect, it } from 'vitest';
import type { MemoryInformation } from '../../../../src/core/oom/memoryInformation';
import { MemoryInformationReader } from '../../../../src/core/oom/memoryInformationReader';

function read(lines: readonly string[]): MemoryInformation | undefined {
  const reader = new MemoryInformationReader();
  for (const line of lines) reader.take(line);
  return reader.finish(reader.pageBytes());
}

it('of 2.6.32 without NUMA: per-cpu lists, zones without a node, free blocks without migrate types', () => {
  expect(
    read([
      'Mem-Info:',
      'DMA per-cpu:',
      'CPU    0: hi:    0, btch:   1 usd:   0',
      'active_anon:100 inactive_anon:50 isolated_anon:0',
      ' unevictable:0 dirty:0 writeback:0 unstable:0',
      ' free:1010 slab_reclaimable:20 slab_unreclaimable:30',
      'DMA free:4000kB min:60kB low:72kB high:88kB active_anon:0kB present:15872kB mlocked:0kB pages_scanned:7 all_unreclaimable? yes',
      'lowmem_reserve[]: 0 865 1000 1000',
      'DMA: 2*4kB 1*8kB 0*16kB = 16kB',
      '169 total pagecache pages',
      '3 pages in swap cache',
      'Swap cache stats: add 0, delete 0, find 0/0',
      'Free swap  = 12kB',
      'Total swap = 16kB',
      '262011 pages RAM',
      '35000 pages HighMem',
      '13171 pages reserved',
    ]),
  ).toStrictEqual({
    machine: {
      active_anon: 409_600,
      inactive_anon: 204_800,
      isolated_anon: 0,
      unevictable: 0,
      dirty: 0,
      writeback: 0,
      unstable: 0,
      free: 4_136_960,
      slab_reclaimable: 81_920,
      slab_unreclaimable: 122_880,
    },
    zones: [
      {
        node: 0,
        name: 'DMA',
        freeBytes: 4_096_000,
        minBytes: 61_440,
        lowBytes: 73_728,
        highBytes: 90_112,
        presentBytes: 16_252_928,
        lowmemReserveBytes: [0, 3_543_040, 4_096_000, 4_096_000],
        allUnreclaimable: true,
        figures: { active_anon: 0, mlocked: 0 },
        freeBlocks: [
          { blockBytes: 4096, count: 2, types: '' },
          { blockBytes: 8192, count: 1, types: '' },
          { blockBytes: 16_384, count: 0, types: '' },
        ],
      },
    ],
    totalSwapBytes: 16_384,
    freeSwapBytes: 12_288,
    swapCacheBytes: 12_288,
    pageCacheBytes: 692_224,
    ramBytes: 1_073_197_056,
    reservedBytes: 53_948_416,
    slabs: [],
  });
});

describe('the size of a page', () => {
  it('is that of the smallest free block', () => {
    const memory = read(['active_anon:2 isolated_anon:0', 'Node 1 Normal: 3*64kB (UME) 0*128kB = 192kB']);
    expect(memory?.machine).toStrictEqual({ active_anon: 131_072, isolated_anon: 0 });
  });

  it('follows from the free memory, told in pages and in kB', () => {
    const memory = read([
      'active_anon:2 free:1000',
      'Node 0 DMA free:8000kB min:1kB',
      'Node 0 Normal free:8100kB min:1kB',
    ]);
    expect(memory?.machine).toStrictEqual({ active_anon: 32_768, free: 16_384_000 });
  });

  it('is not assumed', () => {
    expect(read(['active_anon:2 isolated_anon:0', '5 pages RAM'])).toStrictEqual({
      machine: {},
      zones: [],
      slabs: [],
    });
  });
});

it('huge pages of all nodes and sizes', () => {
  expect(
    read([
      'Mem-Info:',
      'Node 0 hugepages_total=3 hugepages_free=3 hugepages_surp=0 hugepages_size=1048576kB',
      'Node 1 hugepages_total=10 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB',
    ])?.hugePagesBytes,
  ).toBe(3 * 2 ** 30 + 10 * 2 ** 21);
});

it('the caches of the slab', () => {
  expect(
    read([
      'Mem-Info:',
      'Unreclaimable slab info:',
      'Name                      Used          Total',
      'kmalloc-rcl-64            31KB         40KB',
      'dma-kmalloc (x) y          1KB          2KB',
      'usb 1-1: new device',
    ])?.slabs,
  ).toStrictEqual([
    { name: 'kmalloc-rcl-64', usedBytes: 31_744, totalBytes: 40_960 },
    { name: 'dma-kmalloc (x) y', usedBytes: 1024, totalBytes: 2048 },
  ]);
});

it('a part that is there already is of another report', () => {
  const reader = new MemoryInformationReader();
  const lines = [
    'Mem-Info:',
    'active_anon:1 free:2',
    'Node 0 DMA free:1kB min:1kB',
    'Node 0 DMA: 1*4kB = 4kB',
    'Free swap  = 1kB',
    '5 pages RAM',
  ];
  expect(lines.map((line) => reader.take(line))).toEqual(lines.map(() => 'taken'));
  expect(lines.map((line) => reader.take(line))).toEqual(lines.map(() => 'again'));
});

it.each(['', 'usb 1-1: new device', 'Memory: 1K/2K', 'Node failure', '7 packets lost', 'lowmem', 'loop:0'])(
  'is not in %j',
  (text) => {
    expect(new MemoryInformationReader().take(text)).toBe('other');
  },
);
