import type { ActionId } from '../actions';
import { sumOfKnown, type Holding } from './holding';

/** Why it is not known to the byte how much memory comes back. */
export type Doubt =
  /** Shared memory goes with its last user; files in a tmpfs that outlives the target stay. */
  | 'shared-memory'
  /** Kernel objects of the target (slab) may be used by others, or are given back later. */
  | 'kernel-memory'
  /** A parent or child runs the same program: pages that they share since the fork stay with the other. */
  | 'forked'
  /** The kernel does not split what is resident (before 4.5): mapped files are in it. */
  | 'not-split'
  /** The reading is old. */
  | 'old-reading'
  /** What is held is not known of some targets. */
  | 'not-read';

/**
 * How an action gives memory back: `ends` – what the targets hold alone; `ends-and-starts` – that too, until they have
 * taken it again; `bounds` – what is above the new limit; `nothing` – nothing at all.
 */
export type Effect = 'ends' | 'ends-and-starts' | 'bounds' | 'nothing';

/**
 * What is expected back, in bytes. Page cache is not in it: the kernel gives it back by itself, and `MemAvailable` counts it
 * already.
 */
export interface ExpectedReturn {
  readonly effect: Effect;
  readonly leastBytes: number;
  /** Of those targets of which it is known. Undefined: of none. */
  readonly mostBytes: number | undefined;
  /** Undefined: of no target is it known. */
  readonly swapBytes: number | undefined;
  readonly doubts: readonly Doubt[];
}

/** What an expectation of one target is made of. */
export interface ExpectedFrom {
  /** Undefined: not read. */
  readonly holds: Holding | undefined;
  /** See the doubt `forked`. */
  readonly forked?: boolean;
  /** The target's cgroup, so that what lies within another target's is not counted twice. */
  readonly cgroupPath?: string | undefined;
}

/** A reading that is older, in ms, is told to be old: groups come round in 10 s, in a jam later. */
const oldAfterMs = 60_000;

const effects: Readonly<Partial<Record<ActionId, Effect>>> = {
  'kill-all-containers': 'ends',
  'kill-containers': 'ends',
  'kill-process': 'ends',
  'restart-containers': 'ends-and-starts',
  'set-memory-limit': 'bounds',
  'stop-containers': 'ends',
  'terminate-process': 'ends',
};

/**
 * What an action on these targets is expected to give back. At the least: anonymous memory, page tables and kernel stacks,
 * which end with the tasks. At the most: with it shared memory and all the kernel holds for them.
 * @param nowMs the host's uptime; undefined: readings are not judged by their age.
 * @param limitBytes the new limit where the action sets one.
 */
export function expectedReturnOf(
  action: ActionId,
  targets: readonly ExpectedFrom[],
  nowMs?: number,
  limitBytes?: number,
): ExpectedReturn {
  const effect = effects[action] ?? 'nothing';
  if (effect === 'nothing') return { effect, leastBytes: 0, mostBytes: 0, swapBytes: undefined, doubts: [] };
  const own = outermost(targets);
  const each = own.map((target) => (effect === 'bounds' ? aboveLimit(target, limitBytes) : ofOne(target)));
  const doubts = new Set(each.flatMap((one) => one.doubts));
  const isOld = ({ holds }: ExpectedFrom): boolean =>
    holds !== undefined && nowMs !== undefined && nowMs - holds.readAtMs > oldAfterMs;
  if (own.some(isOld)) doubts.add('old-reading');
  return {
    effect,
    leastBytes: each.reduce((sum, { leastBytes }) => sum + leastBytes, 0),
    mostBytes: sumOfKnown(each.map(({ mostBytes }) => mostBytes)),
    swapBytes: effect === 'bounds' ? undefined : sumOfKnown(own.map(({ holds }) => holds?.swapBytes)),
    doubts: [...doubts],
  };
}

interface OneReturn {
  readonly leastBytes: number;
  readonly mostBytes: number | undefined;
  readonly doubts: readonly Doubt[];
}

const notRead: OneReturn = { leastBytes: 0, mostBytes: undefined, doubts: ['not-read'] };

function ofOne({ holds, forked = false }: ExpectedFrom): OneReturn {
  if (holds === undefined) return notRead;
  const { anonBytes, shmemBytes = 0, kernelBytes, taskKernelBytes = 0, currentBytes } = holds;
  if (anonBytes === undefined) {
    if (currentBytes === undefined) return notRead;
    return { leastBytes: 0, mostBytes: currentBytes, doubts: ['not-split'] };
  }
  const kernelAtMost = Math.max(taskKernelBytes, kernelBytes ?? 0);
  const doubts: Doubt[] = [];
  if (forked) doubts.push('forked');
  if (shmemBytes > 0) doubts.push('shared-memory');
  if (kernelAtMost > taskKernelBytes) doubts.push('kernel-memory');
  return {
    leastBytes: forked ? 0 : anonBytes + taskKernelBytes,
    mostBytes: anonBytes + shmemBytes + kernelAtMost,
    doubts,
  };
}

/** The kernel first drops page cache to get below a new limit, which `MemAvailable` does not gain from. */
function aboveLimit({ holds }: ExpectedFrom, limitBytes: number | undefined): OneReturn {
  if (holds?.currentBytes === undefined || limitBytes === undefined) return notRead;
  const above = Math.max(0, holds.currentBytes - limitBytes);
  return {
    leastBytes: Math.max(0, above - (holds.fileBytes ?? above)),
    mostBytes: above,
    doubts: [],
  };
}

/** A cgroup's figures count its descendants: a target within another target's cgroup is left out. */
function outermost(targets: readonly ExpectedFrom[]): readonly ExpectedFrom[] {
  const paths = new Set(targets.flatMap(({ cgroupPath }) => cgroupPath ?? []));
  return targets.filter(({ cgroupPath }) => {
    if (cgroupPath === undefined) return true;
    for (let end = cgroupPath.lastIndexOf('/'); end > 0; end = cgroupPath.lastIndexOf('/', end - 1))
      if (paths.has(cgroupPath.slice(0, end))) return false;
    return true;
  });
}
