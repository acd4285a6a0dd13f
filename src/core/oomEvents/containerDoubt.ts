import type { Aftermath } from './aftermath';
import {
  containerOf,
  isInContainer,
  isOfLaterRun,
  isRunning,
  toldFirst,
  type ContainedVictim,
} from './containerRestart';
import type { KnownContainers } from './knownContainers';
import { startedMs, type ProcessTrail } from './processTrail';
import { clockSlackMs } from './returned';
import { containerOfId } from './startedByRuntime';

/** How long what happens to containers is waited for; after a kill, ms. */
export interface ContainerPatience {
  /** A list that was asked for since then may name who has come back. */
  readonly soonMs: number;
  /** One that was asked for since then may settle that nobody has. */
  readonly settlingMs: number;
  /** A list is waited for no longer: it is told by the processes. */
  readonly withoutListMs: number;
}

/** What a list has not settled is asked again after so long, in ms: the runtime waits up to a minute between two starts. */
const againMs = 30_000;

/**
 * Whether a victim has stayed dead as far as its container goes: it is known not to run, or to have gone on all the time. Where
 * there is no list, whether no process in it speaks against that. Always so outside of containers.
 * @param sinceMs after the kill.
 */
export function isContainerSettled(
  victim: ContainedVictim,
  known: KnownContainers | undefined,
  trail: ProcessTrail,
  sinceMs: number,
  { settlingMs, withoutListMs }: ContainerPatience,
): boolean {
  const id = containerOf(victim);
  if (id === undefined) return true;
  const byProcesses = !mayBeStartedAgain(victim, id, trail);
  if (!known || known.askedMs < victim.killedMs + settlingMs)
    return byProcesses && (known?.isOpen !== true || sinceMs >= withoutListMs);
  const container = containerOfId(id, known.containers);
  if (!container) return byProcesses; // another runtime may have it
  if (container.state === 'restarting') return false;
  if (!isRunning(container)) return true;
  if (victim.container !== undefined) return false; // that run has ended, so there is another one
  if (hasGoneOn(victim, id, trail)) return true;
  if (known.inspectedMs(container) < victim.killedMs + settlingMs) return false;
  const first = toldFirst(victim, id, known, trail);
  return first ? isOfLaterRun(first, victim) === false : victim.listed.has(container.pid ?? 0);
}

/** Whether a process has come into a container in which nobody is known to have gone on. */
function mayBeStartedAgain(victim: ContainedVictim, id: string, trail: ProcessTrail): boolean {
  if (hasGoneOn(victim, id, trail)) return false;
  return [...trail.living.values()].some(
    ({ pid, cgroup }) => pid !== victim.pid && isInContainer(cgroup, id),
  );
}

/** Whether one that was in a container before the kill is there since. */
function hasGoneOn({ pid, killedMs, listed }: ContainedVictim, id: string, trail: ProcessTrail): boolean {
  return [...trail.living.values()].some(
    (one) =>
      one.pid !== pid &&
      one.seenMs > killedMs + clockSlackMs &&
      (listed.has(one.pid) || startedMs(one) < killedMs - clockSlackMs) &&
      isInContainer(one.cgroup, id),
  );
}

/**
 * Whether a list that is asked for now would tell what is not known yet of a victim's container: whether it is back, or by
 * which policy.
 * @param isCalm whether the host has memory and time to spare.
 * @param sinceMs after the kill.
 */
export function isListDue(
  victim: ContainedVictim,
  aftermath: Aftermath,
  known: KnownContainers | undefined,
  isCalm: boolean,
  sinceMs: number,
  { soonMs, settlingMs, withoutListMs }: ContainerPatience,
): boolean {
  const id = containerOf(victim);
  if (id === undefined) return false;
  const toldSinceMs = toldMs(id, known) - victim.killedMs;
  if (sinceMs < settlingMs) return isCalm && sinceMs >= soonMs && toldSinceMs < soonMs;
  if (aftermath.kind !== 'waiting') return sinceMs < withoutListMs && toldSinceMs < settlingMs;
  return toldSinceMs < Math.max(settlingMs, sinceMs - againMs);
}

/** When what is known of a container was asked for. */
function toldMs(id: string, known: KnownContainers | undefined): number {
  if (!known) return -Infinity;
  const container = containerOfId(id, known.containers);
  return container ? Math.min(known.askedMs, known.inspectedMs(container)) : known.askedMs;
}
