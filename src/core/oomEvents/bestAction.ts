import type { ActionId, ActionTarget } from '../actions';
import { ownerOf } from '../cgroups/cgroupOwner';
import type { Container } from '../containers/container';
import type { KillLoop } from './aftermath';
import type { HostOomEvent } from './hostEvent';

/** What helps most after a kill. It only offers: the action shows its own plan and asks. */
export interface BestAction {
  readonly action: ActionId;
  readonly target: ActionTarget;
}

/**
 * The action that helps most:
 * - a container that is killed over and over is killed for good (its restart policy does not bring back what was killed by hand);
 * - one that reached its own limit may be given more;
 * - one that lived in a container when the whole machine ran out is killed, and where something else was hit, all of them;
 * - without containers, whatever holds the memory has to be found first.
 * @param containers as the API has told them last; undefined: it has not.
 * @param startTicksOf of a process that is there now.
 */
export function bestActionFor(
  { key, event, witnessed }: HostOomEvent,
  loops: readonly KillLoop[],
  containers: readonly Container[] | undefined,
  startTicksOf: (pid: number) => number | undefined = () => undefined,
): BestAction {
  const loop = loops.find(({ keys }) => keys.includes(key));
  const group = event.cgroup?.task ?? event.victims[0]?.cgroup ?? witnessed?.cgroups[0]?.path;
  const container = containerOf(group);
  if (container !== undefined) {
    const target: ActionTarget = { kind: 'container', id: container };
    const isOwnLimit = event.scope === 'memcg' && containerOf(event.cgroup?.limit) === container;
    return { action: loop === undefined && isOwnLimit ? 'set-memory-limit' : 'kill-containers', target };
  }
  if (loop?.by?.kind === 'parent') {
    const startTicks = startTicksOf(loop.by.pid);
    if (startTicks !== undefined)
      return { action: 'terminate-process', target: { kind: 'process', pid: loop.by.pid, startTicks } };
  }
  const isShortOfAll = event.scope === 'global' || event.scope === 'unknown';
  if (isShortOfAll && containers?.some(({ state }) => state === 'running'))
    return { action: 'kill-all-containers', target: { kind: 'host' } };
  return { action: 'show-ledger', target: { kind: 'host' } };
}

function containerOf(path: string | undefined): string | undefined {
  const owner = path === undefined ? undefined : ownerOf(path);
  return owner?.kind === 'container' && owner.monitor !== true ? owner.id : undefined;
}
