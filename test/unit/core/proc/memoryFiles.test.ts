import { describe, expect, it } from 'vitest';
import { arcstats } from '../../../../src/core/proc/arcstats';
import { buddyinfo, freePagesFrom } from '../../../../src/core/proc/buddyinfo';
import { hugePoolsOf, nrHugepages } from '../../../../src/core/proc/hugepages';
import { nodeMeminfo } from '../../../../src/core/proc/nodeMeminfo';
import { pagesets } from '../../../../src/core/proc/pagesets';
import { slabinfo } from '../../../../src/core/proc/slabinfo';
import { sockstat } from '../../../../src/core/proc/sockstat';
import { ParseError, type Source } from '../../../../src/core/proc/source';
import { tmpfsMounts } from '../../../../src/core/proc/tmpfsMounts';
import { zramMmStat } from '../../../../src/core/proc/zramMmStat';

/** What is parsed of a text, and the lines of which a value was refused. */
function read<T>(source: Source<T>, text: string): { value: T; refused: number[] } {
  const refused: number[] = [];
  const value = source.parse(text, ({ number }) => refused.push(number));
  return { value, refused };
}

/** What a host sends of a text. */
function sent(source: Source<unknown>, text: string): string {
  const { keep, drop } = source;
  return text
    .split('\n')
    .filter((line) => keep?.includes(line.trim().split(/\s+/)[0] ?? '') ?? true)
    .filter((line) => drop === undefined || !new RegExp(drop).test(line))
    .join('\n');
}

// Texts are of a Debian 12 with kernel 6.18 unless it is said otherwise.

describe('buddyinfo', () => {
  const text = `Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3 
Node 0, zone    DMA32      1      2      4      2      5      4      3      3      4      2    752 
Node 0, zone   Normal  32783  23216  14837   8778   4218   3896   1668    667    217    342   1815 
`;

  it('tells the free chunks of each zone by order', () => {
    const { value, refused } = read(buddyinfo, text);
    expect(refused).toEqual([]);
    expect(value.map(({ node, zone }) => [node, zone])).toEqual([
      [0, 'DMA'],
      [0, 'DMA32'],
      [0, 'Normal'],
    ]);
    expect(value[1]?.chunksByOrder).toEqual([1, 2, 4, 2, 5, 4, 3, 3, 4, 2, 752]);
    expect(value.map((zone) => freePagesFrom(0, zone))).toEqual([3840, 772917, 2682291]);
    expect(value.map((zone) => freePagesFrom(9, zone))).toEqual([3584, 771072, 2033664]);
  });

  it('refuses a line or a count alone', () => {
    const { value, refused } = read(buddyinfo, 'nonsense\nNode 1, zone Movable 1 -2 4\n');
    expect(refused).toEqual([1, 2]);
    expect(value).toEqual([{ node: 1, zone: 'Movable', chunksByOrder: [1, undefined, 4] }]);
  });

  it('is bounded', () => {
    const { value } = read(buddyinfo, `Node 0, zone DMA ${'1 '.repeat(100_000)}\n`);
    expect(value[0]?.chunksByOrder).toHaveLength(20);
  });
});

describe('pagesets', () => {
  const text = `Node 0, zone   Normal
  pages free     2342353
        boost    0
        min      13924
        cma      0
        protection: (0, 0, 0, 0)
      nr_free_pages 2342353
  pagesets
    cpu: 0
              count:    2366
              high:     43903
              batch:    63
  vm stats threshold: 48
    cpu: 1
              count:    8224
              high:     2098
    cpu: 2
              count:    0
  node_unreclaimable:  0
  start_pfn:           1048576
`;

  it('adds up the lists of all processors', () => {
    expect(read(pagesets, text)).toEqual({ value: { pages: 10590 }, refused: [] });
  });

  it('needs no other line, and none where all lists are empty', () => {
    expect(sent(pagesets, text).trim().split(/\n */)).toEqual(['count:    2366', 'count:    8224']);
    expect(read(pagesets, sent(pagesets, text)).value).toEqual({ pages: 10590 });
    expect(read(pagesets, '')).toEqual({ value: { pages: 0 }, refused: [] });
  });

  it('refuses a count alone', () => {
    expect(read(pagesets, 'count: 5\ncount: -1\n')).toEqual({ value: { pages: 5 }, refused: [2] });
  });
});

describe('slabinfo', () => {
  const title = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
`;
  const text = `${title}btrfs_delayed_node      0      0    312   13    1 : tunables    0    0    0 : slabdata      0      0      0
ext4_inode_cache  257868 257978   1128   14    4 : tunables    0    0    0 : slabdata  18427  18427      0
dentry            370849 370965    192   21    1 : tunables    0    0    0 : slabdata  17665  17665      0
task_struct          157    170   5888    5    8 : tunables    0    0    0 : slabdata     34     34      0
kmalloc-rcl-512       32     32    512   16    2 : tunables    0    0    0 : slabdata      2      2      0
`;

  it('tells the largest caches first', () => {
    const { value, refused } = read(slabinfo, text);
    expect(refused).toEqual([]);
    expect(value.caches.map(({ name, pages }) => [name, pages])).toEqual([
      ['ext4_inode_cache', 73708],
      ['dentry', 17665],
      ['task_struct', 272],
      ['kmalloc-rcl-512', 4],
      ['btrfs_delayed_node', 0],
    ]);
    expect(value.caches[0]).toEqual({
      name: 'ext4_inode_cache',
      activeObjects: 257868,
      objects: 257978,
      objectBytes: 1128,
      pages: 73708,
    });
    expect(value.pages).toBe(73708 + 17665 + 272 + 4);
  });

  it('leaves small caches on the host', () => {
    const names = read(slabinfo, sent(slabinfo, text)).value.caches.map(({ name }) => name);
    expect(names).toEqual(['ext4_inode_cache', 'dentry', 'task_struct']);
  });

  it('reads a name with blanks, and refuses what is none of a cache', () => {
    const odd = `kmalloc-64(7:a b) 1 2 64 64 1 : tunables 0 0 0 : slabdata 1 1 0\nnonsense\ndentry 1 2 192 21 1 : tunables 0 0 0 : slabdata 1 much 0\n`;
    const { value, refused } = read(slabinfo, odd);
    expect(value.caches.map(({ name, pages }) => [name, pages])).toEqual([['kmalloc-64(7:a b)', 1]]);
    expect(refused).toEqual([2, 3]);
  });

  it('is bounded', () => {
    const line = (at: number): string =>
      `${'x'.repeat(500)}${at} 1 2 64 64 1 : tunables 0 0 0 : slabdata 1 ${at} 0\n`;
    const { value } = read(slabinfo, Array.from({ length: 1000 }, (_, at) => line(at)).join(''));
    expect(value.caches).toHaveLength(30);
    expect(value.caches[0]).toMatchObject({ name: 'x'.repeat(80), pages: 999 });
    expect(value.pages).toBe(499_500);
  });
});

describe('zram', () => {
  it('tells what is stored and what it takes', () => {
    const text = '209715200 104857600 109051904        0 109051904        0        0    51200    51200\n';
    expect(read(zramMmStat, text)).toEqual({
      value: {
        origDataBytes: 209715200,
        comprDataBytes: 104857600,
        memUsedBytes: 109051904,
        memLimitBytes: undefined,
      },
      refused: [],
    });
  });

  it('tells the limit where there is one', () => {
    expect(read(zramMmStat, '1 1 4096 8192 4096 0 0\n').value.memLimitBytes).toBe(8192);
  });
});

describe('huge pages', () => {
  const folder = 'sys/kernel/mm/hugepages';

  it('is a number of pages', () => {
    expect(read(nrHugepages, '512\n')).toEqual({ value: 512, refused: [] });
  });

  it('makes pools of the files of each size', () => {
    const counts = new Map([
      [`${folder}/hugepages-1048576kB/nr_hugepages`, 1],
      [`${folder}/hugepages-2048kB/nr_hugepages`, 512],
      [`${folder}/hugepages-2048kB/free_hugepages`, 500],
      [`${folder}/hugepages-2048kB/resv_hugepages`, 12],
      [`${folder}/hugepages-2048kB/surplus_hugepages`, 0],
      [`${folder}/hugepages-64kB/free_hugepages`, 7],
      ['sys/kernel/mm/hugepages-2048kB', 3],
    ]);
    expect(hugePoolsOf(counts)).toEqual([
      { pageBytes: 2 << 20, pages: 512, freePages: 500, reservedPages: 12, surplusPages: 0 },
      {
        pageBytes: 1 << 30,
        pages: 1,
        freePages: undefined,
        reservedPages: undefined,
        surplusPages: undefined,
      },
    ]);
  });
});

describe('the meminfo of a NUMA node', () => {
  const text = `Node 0 MemTotal:       15558868 kB
Node 0 MemFree:        12475312 kB
Node 0 MemUsed:         3083556 kB
Node 0 Active(anon):       1580 kB
Node 0 FilePages:       1933052 kB
Node 0 AnonPages:        514224 kB
Node 0 Shmem:              8856 kB
Node 0 KernelStack:        2244 kB
Node 0 PageTables:         8356 kB
Node 0 Slab:             532808 kB
Node 0 SReclaimable:     485680 kB
Node 0 HugePages_Total:     3
Node 0 HugePages_Free:      2
`;

  it('tells what is used', () => {
    expect(read(nodeMeminfo, text)).toEqual({
      value: {
        node: 0,
        memTotalBytes: 15558868 * 1024,
        memFreeBytes: 12475312 * 1024,
        filePagesBytes: 1933052 * 1024,
        anonPagesBytes: 514224 * 1024,
        shmemBytes: 8856 * 1024,
        kernelStackBytes: 2244 * 1024,
        pageTablesBytes: 8356 * 1024,
        slabBytes: 532808 * 1024,
        sReclaimableBytes: 485680 * 1024,
        hugePagesTotal: 3,
        hugePagesFree: 2,
      },
      refused: [],
    });
  });

  it('refuses a value alone', () => {
    const { value, refused } = read(nodeMeminfo, 'Node 3 MemTotal: 5 MB\nNode 3 MemFree: 4 kB\n');
    expect(value).toEqual({ node: 3, memFreeBytes: 4096 });
    expect(refused).toEqual([1]);
  });
});

// Written after OpenZFS 2.1, module/os/linux/spl/spl-kstat.c and module/zfs/arc.c.
describe('arcstats', () => {
  const text = `13 1 0x01 123 33456 7094738251 1171012345678901
name                            type data
hits                            4    98765432
c                               4    8321499136
c_min                           4    523980800
c_max                           4    8383692800
size                            4    8319238144
compressed_size                 4    6000000000
data_size                       4    6442450944
metadata_size                   4    1073741824
hdr_size                        4    40000000
`;

  it('tells how large the cache is and may be', () => {
    const expected = {
      value: {
        sizeBytes: 8319238144,
        targetBytes: 8321499136,
        minBytes: 523980800,
        maxBytes: 8383692800,
        dataBytes: 6442450944,
        metadataBytes: 1073741824,
      },
      refused: [],
    };
    expect(read(arcstats, text)).toEqual(expected);
    expect(read(arcstats, sent(arcstats, text))).toEqual(expected);
  });

  it('refuses a value alone', () => {
    expect(read(arcstats, 'size 4 -1\nc 4 7\n')).toEqual({ value: { targetBytes: 7 }, refused: [1] });
  });
});

describe('sockstat', () => {
  it('tells the memory of sockets', () => {
    const text = `sockets: used 31
TCP: inuse 4 orphan 0 tw 681 alloc 4 mem 63
UDP: inuse 0 mem 2
UDPLITE: inuse 0
RAW: inuse 0
FRAG: inuse 0 memory 4608
`;
    expect(read(sockstat, sent(sockstat, text))).toEqual({
      value: { tcpPages: 63, udpPages: 2, fragmentBytes: 4608 },
      refused: [],
    });
  });

  it('does without what a kernel does not tell', () => {
    expect(read(sockstat, 'UDP: inuse 5\nTCP: inuse 1 mem x\n')).toEqual({ value: {}, refused: [2] });
  });
});

describe('mounts of tmpfs', () => {
  const text = `/dev/vda / ext4 rw,discard,relatime 0 0
proc /proc proc rw,relatime 0 0
devtmpfs /dev devtmpfs rw,relatime,size=12334492k,nr_inodes=3083623,mode=755 0 0
tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0
overlay /var/lib/docker/overlay2/1f/merged overlay rw,lowerdir=/var 0 0
shm /var/lib/a\\040b\\134c tmpfs rw,size=65536k 0 0
`;
  const expected = [
    { mountPoint: '/dev', kind: 'devtmpfs', limitBytes: 12334492 * 1024 },
    { mountPoint: '/sys/fs/cgroup', kind: 'tmpfs', limitBytes: undefined },
    { mountPoint: '/var/lib/a b\\c', kind: 'tmpfs', limitBytes: 65536 * 1024 },
  ];

  it('are told with their limits, whatever is in a path', () => {
    expect(read(tmpfsMounts, text)).toEqual({ value: expected, refused: [] });
  });

  it('are all that a host sends', () => {
    expect(sent(tmpfsMounts, text).trim().split('\n')).toHaveLength(3);
    expect(read(tmpfsMounts, sent(tmpfsMounts, text)).value).toEqual(expected);
  });

  it('refuses a limit alone', () => {
    expect(read(tmpfsMounts, 'tmpfs /run tmpfs size=50% 0 0\nshort\n')).toEqual({
      value: [{ mountPoint: '/run', kind: 'tmpfs', limitBytes: undefined }],
      refused: [1, 2],
    });
  });

  it('are bounded', () => {
    const { value } = read(tmpfsMounts, 'tmpfs /x tmpfs rw 0 0\n'.repeat(5000));
    expect(value).toHaveLength(200);
  });
});

const malformed: [string, Source<unknown>, string][] = [
  ['a web page for buddyinfo', buddyinfo, '<html>\n'],
  ['an empty slabinfo', slabinfo, ''],
  ['an empty mm_stat', zramMmStat, '\n'],
  ['a mm_stat that is cut', zramMmStat, '1 2\n'],
  ['a word for a number of huge pages', nrHugepages, 'many\n'],
  ['the meminfo of no node', nodeMeminfo, 'MemTotal: 5 kB\n'],
  ['arcstats without a known line', arcstats, 'name type data\n'],
  ['a web page for sockstat', sockstat, '<html>\n'],
  ['a web page for mounts', tmpfsMounts, '<html>\n'],
];

describe('a text that is not the file at all is a ParseError that names the source', () => {
  it.each(malformed)('%s', (_, source, text) => {
    let error: unknown;
    try {
      source.parse(text, () => undefined);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ source: source.path });
  });
});
