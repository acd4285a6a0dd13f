import { ticksOf } from './proc/stat';
import type { Sample } from './sample';

/** What happened to a host's time between two samples of it. */
export type Interruption =
  /** Another boot. `downMs`: from the last sample to the start of the new kernel, where a clock tells. */
  | { readonly kind: 'reboot'; readonly downMs: number | undefined }
  /** The host slept, as a laptop does: its uptime went on and its processors did not. */
  | { readonly kind: 'suspend'; readonly lengthMs: number }
  /** The host's wall clock was set: forward is positive. Whole seconds, give or take one. */
  | { readonly kind: 'clock-step'; readonly stepMs: number }
  /** The uptime went back within a boot: a virtual machine was put back to a snapshot. */
  | { readonly kind: 'clock-back'; readonly backMs: number }
  /** Time passed here and not on the host: a virtual machine was stopped by its hypervisor. */
  | { readonly kind: 'paused'; readonly lengthMs: number };

/** What is looked at of a sample: `at` is CLOCK_BOOTTIME, which goes on while the host sleeps. */
export type HostTime = Pick<Sample, 'bootId' | 'at' | 'stat'>;

/** `btime` is the wall clock less the uptime, cut to seconds: it flickers by one. */
const leastStepMs = 2000;

/** The uptime of a container may be computed (lxcfs) and jitter. */
const leastBackMs = 1000;

const leastPauseMs = 5000;

/**
 * A suspend is that long at least, and the processors' ticks account for less than this share of the time. On a virtual
 * machine that thrashed they accounted for 12 % of 0.7 s and 38 % of a second, since ticks that its hypervisor swallows are
 * lost; over any 5 s of it for 42 % at least.
 */
const leastSuspendMs = 5000;
const awakeShareAtMost = 0.25;

/** `USER_HZ`; 1024 on alpha alone, whose suspend is told too short. */
const ticksPerSecond = 100;

/** Reading and waking take so long without anything being amiss. */
const stallToleranceMs = 250;

/**
 * What happened to a host's time between two samples that were read there one after the other. Two that were merely
 * delivered out of order must not be given: they would look like a snapshot.
 * @param processors how many are online; undefined: a suspend cannot be told.
 * @param ourElapsedMs how much time passed here between the two readings, at least: from the receipt of the first to the
 *   question that the second answers. From receipt to receipt, an answer that came late would look like a pause.
 * @returns what is certain, in no order of time.
 */
export function interruptionsBetween(
  last: HostTime,
  now: HostTime,
  processors: number | undefined,
  ourElapsedMs: number | undefined,
): Interruption[] {
  if (!Number.isFinite(last.at) || !Number.isFinite(now.at)) return [];
  const reboot = rebootBetween(last, now, ourElapsedMs);
  if (reboot) return [reboot];

  const found: Interruption[] = [];
  const elapsedMs = now.at - last.at;
  if (elapsedMs <= -leastBackMs) found.push({ kind: 'clock-back', backMs: -elapsedMs });
  const sleptMs = suspendMsBetween(last, now, processors);
  if (sleptMs > 0) found.push({ kind: 'suspend', lengthMs: sleptMs });
  const pausedMs = (ourElapsedMs ?? 0) - elapsedMs;
  if (elapsedMs >= 0 && pausedMs > leastPauseMs) found.push({ kind: 'paused', lengthMs: pausedMs });
  const stepMs = (now.stat?.btimeMs ?? NaN) - (last.stat?.btimeMs ?? NaN);
  if (Math.abs(stepMs) >= leastStepMs) found.push({ kind: 'clock-step', stepMs });
  return found;
}

/**
 * For how long nothing ran on the host between two samples, not even the clock of our program, in ms: how much later than
 * expected the second was taken on the host's own time. A suspend is no stall; a quarter of a second is none either.
 * @param expectedMs how long after the first the second was due.
 * @param processors how many are online; without it a suspend counts as a stall.
 * @returns undefined over a reboot and where the uptime went back.
 */
export function stallMsBetween(
  last: HostTime,
  now: HostTime,
  expectedMs: number,
  processors?: number,
): number | undefined {
  const elapsedMs = now.at - last.at;
  if (last.bootId !== now.bootId || !(elapsedMs >= 0 && Number.isFinite(elapsedMs))) return undefined;
  const lateMs = elapsedMs - expectedMs - suspendMsBetween(last, now, processors);
  return lateMs > stallToleranceMs ? lateMs : 0;
}

/** Where a boot id is not known, an uptime that went back is taken for a reboot. */
function rebootBetween(
  last: HostTime,
  now: HostTime,
  ourElapsedMs: number | undefined,
): Extract<Interruption, { kind: 'reboot' }> | undefined {
  const idsKnown = last.bootId !== '' && now.bootId !== '';
  const rebooted = idsKnown ? last.bootId !== now.bootId : now.at - last.at <= -leastBackMs;
  if (!rebooted) return undefined;
  const ourDownMs = (ourElapsedMs ?? NaN) - now.at;
  const hostDownMs = (now.stat?.btimeMs ?? NaN) - (last.stat?.btimeMs ?? NaN) - last.at;
  return { kind: 'reboot', downMs: [ourDownMs, hostDownMs].find((ms) => ms >= 0) };
}

/** How long the host slept, 0: it did not, or it cannot be told. */
function suspendMsBetween(last: HostTime, now: HostTime, processors: number | undefined): number {
  const before = last.stat?.cpu;
  const after = now.stat?.cpu;
  if (last.bootId !== now.bootId || !before || !after || !processors) return 0;
  const elapsedMs = now.at - last.at;
  const awakeMs = ((ticksOf(after) - ticksOf(before)) * 1000) / ticksPerSecond / processors;
  // None at all: a system that does not count them, as gVisor.
  if (!(awakeMs > 0 && awakeMs < elapsedMs * awakeShareAtMost)) return 0;
  const sleptMs = elapsedMs - awakeMs;
  return sleptMs >= leastSuspendMs ? sleptMs : 0;
}
