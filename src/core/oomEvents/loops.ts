import { ownerOf } from '../cgroups/cgroupOwner';
import type { Container } from '../containers/container';
import { isWholeTable } from '../oom/taskRow';
import type { KillLoop, StartedBy } from './aftermath';
import type { HostOomEvent } from './hostEvent';
import { containerOfId, startedByRuntime } from './startedByRuntime';

/** Kills that lie further apart than this do not follow from each other; ms. */
const mostApartMs = 5 * 60_000;

/** Three kills are two returns. */
const leastKills = 3;

/** Where no table and no process shows that each was started anew, so many of one name in one place show it. */
const leastKillsUnseen = 5;

/**
 * The loops among the kills of a host: the same program in the same place, killed at least three times, each time started
 * anew as far as can be seen. Several workers that are killed one after the other are no loop.
 * @param events in any order.
 * @param containers as the API has told them last, for their restart policies.
 * @returns in the order of their last kills, oldest first.
 */
export function killLoopsOf(
  events: Iterable<HostOomEvent>,
  containers?: readonly Container[],
): readonly KillLoop[] {
  const runs = new Map<string, HostOomEvent[]>();
  const finished: HostOomEvent[][] = [];
  // The order of a boot is that of the kernel's clock: the time of day may have been set.
  for (const event of [...events].sort((one, other) => timeOf(one) - timeOf(other))) {
    const place = placeOf(event);
    if (place === undefined) continue;
    const run = runs.get(place);
    const last = run?.at(-1);
    if (run && last && timeOf(event) - timeOf(last) <= mostApartMs) run.push(event);
    else {
      if (run) finished.push(run);
      runs.set(place, [event]);
    }
  }
  return [...finished, ...runs.values()]
    .filter(isLoop)
    .flatMap((run) => loopOf(run, containers) ?? [])
    .sort((one, other) => one.lastAtMs - other.lastAtMs);
}

function placeOf({ event, bootId }: HostOomEvent): string | undefined {
  const [victim] = event.victims;
  if (
    event.kind !== 'kernel' ||
    victim === undefined ||
    bootId === undefined ||
    event.kernelTimeMs === undefined
  )
    return undefined;
  return JSON.stringify([bootId, victim.name, event.cgroup?.task ?? victim.cgroup]);
}

function timeOf({ event }: HostOomEvent): number {
  return event.kernelTimeMs ?? 0;
}

function isLoop(run: readonly HostOomEvent[]): boolean {
  if (run.length < leastKills) return false;
  let anew = 0;
  let unseen = 0;
  for (const [index, next] of run.entries()) {
    const before = run[index - 1];
    if (!before) continue;
    const started = wasStartedBetween(before, next);
    if (started === undefined) unseen++;
    else if (started) anew++;
  }
  const others = run.length - 1 - anew - unseen;
  if (others > anew) return false;
  return anew >= leastKills - 1 || (anew >= 1 && unseen >= 1) || run.length >= leastKillsUnseen;
}

/** Whether the victim of the second kill was started after the first; undefined: cannot be seen. */
function wasStartedBetween({ event, aftermath }: HostOomEvent, next: HostOomEvent): boolean | undefined {
  const pid = next.event.victims[0]?.pid;
  if (aftermath?.kind === 'came-back' && aftermath.pid === pid) return true;
  const { tasks } = event;
  if (!isWholeTable(tasks)) return undefined;
  return !tasks.rows.some((row) => row.pid === pid || row.tgid === pid);
}

function loopOf(
  run: readonly HostOomEvent[],
  containers: readonly Container[] | undefined,
): KillLoop | undefined {
  const [first] = run;
  const last = run.at(-1);
  const [victim] = first?.event.victims ?? [];
  if (!first || !last || victim === undefined || last.bootId === undefined) return undefined;
  const cgroup = last.event.cgroup?.task ?? last.event.victims[0]?.cgroup;
  return {
    name: victim.name,
    cgroup,
    bootId: last.bootId,
    kills: run.length,
    spanMs: timeOf(last) - timeOf(first),
    lastAtMs: timeOf(last),
    keys: run.map(({ key }) => key),
    by: restarterOf(run) ?? byPolicy(cgroup, containers),
  };
}

/** As it was seen, the last time first. */
function restarterOf(run: readonly HostOomEvent[]): StartedBy | undefined {
  for (const { aftermath } of [...run].reverse())
    if (aftermath?.kind === 'came-back' && aftermath.by) return aftermath.by;
  return undefined;
}

/** A container that its runtime starts again by itself, and has done so. */
function byPolicy(
  cgroup: string | undefined,
  containers: readonly Container[] | undefined,
): StartedBy | undefined {
  const owner = cgroup === undefined ? undefined : ownerOf(cgroup);
  if (owner?.kind !== 'container') return undefined;
  const container = containerOfId(owner.id, containers);
  const policy = container?.restartPolicy?.name;
  if (policy === undefined || policy === 'no' || (container?.restartCount ?? 0) === 0) return undefined;
  return startedByRuntime(owner.id, container);
}
