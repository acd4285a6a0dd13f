import { describe, expect, it } from 'vitest';
import { diskstats } from '../../../../src/core/proc/diskstats';
import { loadavg } from '../../../../src/core/proc/loadavg';
import { meminfo } from '../../../../src/core/proc/meminfo';
import { memoryPressure } from '../../../../src/core/proc/pressure';
import { ParseError, type Line, type Source } from '../../../../src/core/proc/source';
import { stat } from '../../../../src/core/proc/stat';
import { swaps } from '../../../../src/core/proc/swaps';
import { vmstat } from '../../../../src/core/proc/vmstat';
import { zoneinfo } from '../../../../src/core/proc/zoneinfo';

const needed = 'MemTotal: 100 kB\nMemFree: 50 kB\n';
const swapTitle = 'Filename\tType\tSize\tUsed\tPriority\n';

/** What is parsed of a text of which nothing may be refused. */
function parsed<T>(source: Source<T>, text: string): T {
  return source.parse(text, (line, reason) => {
    throw new Error(`line ${line.number}: ${reason}`);
  });
}

/** The whole is refused: the text is not this file, or lacks what the rest means nothing without. */
const malformed: [string, Source<unknown>, string, number][] = [
  ['an empty meminfo', meminfo, '', 0],
  ['a meminfo cut before MemFree', meminfo, 'MemTotal: 100 kB\n', 0],
  ['a meminfo without MemTotal', meminfo, 'MemFree: 100 kB\n', 0],
  ['a known line without a colon', meminfo, 'MemTotal 100 kB\nMemFree: 50 kB\n', 0],
  ['no memory at all', meminfo, 'MemFree: 0 kB\nMemTotal: 0 kB\n', 2],
  ['a total that is no number', meminfo, 'MemFree: 50 kB\nMemTotal: much kB\n', 2],
  ['a web page for vmstat', vmstat, '<html>\n<body>\n', 0],
  ['a stat without cpu', stat, 'ctxt 1\nbtime 2\n', 0],
  ['an empty loadavg', loadavg, '\n', 0],
  ['a loadavg without tasks', loadavg, '0.1 0.2 0.3\n', 1],
  ['a sentence for loadavg', loadavg, 'cannot read that now\n', 1],
  ['a pressure without some', memoryPressure, 'full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n', 0],
  ['a web page for diskstats', diskstats, '<html>\n<body>\n', 0],
  ['a zoneinfo without zones', zoneinfo, 'nothing\n', 0],
  ['swaps without their title', swaps, '/dev/sda2 partition 1 2 -2\n', 0],
];

describe('a text that is not the file at all is a ParseError that names source and line', () => {
  it.each(malformed)('%s', (_, source, text, line) => {
    let error: unknown;
    try {
      source.parse(text, () => undefined);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ source: source.path, line });
  });
});

const disk = { name: 'sda', reads: 1, readBytes: 1536, readMs: 4, writes: 5, writtenBytes: 3584, writeMs: 8 };
const total = 102_400;
const rest = { memTotalBytes: total, memFreeBytes: 51_200 };
const stall = { avg10Percent: 0, avg60Percent: 0, avg300Percent: 0, totalMicroseconds: 5 };
const dma = { node: 0, name: 'DMA', min: 1, low: 2, high: 3, present: 4, protection: [0, 9] };
const dmaLines = ' min 1\n low 2\n high 3\n present 4\n protection: (0, 9)\n';

/** One value is refused, at a line; the rest stays. */
const refusedAlone: [string, Source<unknown>, string, unknown, number][] = [
  ['a size that fell below zero', meminfo, `${needed}SwapFree: 18446744073709551360 kB\n`, rest, 3],
  ['a negative size', meminfo, `${needed}SwapFree: -256 kB\n`, rest, 3],
  ['a size beyond 2^53 bytes', meminfo, `${needed}Cached: 9007199254740991 kB\n`, rest, 3],
  ['a size in hexadecimal', meminfo, `${needed}Cached: 0x10 kB\n`, rest, 3],
  ['a size in other units', meminfo, `${needed}Cached: 12 MB\n`, rest, 3],
  ['a size without its unit', meminfo, `${needed}Cached: 12\n`, rest, 3],
  ['a known line without a number', meminfo, `${needed}Cached:\n`, rest, 3],
  ['a count with a unit', meminfo, `${needed}HugePages_Total: 1 kB\n`, rest, 3],
  [
    'more memory free than there is',
    meminfo,
    'MemFree: 101 kB\nMemTotal: 100 kB\n',
    { memTotalBytes: total },
    1,
  ],
  [
    'more swap free than there is',
    meminfo,
    `${needed}SwapFree: 9 kB\nSwapTotal: 8 kB\n`,
    { ...rest, swapTotalBytes: 8192 },
    3,
  ],
  ['a counter that is no number', vmstat, 'pgpgin 1\npgfault many\n', { pgpginKib: 1 }, 2],
  ['a counter beyond 2^53', vmstat, 'pgpgin 18446744073709551615\npgfault 2\n', { pgfault: 2 }, 1],
  ['a counter without a value', vmstat, 'pgpgin\npgfault 2\n', { pgfault: 2 }, 1],
  [
    'a part of a sum',
    vmstat,
    'pgfault 2\nallocstall_dma 1\nallocstall_normal x\nallocstall_movable 3\n',
    { pgfault: 2 },
    3,
  ],
  ['too few processor columns', stat, 'cpu 1 2 3\nctxt 4\n', { ctxt: 4 }, 1],
  ['a processor column that is no number', stat, 'ctxt 4\ncpu 1 2 3 4 5 6 x 8 9 10\n', { ctxt: 4 }, 2],
  [
    'a number of waiting processes below zero',
    stat,
    'cpu 1 2 3\nprocs_running 2\nprocs_blocked 4294967295\n',
    { procsRunning: 2 },
    3,
  ],
  ['a time of boot that no date can name', stat, 'cpu 1 2 3\nbtime 8640000000001\nctxt 4\n', { ctxt: 4 }, 2],
  [
    'a load that is no number',
    loadavg,
    '0.1 nan 0.3 1/2 3\n',
    { load1: 0.1, load5: undefined, load15: 0.3, runnable: 1, threads: 2 },
    1,
  ],
  [
    'more threads than Linux can have',
    loadavg,
    '0.1 0.2 0.3 1/4194305 3\n',
    { load1: 0.1, load5: 0.2, load15: 0.3, runnable: 1, threads: undefined },
    1,
  ],
  [
    'a pressure without total',
    memoryPressure,
    'some avg10=0.00 avg60=0.00 avg300=0.00\n',
    { some: { ...stall, totalMicroseconds: undefined } },
    1,
  ],
  [
    'a negative average',
    memoryPressure,
    'some avg10=-1 avg60=0 avg300=0 total=5\n',
    { some: { ...stall, avg10Percent: undefined } },
    1,
  ],
  [
    'an average above 100',
    memoryPressure,
    'some avg10=0 avg60=0 avg300=0 total=5\nfull avg10=0 avg60=100.01 avg300=0 total=5\n',
    { some: stall, full: { ...stall, avg60Percent: undefined } },
    2,
  ],
  [
    'a disk line cut short',
    diskstats,
    '8 16 sdb 1 2 3 4\n8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n',
    [{ ...disk, inFlight: 9, busyMs: 10 }],
    1,
  ],
  [
    'a disk column that is no number',
    diskstats,
    '8 0 sda 1 2 3 4 5 6 7 8 9 - 11\n',
    [{ ...disk, inFlight: 9, busyMs: undefined }],
    1,
  ],
  [
    'requests under way below zero',
    diskstats,
    '8 0 sda 1 2 3 4 5 6 7 8 4294967295 10 11\n',
    [{ ...disk, inFlight: undefined, busyMs: 10 }],
    1,
  ],
  [
    'a zone without a name',
    zoneinfo,
    `Node 0\n${dmaLines}`,
    [{ ...dma, node: undefined, name: undefined }],
    1,
  ],
  [
    'a zone without a name after another, whose pages are its own',
    zoneinfo,
    `Node 0, zone DMA\n${dmaLines}Node\n high 7\n`,
    [
      dma,
      {
        node: undefined,
        name: undefined,
        min: undefined,
        low: undefined,
        high: 7,
        present: undefined,
        protection: undefined,
      },
    ],
    7,
  ],
  [
    'a watermark that is no number',
    zoneinfo,
    `Node 0, zone DMA\n${dmaLines.replace('low 2', 'low x')}`,
    [{ ...dma, low: undefined }],
    3,
  ],
  [
    'a protection without a list',
    zoneinfo,
    `Node 0, zone DMA\n${dmaLines.replace('(0, 9)', '0 9')}`,
    [{ ...dma, protection: undefined }],
    6,
  ],
  ['a swap of no kind', swaps, `${swapTitle}/dev/sda2 other 1 2 -2\n`, [], 2],
  ['a swap without a size', swaps, `${swapTitle}/dev/sda2 partition x 2 -2\n`, [], 2],
  [
    'more of a swap used than there is',
    swaps,
    `${swapTitle}/dev/sda2 partition 1 2 -2\n`,
    [{ name: '/dev/sda2', kind: 'partition', sizeBytes: 1024, usedBytes: undefined, priority: -2 }],
    2,
  ],
];

describe('a value that cannot be is refused alone', () => {
  it.each(refusedAlone)('%s', (_, source, text, value, line) => {
    const refused: Line[] = [];
    expect(source.parse(text, (where) => refused.push(where))).toStrictEqual(value);
    expect(refused).toContainEqual({ number: line, text: text.split('\n')[line - 1] });
  });

  it('the line cpu too short is told beside what else is', () => {
    const reasons: string[] = [];
    expect(stat.parse('cpu 1 2 3\nctxt x\n', (_, reason) => reasons.push(reason))).toEqual({});
    expect(reasons).toEqual(['at least 7 numbers expected', 'not a number: x']);
  });

  it('what may be more than the memory in a container stays', () => {
    expect(parsed(meminfo, `${needed}MemAvailable: 900 kB\nCached: 800 kB\n`)).toMatchObject({
      memAvailableBytes: 900 * 1024,
      cachedBytes: 800 * 1024,
    });
  });
});

describe('what a kernel may say otherwise', () => {
  it('unknown lines are ignored, whatever is in them', () => {
    expect(parsed(meminfo, `${needed}NewThing: -1 pages\nGarbage\n`)).toEqual({
      memTotalBytes: 102400,
      memFreeBytes: 51200,
    });
    expect(parsed(vmstat, 'pgpgin 7\nnr_new -3\n')).toEqual({ pgpginKib: 7 });
  });

  it('counters by zone are added up, and the throttle counter is none of them', () => {
    const text = 'pgfault 1\npgscan_direct_dma 1\npgscan_direct_normal 20\npgscan_direct_throttle 400\n';
    expect(parsed(vmstat, text)).toEqual({ pgfault: 1, pgscanDirect: 21 });
  });

  it('columns of stat that old kernels lack are 0', () => {
    expect(parsed(stat, 'cpu  1 2 3 4 5 6 7\n').cpu).toEqual({
      user: 1,
      nice: 2,
      system: 3,
      idle: 4,
      iowait: 5,
      irq: 6,
      softirq: 7,
      steal: 0,
      guest: 0,
      guestNice: 0,
    });
  });

  it('a swap file with a blank in its name, deleted', () => {
    expect(parsed(swaps, `${swapTitle}/my\\040swap\\040(deleted)  file  1024 8 -3\n`)).toEqual([
      { name: '/my swap (deleted)', kind: 'file', sizeBytes: 1048576, usedBytes: 8192, priority: -3 },
    ]);
  });

  it('disks that hold nothing of interest are left out, zram is not', () => {
    const columns = '1 0 8 4 0 0 0 0 0 4 4';
    const text = ['loop0', 'ram1', 'sr0', 'fd0', 'sda', 'zram0', 'nvme0n1'].map(
      (name) => ` 1 0 ${name} ${columns}\n`,
    );
    expect(parsed(diskstats, text.join('')).map((disk) => disk.name)).toEqual(['sda', 'zram0', 'nvme0n1']);
  });
});
