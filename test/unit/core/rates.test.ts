import { describe, expect, it } from 'vitest';
import type { Disk } from '../../../src/core/proc/diskstats';
import type { CpuTicks } from '../../../src/core/proc/stat';
import type { Vmstat } from '../../../src/core/proc/vmstat';
import { ratesBetween } from '../../../src/core/rates';
import type { Sample } from '../../../src/core/sample';

const sample = (at: number, facts: Partial<Sample> = {}): Sample => ({
  at,
  bootId: 'boot',
  seq: at,
  clock: 'asked',
  answerDelayMs: 1,
  problems: {},
  ...facts,
});

const noTicks: CpuTicks = {
  user: 0,
  nice: 0,
  system: 0,
  idle: 0,
  iowait: 0,
  irq: 0,
  softirq: 0,
  steal: 0,
  guest: 0,
  guestNice: 0,
};

const disk = (name: string, busyMs: number): Disk => ({
  name,
  reads: 0,
  readBytes: 0,
  readMs: 0,
  writes: 0,
  writtenBytes: 0,
  writeMs: 0,
  inFlight: 0,
  busyMs,
});

const cpuBetween = (last: Partial<CpuTicks>, now: Partial<CpuTicks>): unknown =>
  ratesBetween(
    sample(1000, { stat: { cpu: { ...noTicks, ...last } } }),
    sample(2000, { stat: { cpu: { ...noTicks, ...now } } }),
    4096,
  )?.cpu;

describe('ratesBetween', () => {
  it('says nothing over a reboot or when the uptime stands still or is unknown', () => {
    expect(ratesBetween(sample(1000), { ...sample(2000), bootId: 'other' }, 4096)).toBeUndefined();
    expect(ratesBetween(sample(1000), sample(1000), 4096)).toBeUndefined();
    expect(ratesBetween(sample(2000), sample(1000), 4096)).toBeUndefined();
    expect(ratesBetween(sample(1000), sample(NaN), 4096)).toBeUndefined();
  });

  it('divides by the time that really passed', () => {
    const rates = ratesBetween(
      sample(1000, { vmstat: { pgpginKib: 100, pgmajfault: 5 } }),
      sample(11_000, { vmstat: { pgpginKib: 1100, pgmajfault: 25 } }),
      4096,
    );
    expect(rates).toMatchObject({ elapsedMs: 10_000, biKibPerSecond: 100, pgmajfaultPerSecond: 2 });
  });

  it('leaves out the counter that went back and keeps the others', () => {
    const rates = ratesBetween(
      sample(1000, { vmstat: { pgpginKib: 500, pgpgoutKib: 10, oomKill: 2 } }),
      sample(2000, { vmstat: { pgpginKib: 400, pgpgoutKib: 30, oomKill: 5 } }),
      4096,
    );
    expect(rates).toMatchObject({ biKibPerSecond: undefined, boKibPerSecond: 20, oomKills: 3 });
    expect(rates?.pgmajfaultPerSecond).toBeUndefined();
  });

  it('counts swapping in pages of the host', () => {
    const last = sample(0, { vmstat: { pswpin: 0, pswpout: 10 } });
    const now = sample(2000, { vmstat: { pswpin: 4, pswpout: 14 } });
    expect(ratesBetween(last, now, 65_536)).toMatchObject({ siKibPerSecond: 128, soKibPerSecond: 128 });
    expect(ratesBetween(last, now, undefined)).toMatchObject({ siKibPerSecond: undefined });
  });

  // The figures that vmstat of procps 4.0.2 printed for these very lines: us 17, sy 17, id 33, wa 7, st 2.
  it('takes guests out of user as vmstat does', () => {
    const last = { user: 100, system: 100, idle: 800 };
    const now = {
      user: 300,
      nice: 50,
      system: 150,
      idle: 1000,
      iowait: 40,
      irq: 30,
      softirq: 20,
      steal: 10,
      guest: 100,
      guestNice: 50,
    };
    expect(cpuBetween(last, now)).toEqual({
      userPercent: 100 / 6,
      systemPercent: 100 / 6,
      idlePercent: 200 / 6,
      iowaitPercent: 40 / 6,
      stealPercent: 10 / 6,
      guestPercent: 25,
    });
  });

  it('bears idle and iowait that go back a little, and nothing else', () => {
    expect(cpuBetween({ idle: 100, iowait: 50 }, { idle: 99, iowait: 49, user: 10 })).toMatchObject({
      userPercent: 100,
      idlePercent: 0,
      iowaitPercent: 0,
    });
    expect(cpuBetween({ system: 10 }, { system: 9, user: 10 })).toBeUndefined();
    expect(cpuBetween({}, {})).toBeUndefined();
  });

  it('gives the share of time stalled, at most 100 %', () => {
    const stall = (totalMicroseconds: number) => ({
      some: { avg10Percent: 0, avg60Percent: 0, avg300Percent: 0, totalMicroseconds },
    });
    const rates = ratesBetween(
      sample(0, { memoryPressure: stall(0), ioPressure: stall(0) }),
      sample(1000, { memoryPressure: stall(250_000), ioPressure: stall(1_010_000) }),
      4096,
    );
    expect(rates).toMatchObject({ memorySomePercent: 25, ioSomePercent: 100 });
    expect(rates?.memoryFullPercent).toBeUndefined();
    expect(rates?.cpuSomePercent).toBeUndefined();
  });

  it('tells partitions from disks by the disk being there', () => {
    const names = [
      'sda',
      'sda1',
      'nvme0n1',
      'nvme0n1p2',
      'xvdb1',
      'dm-0',
      'md127',
      'md127p1',
      'mmcblk0',
      'mmcblk0p1',
    ];
    const disks = names.map((name) => disk(name, 0));
    const rates = ratesBetween(sample(0, { diskstats: disks }), sample(1000, { diskstats: disks }), 4096);
    expect(rates?.disks.filter(({ partition }) => partition).map(({ name }) => name)).toEqual([
      'sda1',
      'nvme0n1p2',
      'md127p1',
      'mmcblk0p1',
    ]);
  });

  it('takes the busiest whole disk, neither zram nor one that has just come', () => {
    const last = [disk('sda', 0), disk('sdb', 100), disk('zram0', 0)];
    const now = [disk('sda', 300), disk('sdb', 150), disk('zram0', 900), disk('sdc', 5000)];
    const rates = ratesBetween(sample(0, { diskstats: last }), sample(1000, { diskstats: now }), 4096);
    expect(rates?.busiestDiskPercent).toBe(30);
    expect(ratesBetween(sample(0), sample(1000), 4096)?.busiestDiskPercent).toBeUndefined();
  });

  const vmstatRates = (last: Vmstat, now: Vmstat, elapsedMs = 1000) =>
    ratesBetween(sample(0, { vmstat: last }), sample(elapsedMs, { vmstat: now }), 4096);
  const diskRates = (last: Partial<Disk>, now: Partial<Disk>, elapsedMs = 1000) => {
    const rates = ratesBetween(
      sample(0, { diskstats: [{ ...disk('sda', 0), ...last }] }),
      sample(elapsedMs, { diskstats: [{ ...disk('sda', 0), ...now }] }),
      4096,
    );
    return { ...rates?.disks[0], refused: rates?.refused };
  };

  it('follows counters of 32 bits over their end', () => {
    expect(diskRates({ busyMs: 2 ** 32 - 300 }, { busyMs: 200 })).toMatchObject({ busyPercent: 50 });
    expect(diskRates({ readBytes: 2 ** 41 - 512 }, { readBytes: 1024 }).readBytesPerSecond).toBe(1536);
    expect(vmstatRates({ pgfault: 2 ** 32 - 1 }, { pgfault: 9 })?.pgfaultPerSecond).toBe(10);
    // The kernel counts sectors there and prints half of them.
    expect(vmstatRates({ pgpginKib: 2 ** 31 - 1 }, { pgpginKib: 9 })?.biKibPerSecond).toBe(10);
  });

  it.each([
    ['it was not near its end', 2 ** 31 + 5, 5],
    ['it holds more than 32 bits', 2 ** 32 + 5, 5],
    ['it is in the upper half still', 2 ** 32 - 5, 2 ** 32 - 6],
    ['it was in the lower half', 2 ** 31 - 1, 5],
  ])('takes a counter that went back for reset where %s, and is right again after it', (_, last, now) => {
    expect(vmstatRates({ pgfault: last }, { pgfault: now })).toMatchObject({
      pgfaultPerSecond: undefined,
      refused: [],
    });
    expect(vmstatRates({ pgfault: now }, { pgfault: now + 3 })?.pgfaultPerSecond).toBe(3);
  });

  it('does not know the rates of a disk that took the name of another', () => {
    const last = { reads: 500, readBytes: 512_000, writes: 5, busyMs: 100 };
    expect(diskRates(last, { reads: 3, readBytes: 600_000, writes: 9, busyMs: 150 })).toMatchObject({
      readBytesPerSecond: undefined,
      writtenBytesPerSecond: undefined,
      busyPercent: undefined,
      refused: [],
    });
    expect(diskRates(last, { ...last, reads: 501, busyMs: 150 }).busyPercent).toBe(5);
  });

  it('refuses a jump that no machine can make, and tells it', () => {
    expect(vmstatRates({ pgfault: 1 }, { pgfault: 10_000_000_002 })).toMatchObject({
      pgfaultPerSecond: undefined,
      refused: ['proc/vmstat pgfault: from 1 to 10000000002 in 1000 ms'],
    });
    expect(vmstatRates({ pgfault: 1 }, { pgfault: 10_000_000_001 })).toMatchObject({
      pgfaultPerSecond: 10_000_000_000,
      refused: [],
    });
    expect(vmstatRates({ pswpin: 0 }, { pswpin: 1e12 / 4096 + 1 })?.refused).toHaveLength(1);
    expect(vmstatRates({ pswpin: 0 }, { pswpin: 1e12 / 4096 })?.siKibPerSecond).toBe(1e12 / 1024);
    expect(vmstatRates({ oomKill: 0 }, { oomKill: 1_000_001 })?.oomKills).toBeUndefined();
    expect(diskRates({ readBytes: 0 }, { readBytes: 1e12 + 512 })).toMatchObject({
      readBytesPerSecond: undefined,
      refused: ['proc/diskstats sda readBytes: from 0 to 1000000000512 in 1000 ms'],
    });
  });

  it('bears a request of minutes that ends, and no more', () => {
    expect(diskRates({ busyMs: 0 }, { busyMs: 601_000 })).toMatchObject({ busyPercent: 100, refused: [] });
    expect(diskRates({ busyMs: 0 }, { busyMs: 601_001 }).busyPercent).toBeUndefined();
    const stall = (totalMicroseconds: number | undefined) => ({
      cpuPressure: {
        some: { avg10Percent: 0, avg60Percent: 0, avg300Percent: 0, totalMicroseconds },
      },
    });
    const stalled = (totalMicroseconds: number | undefined) =>
      ratesBetween(sample(0, stall(0)), sample(1000, stall(totalMicroseconds)), 4096);
    expect(stalled(61_000_000)?.cpuSomePercent).toBe(100);
    expect(stalled(61_000_001)).toMatchObject({
      cpuSomePercent: undefined,
      refused: ['proc/pressure/cpu some: from 0 to 61000.001 in 1000 ms'],
    });
    expect(stalled(undefined)?.cpuSomePercent).toBeUndefined();
  });

  it('refuses more ticks than the processors could spend', () => {
    const between = (user: number, processors?: number) =>
      ratesBetween(
        sample(0, { stat: { cpu: noTicks } }),
        sample(1000, { stat: { cpu: { ...noTicks, user } } }),
        4096,
        processors,
      );
    expect(between(4096, 2)?.cpu?.userPercent).toBe(100);
    expect(between(4097, 2)).toMatchObject({
      cpu: undefined,
      refused: ['proc/stat cpu: from 0 to 4097 in 1000 ms'],
    });
    expect(between(4097)?.cpu?.userPercent).toBe(100);
    expect(between(2 ** 50)?.refused).toHaveLength(1);
  });

  it('takes waiting that went far back for a reset, and not what went from iowait to idle', () => {
    expect(cpuBetween({ idle: 10_000_000 }, { user: 10 })).toBeUndefined();
    expect(cpuBetween({ idle: 100, iowait: 90_000_000 }, { idle: 90_000_100, user: 10 })).toMatchObject({
      iowaitPercent: 0,
    });
  });

  it('says nothing of processors that one of the samples lacks', () => {
    const rates = ratesBetween(
      sample(0, { stat: { ctxt: 1 } }),
      sample(1000, { stat: { cpu: noTicks, ctxt: 3 } }),
      4096,
    );
    expect(rates).toMatchObject({ cpu: undefined, ctxtPerSecond: 2, refused: [] });
  });
});
