import type { PlannedCgroup, PlannedContainer } from '../../core/actions/plan';
import type { TargetResult } from '../../core/actions/result';
import { containerCgroupOf } from '../../core/containers/containerCgroup';
import { pause } from '../../monitor/pause';
import { cutSignal } from './cutSignal';
import type { ActingShell, Means } from './means';

/** How long the host is asked where a container is that was not read yet, in ms; the others wait for it. */
const askedMs = 1000;

/** The cgroup of a target as far as it is known; undefined: of a container that was started a moment ago it is not yet. */
export function cgroupRead(
  target: PlannedContainer | PlannedCgroup,
  { cgroupOf }: Pick<Means, 'cgroupOf'>,
): string | undefined {
  if (target.kind === 'cgroup') return target.path;
  return target.joined.cgroup?.path ?? cgroupOf(target.id);
}

/**
 * The cgroups of targets by their keys: as they were read, else where root's shell finds the container's first process.
 * Those that are not known in time are left out.
 */
export async function cgroupsOf(
  targets: readonly (PlannedContainer | PlannedCgroup)[],
  means: Pick<Means, 'cgroupOf' | 'lane' | 'signal' | 'cut'>,
): Promise<ReadonlyMap<string, string>> {
  const { lane, signal, cut } = means;
  const found = new Map<string, string>();
  const looks: Promise<void>[] = [];
  for (const target of targets) {
    const path = cgroupRead(target, means);
    if (path !== undefined) found.set(target.key, path);
    else if (target.kind === 'container' && lane?.isRoot === true && !signal.aborted)
      looks.push(lookUp(target, lane, found));
  }
  if (looks.length === 0) return found;
  const over = new AbortController();
  await Promise.race([Promise.all(looks), pause(askedMs, signal, cutSignal(cut), over.signal)]);
  over.abort();
  return new Map(found);
}

/**
 * Those that our own shell runs in, with the result that they are left alone: whoever stops them stops itself; and the others.
 */
export function partedByHold<T extends PlannedContainer | PlannedCgroup>(
  targets: readonly T[],
  cgroups: ReadonlyMap<string, string>,
  { holdsUs, t }: Pick<Means, 'holdsUs' | 't'>,
): [TargetResult[], T[]] {
  const isOurs = ({ key }: T): boolean => {
    const cgroup = cgroups.get(key);
    return cgroup !== undefined && holdsUs(cgroup);
  };
  const reason = t('It is left alone: this connection to the host depends on it.');
  return [
    targets.filter(isOurs).map(({ key }) => ({ key, outcome: 'not-done', reason })),
    targets.filter((target) => !isOurs(target)),
  ];
}

async function lookUp(
  { key, joined: { container } }: PlannedContainer,
  lane: ActingShell,
  found: Map<string, string>,
): Promise<void> {
  if (container?.pid === undefined || container.pid <= 1) return;
  const reply = await lane.membership(container.pid);
  const path = reply.kind === 'answered' ? containerCgroupOf(reply.value, container.id) : undefined;
  if (path !== undefined) found.set(key, path);
}
