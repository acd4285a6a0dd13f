import type { Disk } from './proc/diskstats';
import type { Stall } from './proc/pressure';
import type { CpuTicks } from './proc/stat';
import type { Sample } from './sample';

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
 * What follows from two samples of one boot. A rate is undefined where a sample lacks the counter or the counter went
 * back. Counts of pages and events are per second.
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
}

/**
 * @param pageSizeBytes undefined: no si and so.
 * @returns undefined over a reboot, and where the host's uptime has not advanced.
 */
export function ratesBetween(
  last: Sample,
  now: Sample,
  pageSizeBytes: number | undefined,
): Rates | undefined {
  const elapsedMs = now.at - last.at;
  if (last.bootId !== now.bootId || !(elapsedMs > 0)) return undefined;

  const perSecond = (
    before: number | undefined,
    after: number | undefined,
    factor = 1,
  ): number | undefined => {
    const difference = differenceOf(before, after);
    return difference === undefined ? undefined : (difference * factor * 1000) / elapsedMs;
  };
  // The moments at which the files were read differ by a little from those of the uptime: a share may come out at 101 %.
  const percent = (before: number | undefined, after: number | undefined): number | undefined => {
    const difference = differenceOf(before, after);
    return difference === undefined ? undefined : Math.min(100, (difference * 100) / elapsedMs);
  };
  const stalled = (before: Stall | undefined, after: Stall | undefined): number | undefined =>
    percent(millisecondsOf(before), millisecondsOf(after));
  const vm = (field: keyof NonNullable<Sample['vmstat']>): number | undefined =>
    perSecond(last.vmstat?.[field], now.vmstat?.[field]);
  const swapped = (field: 'pswpin' | 'pswpout'): number | undefined =>
    pageSizeBytes === undefined
      ? undefined
      : perSecond(last.vmstat?.[field], now.vmstat?.[field], pageSizeBytes / 1024);

  const disksBefore = new Map((last.diskstats ?? []).map((disk) => [disk.name, disk]));
  const names = new Set((now.diskstats ?? []).map((disk) => disk.name));
  const disks = (now.diskstats ?? []).map((disk): DiskRates => {
    const before: Disk | undefined = disksBefore.get(disk.name);
    return {
      name: disk.name,
      partition: isPartition(disk.name, names),
      readBytesPerSecond: perSecond(before?.readBytes, disk.readBytes),
      writtenBytesPerSecond: perSecond(before?.writtenBytes, disk.writtenBytes),
      busyPercent: percent(before?.busyMs, disk.busyMs),
    };
  });

  return {
    elapsedMs,
    biKibPerSecond: vm('pgpginKib'),
    boKibPerSecond: vm('pgpgoutKib'),
    siKibPerSecond: swapped('pswpin'),
    soKibPerSecond: swapped('pswpout'),
    pgfaultPerSecond: vm('pgfault'),
    pgmajfaultPerSecond: vm('pgmajfault'),
    refaultFilePerSecond: vm('workingsetRefaultFile'),
    refaultAnonPerSecond: vm('workingsetRefaultAnon'),
    activateFilePerSecond: vm('workingsetActivateFile'),
    activateAnonPerSecond: vm('workingsetActivateAnon'),
    restoreFilePerSecond: vm('workingsetRestoreFile'),
    restoreAnonPerSecond: vm('workingsetRestoreAnon'),
    pgscanDirectPerSecond: vm('pgscanDirect'),
    pgscanKswapdPerSecond: vm('pgscanKswapd'),
    pgstealDirectPerSecond: vm('pgstealDirect'),
    pgstealKswapdPerSecond: vm('pgstealKswapd'),
    allocstallPerSecond: vm('allocstall'),
    oomKills: differenceOf(last.vmstat?.oomKill, now.vmstat?.oomKill),
    ctxtPerSecond: perSecond(last.stat?.ctxt, now.stat?.ctxt),
    processesPerSecond: perSecond(last.stat?.processes, now.stat?.processes),
    cpu: last.stat && now.stat && cpuSharesBetween(last.stat.cpu, now.stat.cpu),
    cpuSomePercent: stalled(last.cpuPressure?.some, now.cpuPressure?.some),
    memorySomePercent: stalled(last.memoryPressure?.some, now.memoryPressure?.some),
    memoryFullPercent: stalled(last.memoryPressure?.full, now.memoryPressure?.full),
    ioSomePercent: stalled(last.ioPressure?.some, now.ioPressure?.some),
    ioFullPercent: stalled(last.ioPressure?.full, now.ioPressure?.full),
    disks,
    busiestDiskPercent: greatestOf(
      disks
        .filter((disk) => !disk.partition && !disk.name.startsWith('zram'))
        .map((disk) => disk.busyPercent),
    ),
  };
}

/** Undefined where a counter is missing or went back. */
function differenceOf(before: number | undefined, after: number | undefined): number | undefined {
  if (before === undefined || after === undefined || after < before) return undefined;
  return after - before;
}

function millisecondsOf(stall: Stall | undefined): number | undefined {
  return stall === undefined ? undefined : stall.totalMicroseconds / 1000;
}

function greatestOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * True where the disk that this would be a part of is in the list: `sda1` of `sda`, `nvme0n1p2` of `nvme0n1`.
 * Names alone do not tell: some virtual machines have an `xvda1` and no `xvda`.
 */
function isPartition(name: string, names: ReadonlySet<string>): boolean {
  const [, disk] = /^(.*\d)p\d+$/.exec(name) ?? /^(.*\D)\d+$/.exec(name) ?? [];
  return disk !== undefined && names.has(disk);
}

function cpuSharesBetween(last: CpuTicks, now: CpuTicks): CpuShares | undefined {
  const spent = (field: keyof CpuTicks): number => now[field] - last[field];
  const guest = spent('guest') + spent('guestNice');
  const user = spent('user') + spent('nice');
  const system = spent('system') + spent('irq') + spent('softirq');
  const steal = spent('steal');
  // The kernel lets these two go back a little when a processor goes offline or wakes (Documentation/filesystems/proc.rst).
  const idle = Math.max(0, spent('idle'));
  const iowait = Math.max(0, spent('iowait'));
  const total = user + system + idle + iowait + steal;
  if (Math.min(guest, user, system, steal) < 0 || total === 0) return undefined;
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
