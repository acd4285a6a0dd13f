import { describe, expect, it } from 'vitest';
import { diskCounters } from '../../../../src/core/proc/diskCounters';
import { netDev } from '../../../../src/core/proc/netDev';
import { linkDuplex, linkSpeed } from '../../../../src/core/proc/netLink';
import { netNetstat } from '../../../../src/core/proc/netNetstat';
import { netSnmp } from '../../../../src/core/proc/netSnmp';
import { isPartition } from '../../../../src/core/proc/partition';
import { processorStat } from '../../../../src/core/proc/processorStat';
import { processSchedstat } from '../../../../src/core/proc/processSchedstat';
import { ParseError, type Source } from '../../../../src/core/proc/source';
import { uptime } from '../../../../src/core/proc/uptime';

function read<T>(source: Source<T>, text: string): { value: T; refused: string[] } {
  const refused: string[] = [];
  const value = source.parse(text, ({ number }, reason) => refused.push(`${number}: ${reason}`));
  return { value, refused };
}

const netTitles = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

const eth0 = {
  name: 'eth0',
  rxBytes: 3134163035,
  rxPackets: 95294,
  rxErrors: 1,
  rxDropped: 2,
  rxFifo: 3,
  rxFrame: 4,
  rxCompressed: 5,
  rxMulticast: 6,
  txBytes: 10302891,
  txPackets: 69292,
  txErrors: 7,
  txDropped: 8,
  txFifo: 9,
  txCollisions: 10,
  txCarrier: 11,
  txCompressed: 12,
};

const eth0Numbers =
  '3134163035   95294    1    2    3     4          5         6 10302891   69292    7    8    9    10      11         12';

const ticks = {
  user: 1,
  nice: 2,
  system: 3,
  idle: 4,
  iowait: 5,
  irq: 6,
  softirq: 7,
  steal: 8,
  guest: 9,
  guestNice: 10,
};

const sda = {
  name: 'sda',
  reads: 1,
  readsMerged: 2,
  readBytes: 3 * 512,
  readMs: 4,
  writes: 5,
  writesMerged: 6,
  writtenBytes: 7 * 512,
  writeMs: 8,
  inFlight: 9,
  busyMs: 10,
  queueMs: 11,
  discards: undefined,
  discardsMerged: undefined,
  discardedBytes: undefined,
  discardMs: undefined,
  flushes: undefined,
  flushMs: undefined,
};

describe('files that a checkup reads', () => {
  it.each<[string, Source<unknown>, string, unknown]>([
    ['uptime', uptime, '23669.62 26382.86\n', { uptimeMs: 23_669_620, idleMs: 26_382_860 }],
    [
      'the processors of stat, of which one is offline',
      processorStat,
      'cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu2 1 2 3 4 5 6 7\nintr 500 1 0 0\nctxt 7\nprocs_running 2\n',
      {
        cpu: ticks,
        ctxt: 7,
        procsRunning: 2,
        intr: 500,
        processors: [
          { number: 0, ticks },
          { number: 2, ticks: { ...ticks, steal: 0, guest: 0, guestNice: 0 } },
        ],
      },
    ],
    ['14 columns of diskstats', diskCounters, ' 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n', [sda]],
    [
      '18 columns (4.18) of a loop device',
      diskCounters,
      ' 7 0 loop0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n',
      [{ ...sda, name: 'loop0', discards: 12, discardsMerged: 13, discardedBytes: 14 * 512, discardMs: 15 }],
    ],
    [
      '20 columns (5.5)',
      diskCounters,
      ' 8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n',
      [
        {
          ...sda,
          discards: 12,
          discardsMerged: 13,
          discardedBytes: 14 * 512,
          discardMs: 15,
          flushes: 16,
          flushMs: 17,
        },
      ],
    ],
    ['no disk at all', diskCounters, '', []],
    ['an interface', netDev, `${netTitles}  eth0: ${eth0Numbers}\n`, [eth0]],
    ['an old kernel, without a blank after the colon', netDev, `${netTitles}  eth0:${eth0Numbers}\n`, [eth0]],
    ['an alias', netDev, `${netTitles}eth0:1: ${eth0Numbers}\n`, [{ ...eth0, name: 'eth0:1' }]],
    ['no interface', netDev, netTitles, []],
    [
      'snmp',
      netSnmp,
      'Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm MaxConn ActiveOpens InSegs RetransSegs __proto__\nTcp: 1 -1 2046 5 6 7\nUdp: InSegs\nUdp: 9\n',
      { activeOpens: 2046, inSegs: 5, retransSegs: 6 },
    ],
    [
      'netstat',
      netNetstat,
      'TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeouts\nTcpExt: 1 2 3 4\nIpExt: InOctets\nIpExt: 5\n',
      { listenOverflows: 2, listenDrops: 3, tcpTimeouts: 4 },
    ],
    ['the speed of a link', linkSpeed, '1000\n', { megabitsPerSecond: 1000 }],
    ['a driver that does not know', linkSpeed, '-1\n', { megabitsPerSecond: undefined }],
    ['the same in an old kernel', linkSpeed, '65535\n', { megabitsPerSecond: undefined }],
    ['duplex', linkDuplex, 'full\n', 'full'],
    [
      'schedstat',
      processSchedstat,
      '195362283 73708772 1014\n',
      { runNs: 195_362_283, runDelayNs: 73_708_772 },
    ],
  ])('%s', (_, source, text, value) => {
    expect(read(source, text)).toEqual({ value, refused: [] });
  });

  it.each<[string, Source<unknown>, string, unknown, string]>([
    ['a negative uptime', uptime, '-5 1\n', { uptimeMs: undefined, idleMs: 1000 }, '1: not a number: -5'],
    [
      'a processor that cannot be',
      processorStat,
      'cpu 1 2 3 4 5 6 7 8 9 10\ncpu9999 1 2 3 4 5 6 7\n',
      { cpu: ticks, processors: [] },
      '2: out of range: 9999',
    ],
    [
      'a processor with a number below zero',
      processorStat,
      'cpu 1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 -4 5 6 7\n',
      { cpu: ticks, processors: [{ number: 0, ticks: undefined }] },
      '2: not a number: -4',
    ],
    [
      'requests under way below zero',
      diskCounters,
      ' 8 0 sda 1 2 3 4 5 6 7 8 4294967295 10 11\n',
      [{ ...sda, inFlight: undefined }],
      '1: out of range: 4294967295',
    ],
    [
      'a line that is cut',
      netDev,
      `${netTitles}  eth0: 1 2 3\n  eth0: ${eth0Numbers}\n`,
      [eth0],
      '3: a name and 16 numbers expected',
    ],
    [
      'fewer numbers than titles',
      netSnmp,
      'Tcp: InSegs OutSegs\nTcp: 1\n',
      { inSegs: 1 },
      '2: a number is missing',
    ],
    ['a speed in words', linkSpeed, 'fast\n', { megabitsPerSecond: undefined }, '1: not a speed'],
    [
      'no run delay',
      processSchedstat,
      '1 -2 3\n',
      { runNs: 1, runDelayNs: undefined },
      '1: not a number: -2',
    ],
  ])('%s is refused alone', (_, source, text, value, refused) => {
    expect(read(source, text)).toEqual({ value, refused: [refused] });
  });

  it.each<[string, Source<unknown>, string]>([
    ['an empty uptime', uptime, ''],
    ['a stat without the line cpu', processorStat, 'cpu0 1 2 3 4 5 6 7\nintr 5\n'],
    ['a sentence for diskstats', diskCounters, 'Permission denied\n'],
    ['a web page for net/dev', netDev, '<html>\n<body>\n'],
    ['an snmp without TCP', netSnmp, 'Ip: Forwarding\nIp: 1\n'],
    ['an snmp cut after its titles', netSnmp, 'Tcp: InSegs\n'],
    ['an empty netstat', netNetstat, ''],
    ['an empty speed', linkSpeed, '\n'],
    ['a duplex that is none', linkDuplex, 'both\n'],
    ['two numbers of schedstat', processSchedstat, '1 2\n'],
  ])('%s is not this file', (_, source, text) => {
    expect(() => read(source, text)).toThrow(ParseError);
  });

  it.each([
    ['sda1', true],
    ['nvme0n1p2', true],
    ['sda', false],
    ['xvda1', false],
    ['nvme0n1', false],
  ])('%s: a partition of a disk of the list: %s', (name, expected) => {
    expect(isPartition(name, new Set(['sda', 'sda1', 'nvme0n1', 'nvme0n1p2', 'xvda1']))).toBe(expected);
  });
});
