import { Differences, wentBack } from './counters';
import type { Disk } from './proc/diskstats';
import { isPartition } from './proc/partition';
import type { Stall } from './proc/pressure';
import { mostProcessors, ticksOf, type CpuTicks } from './proc/stat';
import type { Vmstat } from './proc/vmstat';
import type { Sample } from './sample';

/** Beyond what any bus carries: a device of the fastest kind moves 6 × 10^10 bytes a second. */
const mostBytesPerSecond = 1e12;

/** Page faults, pages looked at, context switches: 10^7 a second on each of a thousand processors. */
const mostEventsPerSecond = 1e10;

/** To take a process apart takes longer than a microsecond. */
const mostKillsPerSecond = 1e6;

/** `USER_HZ` is 100, and 1024 on alpha; no processor spends more ticks. */
const mostTicksPerSecond = 1024;

/** The uptime and the files of one sample may be read so far apart on a host that stands still again and again. */
const mostReadingApartMs = 60_000;

/** Kernels before 5.7 count all of a request's time when it ends; a disk's time-outs and retries last minutes. */
const longestRequestMs = 10 * 60_000;

const pathsOfPressure = {
  cpuPressure: 'proc/pressure/cpu',
  memoryPressure: 'proc/pressure/memory',
  ioPressure: 'proc/pressure/io',
} as const;

/** 32-bit kernels: counters are `unsigned long`. */
const wrapsAt32Bits = 2 ** 32;

/** The same where the kernel counts sectors of 512 bytes and prints KiB (pgpgin, pgpgout), and where bytes are made of them. */
const wrapsAtKib = wrapsAt32Bits / 2;
const wrapsAtSectorBytes = wrapsAt32Bits * 512;

/**
 * Shares of the time of all processors, as vmstat of procps 4 computes them before it rounds; with `guest` they add up
 * to 100. User is user + nice without guests, system is system + irq + softirq.
 */
export interface CpuShares {
  readonly userPercent: number;
  readonly systemPercent: number;
  readonly idlePercent: number;
  readonly iowaitPercent: number;
  readonly stealPercent: number;
  /** Running virtual machines. vmstat up to 4.0.2 leaves it out of `us` and does not show it; later ones call it `gu`. */
  readonly guestPercent: number;
}

export interface DiskRates {
  readonly name: string;
  /** A part of another disk of the list, so it is left out of sums. */
  readonly partition: boolean;
  readonly readBytesPerSecond: number | undefined;
  readonly writtenBytesPerSecond: number | undefined;
  /** Share of the time in which at least one request was under way. */
  readonly busyPercent: number | undefined;
}

/**
 * What follows from two samples of one boot. A rate is undefined where a sample lacks the counter, where the counter went
 * back and has not wrapped, and where it went further than any machine could make it. Counts of pages and events are per
 * second.
 */
export interface Rates {
  readonly elapsedMs: number;
  readonly biKibPerSecond: number | undefined;
  readonly boKibPerSecond: number | undefined;
  readonly siKibPerSecond: number | undefined;
  readonly soKibPerSecond: number | undefined;
  readonly pgfaultPerSecond: number | undefined;
  readonly pgmajfaultPerSecond: number | undefined;
  readonly refaultFilePerSecond: number | undefined;
  readonly refaultAnonPerSecond: number | undefined;
  readonly activateFilePerSecond: number | undefined;
  readonly activateAnonPerSecond: number | undefined;
  readonly restoreFilePerSecond: number | undefined;
  readonly restoreAnonPerSecond: number | undefined;
  readonly pgscanDirectPerSecond: number | undefined;
  readonly pgscanKswapdPerSecond: number | undefined;
  readonly pgstealDirectPerSecond: number | undefined;
  readonly pgstealKswapdPerSecond: number | undefined;
  readonly allocstallPerSecond: number | undefined;
  /** Between the two samples, not per second. */
  readonly oomKills: number | undefined;
  readonly ctxtPerSecond: number | undefined;
  /** Processes and threads created. */
  readonly processesPerSecond: number | undefined;
  readonly cpu: CpuShares | undefined;
  readonly cpuSomePercent: number | undefined;
  readonly memorySomePercent: number | undefined;
  readonly memoryFullPercent: number | undefined;
  readonly ioSomePercent: number | undefined;
  readonly ioFullPercent: number | undefined;
  readonly disks: readonly DiskRates[];
  /** `busyPercent` of the busiest whole disk. zram, which is memory, does not count. */
  readonly busiestDiskPercent: number | undefined;
  /** Counters that went further than they can, with their values, for a log or a tooltip. */
  readonly refused: readonly string[];
}

/**
 * @param pageSizeBytes undefined: no si and so.
 * @param processors how many were online, to know how many ticks they could spend.
 * @returns undefined over a reboot, and where the host's uptime has not advanced.
 */
export function ratesBetween(
  last: Sample,
  now: Sample,
  pageSizeBytes: number | undefined,
  processors = mostProcessors,
): Rates | undefined {
  const elapsedMs = now.at - last.at;
  if (last.bootId !== now.bootId || !(elapsedMs > 0 && Number.isFinite(elapsedMs))) return undefined;
  const seconds = elapsedMs / 1000;
  const differences = new Differences(elapsedMs);

  const vm = (
    field: keyof Vmstat,
    mostPerSecond = mostEventsPerSecond,
    wrapsAt = wrapsAt32Bits,
  ): number | undefined =>
    differences.between(`proc/vmstat ${field}`, last.vmstat?.[field], now.vmstat?.[field], {
      most: mostPerSecond * seconds,
      wrapsAt,
    });
  const perSecond = (difference: number | undefined, unit = 1): number | undefined =>
    difference === undefined ? undefined : (difference * unit * 1000) / elapsedMs;
  // The moments at which the files were read differ a little from those of the uptime: a share may come out at 101 %.
  const percent = (differenceMs: number | undefined): number | undefined =>
    differenceMs === undefined ? undefined : Math.min(100, (differenceMs * 100) / elapsedMs);

  const kib = (field: 'pgpginKib' | 'pgpgoutKib'): number | undefined =>
    perSecond(vm(field, mostBytesPerSecond / 1024, wrapsAtKib));
  const swapped = (field: 'pswpin' | 'pswpout'): number | undefined => {
    if (pageSizeBytes === undefined) return undefined;
    return perSecond(vm(field, mostBytesPerSecond / pageSizeBytes), pageSizeBytes / 1024);
  };
  const stalled = (id: keyof typeof pathsOfPressure, kind: 'some' | 'full'): number | undefined =>
    percent(
      differences.between(
        `${pathsOfPressure[id]} ${kind}`,
        millisecondsOf(last[id]?.[kind]),
        millisecondsOf(now[id]?.[kind]),
        {
          most: elapsedMs + mostReadingApartMs,
        },
      ),
    );
  const events = (field: 'ctxt' | 'processes', wrapsAt?: number): number | undefined =>
    perSecond(
      differences.between(`proc/stat ${field}`, last.stat?.[field], now.stat?.[field], {
        most: mostEventsPerSecond * seconds,
        ...(wrapsAt !== undefined && { wrapsAt }),
      }),
    );

  const disksBefore = new Map((last.diskstats ?? []).map((disk) => [disk.name, disk]));
  const names = new Set((now.diskstats ?? []).map((disk) => disk.name));
  const disks = (now.diskstats ?? []).map((disk): DiskRates => {
    const sameName = disksBefore.get(disk.name);
    const before = sameName && isAnother(sameName, disk) ? undefined : sameName;
    const bytes = (field: 'readBytes' | 'writtenBytes'): number | undefined =>
      perSecond(
        differences.between(`proc/diskstats ${disk.name} ${field}`, before?.[field], disk[field], {
          most: mostBytesPerSecond * seconds,
          wrapsAt: wrapsAtSectorBytes,
        }),
      );
    return {
      name: disk.name,
      partition: isPartition(disk.name, names),
      readBytesPerSecond: bytes('readBytes'),
      writtenBytesPerSecond: bytes('writtenBytes'),
      busyPercent: percent(
        differences.between(`proc/diskstats ${disk.name} busyMs`, before?.busyMs, disk.busyMs, {
          most: elapsedMs + longestRequestMs,
          wrapsAt: wrapsAt32Bits,
        }),
      ),
    };
  });

  return {
    elapsedMs,
    biKibPerSecond: kib('pgpginKib'),
    boKibPerSecond: kib('pgpgoutKib'),
    siKibPerSecond: swapped('pswpin'),
    soKibPerSecond: swapped('pswpout'),
    pgfaultPerSecond: perSecond(vm('pgfault')),
    pgmajfaultPerSecond: perSecond(vm('pgmajfault')),
    refaultFilePerSecond: perSecond(vm('workingsetRefaultFile')),
    refaultAnonPerSecond: perSecond(vm('workingsetRefaultAnon')),
    activateFilePerSecond: perSecond(vm('workingsetActivateFile')),
    activateAnonPerSecond: perSecond(vm('workingsetActivateAnon')),
    restoreFilePerSecond: perSecond(vm('workingsetRestoreFile')),
    restoreAnonPerSecond: perSecond(vm('workingsetRestoreAnon')),
    pgscanDirectPerSecond: perSecond(vm('pgscanDirect')),
    pgscanKswapdPerSecond: perSecond(vm('pgscanKswapd')),
    pgstealDirectPerSecond: perSecond(vm('pgstealDirect')),
    pgstealKswapdPerSecond: perSecond(vm('pgstealKswapd')),
    allocstallPerSecond: perSecond(vm('allocstall')),
    oomKills: vm('oomKill', mostKillsPerSecond),
    ctxtPerSecond: events('ctxt'),
    processesPerSecond: events('processes', wrapsAt32Bits),
    cpu: cpuSharesBetween(
      last.stat?.cpu,
      now.stat?.cpu,
      { most: (seconds + 1) * processors * mostTicksPerSecond, back: 100 * processors },
      differences,
    ),
    cpuSomePercent: stalled('cpuPressure', 'some'),
    memorySomePercent: stalled('memoryPressure', 'some'),
    memoryFullPercent: stalled('memoryPressure', 'full'),
    ioSomePercent: stalled('ioPressure', 'some'),
    ioFullPercent: stalled('ioPressure', 'full'),
    disks,
    busiestDiskPercent: greatestOf(
      disks
        .filter((disk) => !disk.partition && !disk.name.startsWith('zram'))
        .map((disk) => disk.busyPercent),
    ),
    refused: differences.refused,
  };
}

function millisecondsOf(stall: Stall | undefined): number | undefined {
  const { totalMicroseconds } = stall ?? {};
  return totalMicroseconds === undefined ? undefined : totalMicroseconds / 1000;
}

/** True where a disk has gone and another has its name: what it has read and written in all went back. */
function isAnother(last: Disk, now: Disk): boolean {
  const { reads, writes, readBytes, writtenBytes } = last;
  return [
    [reads, now.reads, wrapsAt32Bits] as const,
    [writes, now.writes, wrapsAt32Bits] as const,
    [readBytes, now.readBytes, wrapsAtSectorBytes] as const,
    [writtenBytes, now.writtenBytes, wrapsAtSectorBytes] as const,
  ].some(
    ([before, after, wrapsAt]) =>
      before !== undefined && after !== undefined && wentBack(before, after, wrapsAt),
  );
}

function greatestOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * @param ticks the most that could be spent, and by how much waiting may have gone back.
 * @param differences is told where more was spent.
 */
function cpuSharesBetween(
  last: CpuTicks | undefined,
  now: CpuTicks | undefined,
  ticks: { readonly most: number; readonly back: number },
  differences: Differences,
): CpuShares | undefined {
  if (last === undefined || now === undefined) return undefined;
  const spent = (field: keyof CpuTicks): number => now[field] - last[field];
  const guest = spent('guest') + spent('guestNice');
  const user = spent('user') + spent('nice');
  const system = spent('system') + spent('irq') + spent('softirq');
  const steal = spent('steal');
  // The kernel lets these two go back when a processor goes offline or wakes, iowait by as much as idle goes on
  // (Documentation/filesystems/proc.rst).
  const waited = spent('idle') + spent('iowait');
  const idle = Math.max(0, spent('idle'));
  const iowait = Math.max(0, spent('iowait'));
  const total = user + system + idle + iowait + steal;
  if (Math.min(guest, user, system, steal) < 0 || waited < -ticks.back || total === 0) return undefined;
  if (user + system + waited + steal > ticks.most) {
    differences.refuse('proc/stat cpu', ticksOf(last), ticksOf(now));
    return undefined;
  }
  return {
    // `guest` is counted at another moment than `user`, so the difference may fall below 0 for an instant.
    userPercent: (Math.max(0, user - guest) * 100) / total,
    systemPercent: (system * 100) / total,
    idlePercent: (idle * 100) / total,
    iowaitPercent: (iowait * 100) / total,
    stealPercent: (steal * 100) / total,
    guestPercent: (Math.min(guest, user) * 100) / total,
  };
}
