import { holdingOfGroup, holdingOfProcess, type Holding } from '../../core/actions/holding';
import { memoryReturnedOf, type MemoryReading, type MemoryReturned } from '../../core/actions/memoryReturned';
import type { Plan, PlannedTarget } from '../../core/actions/plan';
import type { TargetResult } from '../../core/actions/result';
import type { Survey } from '../../core/survey/survey';

/** When an action began and ended, by the host's uptime in ms. */
export interface ActionSpan {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

/** Of a survey, what was read of each last. */
export interface LastRead {
  readonly processes: Pick<Survey['processes'], 'get'>;
  readonly cgroups: Pick<Survey['cgroups'], 'get'>;
}

/** The memory measured to have come back; undefined where the action gives none back, or none was hit. */
export function measuredReturn(
  { targets, expected }: Plan,
  results: readonly TargetResult[],
  { beganAtMs, endedAtMs }: ActionSpan,
  readings: readonly MemoryReading[],
  survey: LastRead | undefined,
): MemoryReturned | undefined {
  const wasHit = results.some(({ outcome }) => outcome === 'done' || outcome === 'ending');
  if (expected.effect === 'nothing' || !wasHit) return undefined;
  const outcomes = new Map(results.map(({ key, outcome }) => [key, outcome]));
  const memory = targets.flatMap((target) => {
    const outcome = outcomes.get(target.key);
    if (outcome === undefined) return [];
    // What was told to have ended holds nothing; what goes on, or has yet to end, holds what is read of it.
    const ended = expected.effect === 'ends' && outcome === 'done' ? ('gone' as const) : undefined;
    return [{ outcome, before: target.holds, after: holdingAfter(target, endedAtMs, survey) ?? ended }];
  });
  return memoryReturnedOf(readings, beganAtMs, endedAtMs, memory);
}

/** What it holds by a reading from after the end; undefined: there is none, as of a task that is exiting. */
function holdingAfter(
  target: PlannedTarget,
  endedAtMs: number,
  survey: LastRead | undefined,
): Holding | undefined {
  const holding = holdingNow(target, survey);
  return holding?.anonBytes !== undefined && holding.readAtMs > endedAtMs ? holding : undefined;
}

function holdingNow(target: PlannedTarget, survey: LastRead | undefined): Holding | undefined {
  if (target.kind === 'process') {
    const process = survey?.processes.get(target.pid);
    return process?.startTicks === target.startTicks ? holdingOfProcess(process) : undefined;
  }
  const path = target.kind === 'container' ? target.joined.cgroup?.path : target.path;
  const group = path === undefined ? undefined : survey?.cgroups.get(path);
  return group && holdingOfGroup(group);
}
