import { describe, expect, it } from 'vitest';
import { diskstats } from '../../../../src/core/proc/diskstats';
import { loadavg } from '../../../../src/core/proc/loadavg';
import { meminfo } from '../../../../src/core/proc/meminfo';
import { memoryPressure } from '../../../../src/core/proc/pressure';
import { ParseError, type Source } from '../../../../src/core/proc/source';
import { stat } from '../../../../src/core/proc/stat';
import { swaps } from '../../../../src/core/proc/swaps';
import { vmstat } from '../../../../src/core/proc/vmstat';
import { zoneinfo } from '../../../../src/core/proc/zoneinfo';

const needed = 'MemTotal: 100 kB\nMemFree: 50 kB\n';
const swapTitle = 'Filename\tType\tSize\tUsed\tPriority\n';

const malformed: [string, Source<unknown>, string, number][] = [
  ['an empty meminfo', meminfo, '', 0],
  ['a meminfo cut before MemFree', meminfo, 'MemTotal: 100 kB\n', 0],
  ['a size that fell below zero', meminfo, `${needed}SwapFree: 18446744073709551360 kB\n`, 3],
  ['a negative size', meminfo, `${needed}SwapFree: -256 kB\n`, 3],
  ['a size beyond 2^53 bytes', meminfo, `${needed}Cached: 9007199254740991 kB\n`, 3],
  ['a size in hexadecimal', meminfo, `${needed}Cached: 0x10 kB\n`, 3],
  ['a size in other units', meminfo, `${needed}Cached: 12 MB\n`, 3],
  ['a size without its unit', meminfo, `${needed}Cached: 12\n`, 3],
  ['a known line without a number', meminfo, `${needed}Cached:\n`, 3],
  ['a known line without a colon', meminfo, 'MemTotal 100 kB\nMemFree: 50 kB\n', 0],
  ['a count with a unit', meminfo, `${needed}HugePages_Total: 1 kB\n`, 3],
  ['a web page for vmstat', vmstat, '<html>\n<body>\n', 0],
  ['a counter that is no number', vmstat, 'pgpgin 1\npgfault many\n', 2],
  ['a counter beyond 2^53', vmstat, 'pgpgin 18446744073709551615\n', 1],
  ['a counter without a value', vmstat, 'pgpgin\n', 1],
  ['a stat without cpu', stat, 'ctxt 1\nbtime 2\n', 0],
  ['too few processor columns', stat, 'cpu 1 2 3\n', 1],
  ['a processor column that is no number', stat, 'cpu 1 2 3 4 5 6 x 8 9 10\n', 1],
  ['an empty loadavg', loadavg, '\n', 0],
  ['a loadavg without tasks', loadavg, '0.1 0.2 0.3\n', 1],
  ['a load that is no number', loadavg, '0.1 nan 0.3 1/2 3\n', 1],
  ['a pressure without some', memoryPressure, 'full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n', 0],
  ['a pressure without total', memoryPressure, 'some avg10=0.00 avg60=0.00 avg300=0.00\n', 1],
  ['a pressure with a negative average', memoryPressure, 'some avg10=-1 avg60=0 avg300=0 total=0\n', 1],
  ['a disk line cut short', diskstats, '8 0 sda 1 2 3 4\n', 1],
  ['a disk column that is no number', diskstats, '8 0 sda 1 2 3 4 5 6 7 8 9 - 11\n', 1],
  ['a zoneinfo without zones', zoneinfo, 'nothing\n', 0],
  ['a zone without a name', zoneinfo, 'Node 0\n', 1],
  ['a watermark that is no number', zoneinfo, 'Node 0, zone DMA\n  high x\n', 2],
  ['a protection without a list', zoneinfo, 'Node 0, zone DMA\n  protection: 1 2\n', 2],
  ['swaps without their title', swaps, '/dev/sda2 partition 1 2 -2\n', 0],
  ['a swap of no kind', swaps, `${swapTitle}/dev/sda2 other 1 2 -2\n`, 2],
  ['a swap without a size', swaps, `${swapTitle}/dev/sda2 partition x 2 -2\n`, 2],
];

describe('a malformed text is a ParseError that names source and line', () => {
  it.each(malformed)('%s', (_, source, text, line) => {
    let error: unknown;
    try {
      source.parse(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ source: source.path, line });
  });
});

describe('what a kernel may say otherwise', () => {
  it('unknown lines are ignored, whatever is in them', () => {
    expect(meminfo.parse(`${needed}NewThing: -1 pages\nGarbage\n`)).toEqual({
      memTotalBytes: 102400,
      memFreeBytes: 51200,
    });
    expect(vmstat.parse('pgpgin 7\nnr_new -3\n')).toEqual({ pgpginKib: 7 });
  });

  it('counters by zone are added up, and the throttle counter is none of them', () => {
    const text = 'pgfault 1\npgscan_direct_dma 1\npgscan_direct_normal 20\npgscan_direct_throttle 400\n';
    expect(vmstat.parse(text)).toEqual({ pgfault: 1, pgscanDirect: 21 });
  });

  it('columns of stat that old kernels lack are 0', () => {
    expect(stat.parse('cpu  1 2 3 4 5 6 7\n').cpu).toEqual({
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
    expect(swaps.parse(`${swapTitle}/my\\040swap\\040(deleted)  file  1024 8 -3\n`)).toEqual([
      { name: '/my swap (deleted)', kind: 'file', sizeBytes: 1048576, usedBytes: 8192, priority: -3 },
    ]);
  });

  it('disks that hold nothing of interest are left out, zram is not', () => {
    const columns = '1 0 8 4 0 0 0 0 0 4 4';
    const text = ['loop0', 'ram1', 'sr0', 'fd0', 'sda', 'zram0', 'nvme0n1'].map(
      (name) => ` 1 0 ${name} ${columns}\n`,
    );
    expect(diskstats.parse(text.join('')).map((disk) => disk.name)).toEqual(['sda', 'zram0', 'nvme0n1']);
  });
});
