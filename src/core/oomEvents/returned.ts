import { ownerOf, type CgroupOwner } from '../cgroups/cgroupOwner';
import type { Container } from '../containers/container';
import type { StartedBy } from './aftermath';
import { startedMs, type ProcessTrail, type TrailedProcess } from './processTrail';
import { containerOfId, startedByRuntime } from './startedByRuntime';

/** The clocks of the log and of the process table, and a tick, apart. */
export const clockSlackMs = 1500;

/** A wrapper starts its program at once; a shell in which somebody types does not. */
const wrappedForMs = 2000;

/** Between a program and who has started it are no more than so many, e.g. `sh -c`, `env`, `nice`. */
const mostWrappers = 4;

/** A process that was killed, as far as it is known. */
export interface Killed {
  readonly pid: number;
  readonly cgroup: string | undefined;
  /** Pids that lived in that cgroup as well, as the kernel listed them. */
  readonly beside: ReadonlySet<number>;
  /** The host's uptime. */
  readonly killedMs: number;
  /** As it was seen last. */
  readonly victim: TrailedProcess | undefined;
}

/**
 * Whether a process that bears the victim's name has come into its place: its cgroup, its unit or container, its parent. One
 * that did not live until its own cgroup was read is in that of its parent.
 */
export function isReturnOf(process: TrailedProcess, followed: Killed, trail: ProcessTrail): boolean {
  const { cgroup, victim, beside, killedMs } = followed;
  const parent = trail.at(process.ppid, startedMs(process));
  const isByShim = process.ppid === 1 || isShim(parent?.name ?? '');
  if (victim && !isByShim && process.ppid === victim.ppid) return true;
  // Brought in from outside, as by `docker exec` and by checks of health, while the container goes on.
  if (isByShim && isInContainer(process) && isBesideOlder(process, followed, trail)) return false;
  const isBeside = parent !== undefined && startedMs(parent) < killedMs && beside.has(parent.pid);
  const place = process.cgroup ?? parent?.cgroup ?? (isBeside ? cgroup : undefined);
  if (cgroup === undefined || place === undefined) return false;
  if (cgroup === '/' || place === '/') return cgroup === place && victim === undefined;
  return cgroup === place || placeOf(ownerOf(cgroup)) === placeOf(ownerOf(place));
}

function isInContainer({ cgroup }: TrailedProcess): boolean {
  return cgroup !== undefined && ownerOf(cgroup).kind === 'container';
}

/** Whether its cgroup holds a process that was there before the kill. */
function isBesideOlder({ cgroup }: TrailedProcess, { pid, killedMs }: Killed, trail: ProcessTrail): boolean {
  for (const one of trail.living.values())
    if (one.cgroup === cgroup && one.pid !== pid && startedMs(one) < killedMs - clockSlackMs) return true;
  return false;
}

/** What stays the same when a container or a unit is started anew; never equal to another where it is not known. */
function placeOf(owner: CgroupOwner): string {
  switch (owner.kind) {
    case 'container':
      return owner.pod ? `pod ${owner.pod.uid}` : `container ${owner.id}`;
    case 'pod':
      return `pod ${owner.uid}`;
    case 'unit':
      return owner.name.endsWith('.service')
        ? `unit ${owner.user ?? ''} ${owner.name}`
        : `scope ${owner.name}`;
    case 'machine':
      return `machine ${owner.name}`;
    case 'root':
    case 'session':
    case 'slice':
    case 'other':
      return `path ${JSON.stringify(owner)}`;
  }
}

/** Programs that start what they are told to, by somebody else: nobody's reason for coming back. */
const shims: ReadonlySet<string> = new Set([
  'systemd',
  'init',
  'catatonit',
  'conmon',
  'conmonrs',
  'crun',
  // `docker-containerd-shim`, until Docker 18.09.
  'docker-containe',
  'docker-init',
  'dumb-init',
  'runc',
  'tini',
]);

function isShim(name: string): boolean {
  return shims.has(name) || name.startsWith('containerd-shim') || name.startsWith('runc:[');
}

interface Starter {
  readonly pid: number;
  /** As it was seen last. */
  readonly seen: TrailedProcess | undefined;
  /** From the start of the outermost wrapper to that of the program; 0: there is none. */
  readonly wrappedMs: number;
}

/** Programs by way of which people and timetables start whatever they like. */
const doors: ReadonlySet<string> = new Set([
  'atd',
  'cron',
  'crond',
  'dropbear',
  'login',
  'sshd',
  'sshd-session',
]);

/** Whether the starter has done so by itself. */
function isItsOwnDoing({ seen, wrappedMs }: Starter): boolean {
  return wrappedMs <= wrappedForMs && !doors.has(seen?.name ?? '');
}

/** @returns undefined where nobody can be named for sure. */
export function startedBy(
  process: TrailedProcess,
  followed: Killed,
  trail: ProcessTrail,
  containers: readonly Container[] | undefined,
): StartedBy | undefined {
  const { killedMs, cgroup } = followed;
  const starter = starterOf(process, killedMs, trail);
  const isByShim = starter.pid === 1 || isShim(starter.seen?.name ?? '');
  const { seen } = starter;
  if (seen && !isByShim && startedMs(seen) < killedMs && isItsOwnDoing(starter))
    if (hasStartedBefore(seen, process, followed, trail))
      return { kind: 'parent', pid: seen.pid, name: seen.name };
  const path = process.cgroup ?? cgroup;
  const owner = path === undefined ? undefined : ownerOf(path);
  if (owner?.kind === 'container') {
    // The container was not started anew: somebody inside has done it.
    if (isBesideOlder(process, followed, trail)) return undefined;
    if (owner.pod) return { kind: 'kubernetes', pod: owner.pod.uid };
    return startedByRuntime(owner.id, containerOfId(owner.id, containers));
  }
  if (owner?.kind === 'unit' && owner.name.endsWith('.service') && isByShim)
    return { kind: 'systemd', unit: owner.name };
  return undefined;
}

/** The first ancestor that was there before the kill, or a shim: those between, e.g. `sh -c`, were started anew with it. */
function starterOf(process: TrailedProcess, killedMs: number, trail: ProcessTrail): Starter {
  let child = process;
  for (let wrappers = 0; ; wrappers++) {
    const seen = trail.at(child.ppid, startedMs(child));
    const isWrapper = seen && startedMs(seen) >= killedMs && !isShim(seen.name);
    if (!isWrapper || child.ppid === 1 || wrappers === mostWrappers)
      return { pid: child.ppid, seen, wrappedMs: startedMs(process) - startedMs(child) };
    child = seen;
  }
}

/** Whether the victim was started by it as well, or another like it, so that it has started the program "again". */
function hasStartedBefore(
  starter: TrailedProcess,
  process: TrailedProcess,
  { victim, killedMs, cgroup }: Killed,
  trail: ProcessTrail,
): boolean {
  if (victim) return isOf(starter, victim, killedMs, trail);
  const place = process.cgroup ?? cgroup;
  // In the root anything may bear that name, as the next job of cron does: of the same parent there have to be two.
  if (place !== undefined && place !== '/' && process.ppid === starter.pid) return true;
  return [...trail.living.values(), ...trail.goneBetween(startedMs(starter), Infinity)].some(
    (one) =>
      one.name === process.name &&
      (one.pid !== process.pid || one.startTicks !== process.startTicks) &&
      one.startTicks >= starter.startTicks &&
      isOf(starter, one, startedMs(one), trail),
  );
}

/** Whether it has started the process, itself or by way of wrappers. */
function isOf(starter: TrailedProcess, process: TrailedProcess, atMs: number, trail: ProcessTrail): boolean {
  let child: TrailedProcess | undefined = process;
  for (let wrappers = 0; child && wrappers <= mostWrappers; wrappers++) {
    if (child.ppid === starter.pid) return true;
    child = trail.at(child.ppid, atMs);
  }
  return false;
}
