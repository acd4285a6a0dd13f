import { isOwnOfContainer, ownerOf } from '../cgroups/cgroupOwner';
import type { Container } from '../containers/container';
import type { Aftermath } from './aftermath';
import type { KnownContainers } from './knownContainers';
import { startedMs, type ProcessTrail, type TrailedProcess } from './processTrail';
import { clockSlackMs } from './returned';
import { containerOfId, startedByRuntime } from './startedByRuntime';

/** A victim whose container may have been started again. Times are the host's uptime. */
export interface ContainedVictim {
  readonly pid: number;
  readonly cgroup: string | undefined;
  readonly killedMs: number;
  /** As it was seen last. */
  readonly victim: TrailedProcess | undefined;
  /** Pids that the kernel listed when it killed. */
  readonly listed: ReadonlySet<number>;
  /** Whether those are all that there were. */
  readonly isWhole: boolean;
  /** The container whose first process was killed, where that is known: it ended with it. */
  readonly container: string | undefined;
}

/**
 * Whether the container of a victim was started again since the kill, with another first process, whatever program runs in it
 * by then: its runtime tells, or the processes in its cgroup. One that went on without the victim was not.
 */
export function containerRestart(
  victim: ContainedVictim,
  known: KnownContainers | undefined,
  trail: ProcessTrail,
): (Aftermath & { kind: 'came-back' }) | undefined {
  const id = containerOf(victim);
  if (id === undefined) return undefined;
  const container = containerOfId(id, known?.containers);
  const by = startedByRuntime(id, container);
  const first = firstProcessSince(victim, id, known, trail);
  if (first) {
    const afterMs = Math.max(0, startedMs(first) - victim.killedMs);
    return { kind: 'came-back', afterMs, pid: first.pid, by };
  }
  if (victim.container === undefined || !container || !known) return undefined;
  const { pid } = container;
  const isOther = isRunning(container) && pid !== undefined && pid !== victim.pid;
  if (!isOther || known.inspectedMs(container) < victim.killedMs + clockSlackMs) return undefined;
  return { kind: 'came-back', afterMs: undefined, pid, by };
}

/** The first process of a run of the container that began after the kill, as far as it was seen. */
function firstProcessSince(
  victim: ContainedVictim,
  id: string,
  known: KnownContainers | undefined,
  trail: ProcessTrail,
): TrailedProcess | undefined {
  const told = toldFirst(victim, id, known, trail);
  if (told && isOfLaterRun(told, victim) === true) return told;
  const shims = new Map<number, boolean>();
  const isByLaterShim = ({ ppid }: TrailedProcess): boolean => {
    const isLater = shims.get(ppid) ?? isLaterShim(trail.living.get(ppid), victim);
    shims.set(ppid, isLater);
    return isLater;
  };
  return [...trail.living.values()]
    .filter((one) => (victim.container === undefined ? isByLaterShim(one) : isStartedSince(one, victim)))
    .filter(({ cgroup }) => isInContainer(cgroup, id))
    .sort((one, other) => one.startTicks - other.startTicks)[0];
}

/** The process that the API has named as the first one, where it is that still. */
export function toldFirst(
  { killedMs }: ContainedVictim,
  id: string,
  known: KnownContainers | undefined,
  trail: ProcessTrail,
): TrailedProcess | undefined {
  const container = containerOfId(id, known?.containers);
  if (!known || !container?.pid || !isRunning(container)) return undefined;
  const process = trail.living.get(container.pid);
  const isIt =
    process?.cgroup === undefined
      ? known.inspectedMs(container) >= killedMs
      : isInContainer(process.cgroup, id);
  return isIt ? process : undefined;
}

/**
 * Whether a container's first process is of a run that began after the kill; undefined: cannot be told. All processes of a run
 * are younger than its first one.
 */
export function isOfLaterRun(first: TrailedProcess, killed: ContainedVictim): boolean | undefined {
  const { pid, victim, killedMs, listed, isWhole } = killed;
  if (first.pid === pid || listed.has(first.pid)) return false;
  if (victim) return first.startTicks > victim.startTicks;
  const sinceMs = startedMs(first) - killedMs;
  if (Math.abs(sinceMs) > clockSlackMs) return sinceMs > 0;
  return isWhole ? true : undefined;
}

/** Whether a process was started since the kill. */
function isStartedSince(
  process: TrailedProcess,
  { pid, killedMs, listed, isWhole }: ContainedVictim,
): boolean {
  if (process.pid === pid || listed.has(process.pid)) return false;
  return startedMs(process) > killedMs + (isWhole ? -clockSlackMs : clockSlackMs);
}

/**
 * Whether it is a shim of containerd's (`docker-containe…` until Docker 18.09) that is younger than the victim's run: Docker
 * starts one for each run. What is brought into a container that goes on has the shim that was there.
 */
function isLaterShim(process: TrailedProcess | undefined, { victim, killedMs }: ContainedVictim): boolean {
  if (!process || !(process.name.startsWith('containerd-shim') || process.name === 'docker-containe'))
    return false;
  if (victim) return process.startTicks > victim.startTicks;
  return startedMs(process) > killedMs + clockSlackMs;
}

/** Whether a cgroup is the container's or within it. */
export function isInContainer(cgroup: string | undefined, id: string): boolean {
  if (!cgroup?.includes(id)) return false;
  const owner = ownerOf(cgroup);
  return owner.kind === 'container' && owner.monitor !== true && owner.id.startsWith(id);
}

/** Whether there are processes in it. */
export function isRunning({ state }: Container): boolean {
  return state === 'running' || state === 'paused';
}

/** The id of the container in which it was killed. */
export function containerOf({ container, cgroup }: ContainedVictim): string | undefined {
  return container ?? containerIdOf(cgroup);
}

/** The id of the container whose own the cgroup is, see {@link isOwnOfContainer}. */
export function containerIdOf(cgroup: string | undefined): string | undefined {
  const owner = cgroup === undefined ? undefined : ownerOf(cgroup);
  return owner && isOwnOfContainer(owner) ? owner.id : undefined;
}
