import { sumOfKnown, type Holding } from './holding';
import type { TargetOutcome } from './result';

/** What one sample says of the memory of the whole host. */
export interface MemoryReading {
  readonly bootId: string;
  /** The host's uptime in ms. */
  readonly atMs: number;
  readonly availableBytes: number | undefined;
  readonly swapFreeBytes: number | undefined;
}

/** What a target held before, and what is left of it afterwards. */
export interface TargetMemory {
  readonly outcome: TargetOutcome;
  readonly before: Holding | undefined;
  /** Read after the action has ended; `gone`: it is no more, and holds nothing; undefined: not read since. */
  readonly after: Holding | 'gone' | undefined;
}

/** The memory that came back, measured: two figures of two sources that need not agree. Undefined: not known. */
export interface MemoryReturned {
  /** Medians of `MemAvailable` in the samples just before the action began, and after it has ended. */
  readonly availableBeforeBytes: number | undefined;
  readonly availableAfterBytes: number | undefined;
  /** The difference of the two; below 0 where others took more than the targets gave. */
  readonly gainBytes: number | undefined;
  readonly swapGainBytes: number | undefined;
  /** Anonymous, shared and kernel memory of the targets that were hit, less what they hold afterwards. Of those known. */
  readonly targetsBytes: number | undefined;
  /** So many targets were hit of which it is not known what they have given back: they are not in `targetsBytes`. */
  readonly unreadTargets: number;
  /** Where the gain and the targets' memory are far apart: what the rest of the host did meanwhile. */
  readonly others: 'took' | 'gave' | undefined;
  /** How long after the end the last sample was taken that is in it, in ms of the host's uptime. */
  readonly measuredAfterMs: number | undefined;
}

/** Samples so long before the beginning and after the end are compared. On a host in a jam they come rarely. */
const beforeMs = 15_000;
const afterMs = 30_000;

/** A median of so many: one sample in the midst of a burst is not the host's state. */
const mostReadings = 5;

/** The two figures agree within this share of the greater, or this much. */
const agreeShare = 0.25;
const agreeBytes = 64 * 1024 * 1024;

/**
 * What an action gave back.
 * @param readings samples in any order. Those of another boot than that of the last one before the action are left out.
 * @param beganAtMs the host's uptime when the first thing was sent.
 * @param endedAtMs the host's uptime when the last answer had come.
 */
export function memoryReturnedOf(
  readings: readonly MemoryReading[],
  beganAtMs: number,
  endedAtMs: number,
  targets: readonly TargetMemory[],
): MemoryReturned {
  const sorted = [...readings].sort((one, other) => one.atMs - other.atMs);
  const { bootId } = sorted.filter(({ atMs }) => atMs <= beganAtMs).at(-1) ?? {};
  const own = sorted.filter((reading) => reading.bootId === bootId);
  const before = own
    .filter(({ atMs }) => atMs <= beganAtMs && atMs >= beganAtMs - beforeMs)
    .slice(-mostReadings);
  // The kernel gives back what a task held after the signal was sent, so later samples count more.
  const after = own
    .filter(({ atMs }) => atMs > endedAtMs && atMs <= endedAtMs + afterMs)
    .slice(-mostReadings);
  const availableBeforeBytes = medianOf(before.map(({ availableBytes }) => availableBytes));
  const availableAfterBytes = medianOf(after.map(({ availableBytes }) => availableBytes));
  const gainBytes = difference(availableBeforeBytes, availableAfterBytes);
  const given = targets.filter(({ outcome }) => wasHit(outcome)).map(givenBytesOf);
  const targetsBytes = sumOfKnown(given);
  const unreadTargets = given.filter((bytes) => bytes === undefined).length;
  const last = after.at(-1);
  return {
    availableBeforeBytes,
    availableAfterBytes,
    gainBytes,
    swapGainBytes: difference(
      medianOf(before.map(({ swapFreeBytes }) => swapFreeBytes)),
      medianOf(after.map(({ swapFreeBytes }) => swapFreeBytes)),
    ),
    targetsBytes,
    unreadTargets,
    others: unreadTargets > 0 ? undefined : othersOf(gainBytes, targetsBytes),
    measuredAfterMs: last && last.atMs - endedAtMs,
  };
}

/** Only what was hit: what had gone before is not the action's. */
function wasHit(outcome: TargetOutcome): boolean {
  return outcome === 'done' || outcome === 'ending';
}

/** Undefined: it was not read before, or not since. */
function givenBytesOf({ before, after }: TargetMemory): number | undefined {
  const held = ownBytesOf(before);
  const left = after === 'gone' ? 0 : ownBytesOf(after);
  return held === undefined || left === undefined ? undefined : Math.max(0, held - left);
}

/** What does not come back by itself: without page cache. */
function ownBytesOf(holding: Holding | undefined): number | undefined {
  if (holding?.anonBytes === undefined) return undefined;
  const { anonBytes, shmemBytes = 0, kernelBytes, taskKernelBytes = 0 } = holding;
  return anonBytes + shmemBytes + (kernelBytes ?? taskKernelBytes);
}

function othersOf(gain: number | undefined, targets: number | undefined): MemoryReturned['others'] {
  if (gain === undefined || targets === undefined) return undefined;
  const apart = gain - targets;
  if (Math.abs(apart) <= Math.max(agreeBytes, agreeShare * Math.max(Math.abs(gain), targets)))
    return undefined;
  return apart < 0 ? 'took' : 'gave';
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}

/** The middle one of those known, or the mean of the two in the middle. */
function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).sort((one, other) => one - other);
  const middle = Math.floor(known.length / 2);
  const upper = known[middle];
  if (upper === undefined || known.length % 2 === 1) return upper;
  return Math.round((upper + (known[middle - 1] ?? upper)) / 2);
}
