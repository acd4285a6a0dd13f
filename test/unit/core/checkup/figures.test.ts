import { describe, expect, it } from 'vitest';
import { checkupOf } from '../../../../src/core/checkup/checkup';
import { upText } from '../../../../src/core/checkup/clock';
import { inputsOf } from './inputs';

const titles = 'Inter-| x\n face |bytes x\n';

const traffic = (rxBytes: number, txBytes: number): string =>
  ['eth0', 'half', 'slow']
    .map((name) => `${name}: ${rxBytes} 0 0 0 0 0 0 0 ${txBytes} 0 0 0 0 0 0 0\n`)
    .join('');

describe('figures that no test machine has', () => {
  it('guests: each tool takes them in its own way', () => {
    const ticks = (line: string): string => `cpu ${line}\ncpu0 ${line}\n`;
    const { mpstat, vmstat, iostat, top } = checkupOf(
      inputsOf(
        { 'proc/stat': ticks('0 0 0 0 0 0 0 0 0 0') },
        // 500 of user are 400 of guests, 100 of nice are 50.
        { 'proc/stat': ticks('500 100 200 100 40 30 20 10 400 50') },
      ),
    ).sections;
    const shares = {
      '%usr': 10,
      '%nice': 5,
      '%sys': 20,
      '%iowait': 4,
      '%irq': 3,
      '%soft': 2,
      '%steal': 1,
      '%guest': 40,
      '%gnice': 5,
      '%idle': 10,
    };
    expect(mpstat.figures).toEqual([
      { CPU: 'all', ...shares },
      { CPU: 0, ...shares },
    ]);
    expect(vmstat.figures).toMatchObject({ us: 15, sy: 25, id: 10, wa: 4, st: 1, gu: 45 });
    expect(iostat.figures?.average).toEqual({
      '%user': 50,
      '%nice': 10,
      '%system': 25,
      '%iowait': 4,
      '%steal': 1,
      '%idle': 10,
    });
    expect(top.figures).toBeUndefined(); // no process
    expect(top.lines[2]).toBe(
      '%Cpu(s): 34.5 us, 13.8 sy,  6.9 ni,  6.9 id,  2.8 wa,  2.1 hi,  1.4 si,  0.7 st',
    );
  });

  it('a processor that slept without ticks was idle', () => {
    const { mpstat } = checkupOf(
      inputsOf(
        { 'proc/stat': 'cpu 1 0 0 9 0 0 0\ncpu0 1 0 0 9 0 0 0\n' },
        { 'proc/stat': 'cpu 1 0 0 9 0 0 0\ncpu0 1 0 0 9 0 0 0\n' },
      ),
    ).sections;
    expect(mpstat.figures?.[1]).toMatchObject({ CPU: 0, '%usr': 0, '%idle': 100 });
  });

  it('the use of a link: the busier way of full duplex, both of half, none without a speed', () => {
    const { sarDev } = checkupOf(
      inputsOf(
        { 'proc/net/dev': titles + traffic(0, 0) },
        {
          'proc/net/dev': titles + traffic(125_000_000, 62_500_000),
          'sys/class/net/eth0/speed': '1000\n',
          'sys/class/net/eth0/duplex': 'full\n',
          'sys/class/net/half/speed': '100\n',
          'sys/class/net/half/duplex': 'half\n',
          'sys/class/net/slow/speed': '-1\n',
        },
      ),
    ).sections;
    expect(sarDev.figures?.map((row) => [row.IFACE, row['%ifutil']])).toEqual([
      ['eth0', 10],
      ['half', 150],
      ['slow', undefined],
    ]);
    expect(sarDev.lines[1]).toContain('  12207.03   6103.52      0.00      0.00      0.00     10.00');
  });

  it('swapping, and counters of a 32-bit kernel that went on from 0', () => {
    const text = (pgpgin: number, pswpin: number): string =>
      `pgpgin ${pgpgin}\npgpgout 0\npswpin ${pswpin}\npswpout 0\npgfault 0\n`;
    const { vmstat } = checkupOf(
      inputsOf({ 'proc/vmstat': text(2 ** 31 - 500, 100) }, { 'proc/vmstat': text(500, 350) }),
    ).sections;
    expect(vmstat.figures).toMatchObject({ bi: 100, bo: 0, si: 100, so: 0 });
  });

  it('a request in each column of a disk', () => {
    const disk = (numbers: string): Record<string, string> => ({ 'proc/diskstats': ` 8 0 sda ${numbers}\n` });
    const { iostat } = checkupOf(
      inputsOf(
        disk('0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'),
        disk('100 300 1600 250 200 50 8000 900 3 2500 5000 10 30 4000 5 20 60'),
      ),
    ).sections;
    expect(iostat.figures?.devices).toEqual([
      {
        Device: 'sda',
        'r/s': 10,
        'rkB/s': 80,
        'rrqm/s': 30,
        '%rrqm': 75,
        r_await: 2.5,
        'rareq-sz': 8,
        'w/s': 20,
        'wkB/s': 400,
        'wrqm/s': 5,
        '%wrqm': 20,
        w_await: 4.5,
        'wareq-sz': 20,
        'd/s': 1,
        'dkB/s': 200,
        'drqm/s': 3,
        '%drqm': 75,
        d_await: 0.5,
        'dareq-sz': 200,
        'f/s': 2,
        f_await: 3,
        'aqu-sz': 0.5,
        '%util': 25,
      },
    ]);
  });
});

/** A process that used 10 s of user and 2 s of system time, of which 4 s were a guest; 8 s it waited for a processor. */
function processTexts(utime: number, more: string): Record<string, string> {
  return {
    'proc/77/stat': `77 (kvm) R 1 0 0 0 -1 0 0 0 0 0 ${utime} 200 0 0 ${more}\n`,
    'proc/77/status':
      'Name:\tkvm\nUid:\t1000\t1001\t0\t0\nVmRSS:\t3145728 kB\nRssAnon:\t3000000 kB\nRssFile:\t1024 kB\nRssShmem:\t1024 kB\n',
  };
}

const rest = '0 0 0 0 0 0 0 0 0 0 0 0';

describe('processes', () => {
  const { pidstat, top } = checkupOf({
    ...inputsOf(
      {
        ...processTexts(0, `-100 0 9 0 5 0 9 0 ${rest} 17 3 50 0 0 0`),
        'proc/77/schedstat': '0 1000000000 5\n',
      },
      {
        ...processTexts(1000, `-100 0 9 0 5 20000000000000 9 0 ${rest} 17 3 50 0 0 400`),
        'proc/77/schedstat': '0 9000000000 5\n',
        'proc/meminfo': 'MemTotal: 6291456 kB\nMemFree: 1 kB\n',
      },
    ),
    userNames: new Map([[1001, 'virtualisation']]),
  }).sections;

  it('pidstat takes guests out of %usr, and the real user', () => {
    expect(pidstat.figures).toEqual([
      {
        UID: 1000,
        PID: 77,
        '%usr': 60,
        '%system': 0,
        '%guest': 40,
        '%wait': 80,
        '%CPU': 100,
        CPU: 3,
        Command: 'kvm',
      },
    ]);
  });

  it('top scales what does not fit, and takes the effective user', () => {
    expect(top.lines.at(-1)).toBe(
      '     77 virtual+  rt   0   18.2t   3.0g   2048 R 100.0  50.0   0:12.00 kvm',
    );
  });
});

describe('times', () => {
  it.each([
    [59_999, 'up 0 min'],
    [12 * 60_000, 'up 12 min'],
    [(6 * 60 + 34) * 60_000, 'up  6:34'],
    [(24 * 60 + 5) * 60_000, 'up 1 day, 5 min'],
    [(3 * 24 * 60 + 13 * 60 + 7) * 60_000, 'up 3 days, 13:07'],
  ])('%i ms: %s', (ms, text) => {
    expect(upText(ms)).toBe(text);
  });

  it.each([
    [360 * 60 * 100 + 5999, '360:59.99'],
    [361 * 60 * 100, '6,01'],
    [(96 * 60 + 59) * 60 * 100, '96,59'],
    [97 * 60 * 60 * 100, '4d+1h'],
    [15 * 24 * 60 * 60 * 100, '2w+1d'],
  ])('%i ticks are TIME+ %s', (ticks, text) => {
    const { top } = checkupOf(
      inputsOf({}, processTexts(ticks - 200, `20 0 1 0 5 0 0 0 ${rest} 17 3 50 0 0 0`)),
    ).sections;
    expect(top.lines.at(-1)?.trim().split(/\s+/)[10]).toBe(text);
  });
});
