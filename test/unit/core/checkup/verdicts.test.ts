import { describe, expect, it } from 'vitest';
import { checkupOf, sectionsOf } from '../../../../src/core/checkup/checkup';
import { checkupText } from '../../../../src/core/checkup/checkupText';
import { thresholds, type Threshold, type ThresholdId } from '../../../../src/core/checkup/thresholds';
import { judge } from '../../../../src/core/checkup/verdict';
import { inputsOf, loadedInputs, withTexts } from './inputs';

describe('a figure is judged by its threshold', () => {
  it.each(Object.entries(thresholds) as [ThresholdId, Threshold][])(
    '%s',
    (id, { look, trouble, low, source }) => {
      const step = low === true ? -0.01 : 0.01;
      expect(source).not.toBe('');
      expect(judge(id, look).sign).toBe('ok');
      expect(judge(id, look + step).sign).toBe('look');
      expect(judge(id, undefined).sign).toBe('ok');
      if (trouble === undefined) return;
      expect(Math.sign(trouble - look)).toBe(Math.sign(step));
      expect(judge(id, trouble).sign).toBe('look');
      expect(judge(id, trouble + step).sign).toBe('trouble');
      expect(judge(id, trouble + step).weight).toBeGreaterThan(judge(id, look + step).weight);
    },
  );
});

const cpu = (user: number, idle: number, iowait: number, steal: number): string => {
  const ticks = `${user} 0 0 ${idle} ${iowait} 0 0 ${steal} 0 0`;
  return `cpu ${ticks}\ncpu0 ${ticks}\nprocs_running 9\nprocs_blocked 4\n`;
};

const memory = (availableKib: number, swapFreeKib: number): string =>
  `MemTotal: 1000000 kB\nMemFree: 1000 kB\nMemAvailable: ${availableKib} kB\nSwapTotal: 1000 kB\nSwapFree: ${swapFreeKib} kB\n`;

const tcp = (sent: number, again: number): string =>
  `Tcp: OutSegs RetransSegs InErrs\nTcp: ${sent} ${again} 0\n`;

const overflows = (count: number): string => `TcpExt: ListenOverflows\nTcpExt: ${count}\n`;

const log = (text: string) => ({ text, fromKernel: true });

describe('a machine in trouble', () => {
  const checkup = checkupOf({
    ...inputsOf(
      {
        'proc/stat': cpu(0, 0, 0, 0),
        'proc/vmstat': 'pgpgin 0\npgfault 0\npswpin 0\npswpout 0\n',
        'proc/diskstats': ' 8 0 sda 0 0 0 0 0 0 0 0 0 0 0\n 8 1 sda1 0 0 0 0 0 0 0 0 0 0 0\n',
        'proc/net/snmp': tcp(0, 0),
        'proc/net/netstat': overflows(0),
      },
      {
        'proc/stat': cpu(300, 0, 400, 300),
        'proc/vmstat': 'pgpgin 0\npgfault 0\npswpin 5000\npswpout 5000\n',
        'proc/loadavg': '9.00 3.00 1.00 9/99 1\n',
        'proc/meminfo': memory(20_000, 10),
        'proc/diskstats':
          ' 8 0 sda 10 0 0 20000 0 0 0 0 0 9990 200000\n 8 1 sda1 10 0 0 20000 0 0 0 0 0 9990 200000\n',
        'proc/net/snmp': tcp(1000, 100),
        'proc/net/netstat': overflows(500),
      },
    ),
    kernelLog: [
      log('usb 1-1: new device'),
      log('Out of memory: Killed process 5 (x)'),
      log('oom-kill: again'),
    ],
  });

  it('has these verdicts', () => {
    const said = sectionsOf(checkup).flatMap(({ id, verdicts }) =>
      verdicts.map(({ sign, subject, text }) =>
        [id, sign, ...(subject === undefined ? [] : [subject]), text].join(' | '),
      ),
    );
    expect(said).toEqual([
      'uptime | trouble | 9.00 tasks on average run or wait for a disk, on 1 processor, rising',
      'dmesg | trouble | the OOM killer has killed',
      'vmstat | trouble | r: at that moment 9 tasks ran or waited for 1 processor, our own reader among them',
      'vmstat | look | b: 4 processes wait for a disk',
      'vmstat | trouble | si + so: 4000 KiB/s go to and from swap: memory is short',
      'vmstat | look | wa: 40 % of the time a processor is idle and a disk is waited for',
      'vmstat | trouble | st: 30 % of the time goes to other guests of the hypervisor',
      'mpstat | trouble | the processors are 60 % busy together',
      'mpstat | trouble | CPU 0 | 30 % stolen by the hypervisor',
      'pidstat | unknown | cannot be judged: what it is computed from is missing',
      'iostat | trouble | 1 disk was used, the busiest was busy 100 % of the time',
      'iostat | trouble | sda | busy 100 % of the time; a request takes 2000 ms on average; 20.0 requests under way on average',
      'free | trouble | 20 MiB are available, 2.0 % of the memory',
      'free | trouble | 99 % of the swap is used',
      'sar-dev | unknown | cannot be judged: what it is computed from is missing',
      'sar-tcp | trouble | retrans/s: 10.0 % of the segments are sent again',
      'sar-tcp | trouble | 50.00 new connections/s are refused because a program does not accept them',
      'top | unknown | cannot be judged: what it is computed from is missing',
    ]);
  });

  it('names the three worst first, one of a section', () => {
    expect(checkup.worst.map(({ section }) => section)).toEqual(['dmesg', 'vmstat', 'iostat']);
    expect(checkupText(checkup).split('\n').slice(6, 12)).toEqual([
      'The worst:',
      '',
      '1. **trouble** the OOM killer has killed (dmesg)',
      '2. **trouble** si + so: 4000 KiB/s go to and from swap: memory is short (vmstat)',
      '3. **trouble** `sda`: busy 100 % of the time; a request takes 2000 ms on average; 20.0 requests under way on average (iostat)',
      '',
    ]);
  });
});

it('a machine at rest is ok, in every section that is known', () => {
  const [start] = loadedInputs().start;
  if (start === undefined) throw new Error('no start');
  const quiet = withTexts(
    {
      start: [start],
      end: [{ ...start, hostUptimeMs: start.hostUptimeMs + 10_000 }],
      endedAtMs: 0,
      pageSizeBytes: 4096,
      kernelLog: [],
    },
    { 'proc/stat': cpu(0, 0, 0, 0) },
    {
      'proc/stat': cpu(10, 990, 0, 0).replace('running 9', 'running 1').replace('blocked 4', 'blocked 0'),
      'proc/loadavg': '0.10 0.10 0.10 1/99 1\n',
    },
  );
  const checkup = checkupOf(quiet);
  expect(checkup.worst).toEqual([]);
  for (const { id, verdicts } of sectionsOf(checkup)) {
    expect(
      verdicts.map(({ sign }) => sign).filter((sign) => sign !== 'ok'),
      id,
    ).toEqual([]);
  }
  expect(checkupText(checkup)).toContain('**ok**: nothing is beyond its limit.');
});

it('one hot processor of four is told', () => {
  const lines = (hot: number, others: number): string =>
    `cpu 0 0 0 0 0 0 0\n${[hot, others, others, others].map((user, index) => `cpu${index} ${user} 0 0 ${1000 - user} 0 0 0\n`).join('')}`;
  const { mpstat } = checkupOf(
    inputsOf({ 'proc/stat': lines(0, 0).replaceAll('1000', '0') }, { 'proc/stat': lines(990, 10) }),
  ).sections;
  expect(mpstat.verdicts[0]).toEqual({
    sign: 'look',
    text: '1 of 4 processors is hot and the others are not: perhaps a program with a single thread',
    weight: 1,
  });
});
