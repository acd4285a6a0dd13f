import { Differences } from '../counters';
import type { CgroupEvents } from '../proc/cgroupMemoryEvents';
import type { CgroupStat } from '../proc/cgroupMemoryStat';
import type { Cgroup, CgroupRates } from './cgroup';

/** Page faults, pages looked at, limits met: 10^7 a second on each of a thousand processors. */
const mostEventsPerSecond = 1e10;

/** The uptime and the files of one reading may be read so far apart on a host that stands still again and again. */
const mostReadingApartMs = 60_000;

/**
 * What follows from two readings of a group. A group that was removed and made anew between them has counters that went
 * back: their rates are undefined.
 * @returns undefined where the host's uptime has not advanced.
 */
export function cgroupRatesBetween(last: Cgroup, now: Cgroup): CgroupRates | undefined {
  const elapsedMs = now.readAtMs - last.readAtMs;
  if (!(elapsedMs > 0 && Number.isFinite(elapsedMs))) return undefined;
  const differences = new Differences(elapsedMs);
  const most = (mostEventsPerSecond * elapsedMs) / 1000;

  const perSecond = (
    name: string,
    before: number | undefined,
    after: number | undefined,
  ): number | undefined => {
    const difference = differences.between(`${now.path} ${name}`, before, after, { most });
    return difference === undefined ? undefined : (difference * 1000) / elapsedMs;
  };
  const stat = (field: keyof CgroupStat): number | undefined =>
    perSecond(field, last.stat?.[field], now.stat?.[field]);
  const event = (field: keyof CgroupEvents): number | undefined =>
    perSecond(field, last.events?.[field], now.events?.[field]);
  const stalled = (kind: 'some' | 'full'): number | undefined => {
    const [before, after] = [last.pressure?.[kind], now.pressure?.[kind]].map((stall) =>
      stall?.totalMicroseconds === undefined ? undefined : stall.totalMicroseconds / 1000,
    );
    const bounds = { most: elapsedMs + mostReadingApartMs };
    const stalledMs = differences.between(`${now.path} memory.pressure ${kind}`, before, after, bounds);
    return stalledMs === undefined ? undefined : Math.min(100, (stalledMs * 100) / elapsedMs);
  };

  return {
    elapsedMs,
    growthBytesPerSecond:
      last.currentBytes === undefined || now.currentBytes === undefined
        ? undefined
        : ((now.currentBytes - last.currentBytes) * 1000) / elapsedMs,
    faultsPerSecond: stat('pgfault'),
    majorFaultsPerSecond: stat('pgmajfault'),
    refaultFilePerSecond: stat('workingsetRefaultFile'),
    refaultAnonPerSecond: stat('workingsetRefaultAnon'),
    scannedPerSecond: stat('pgscan'),
    stolenPerSecond: stat('pgsteal'),
    limitHitsPerSecond: event('max'),
    highHitsPerSecond: event('high'),
    memorySomePercent: stalled('some'),
    memoryFullPercent: stalled('full'),
    refused: differences.refused,
  };
}
