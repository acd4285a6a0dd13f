import { outcomeOfContainer, type TargetResult } from '../../core/actions/result';
import type { PlannedContainer } from '../../core/actions/plan';
import type { Container } from '../../core/containers/container';
import type { ContainerAction, ContainerResult } from '../../core/containers/containerAction';
import { pause } from '../../monitor/pause';
import { describeError } from '../describeError';
import type { Means } from './means';

/** Has the API carry out an action on containers that it knows; a result for each of them. */
export async function byApi(
  targets: readonly PlannedContainer[],
  action: ContainerAction,
  step: string,
  { api, report, signal }: Pick<Means, 'api' | 'report' | 'signal'>,
): Promise<TargetResult[]> {
  const containers = targets.flatMap(({ joined }) => joined.container ?? []);
  const keys = new Map(targets.map(({ joined, key }) => [joined.container?.id, key]));
  const results: TargetResult[] = [];
  report(step, 0);
  const onResult = (result: ContainerResult): void => {
    const key = keys.get(result.container.id);
    if (key !== undefined) results.push(resultOf(key, action.kind, result));
    report(step, results.length);
  };
  try {
    const acting = await Promise.race([api(), pause(undefined, signal)]);
    // Where it was cancelled before the API was open, nothing was sent.
    if (!acting) return targets.map(({ key }) => ({ key, outcome: 'not-done' }));
    await acting.act(action, containers, { signal, onResult });
  } catch (error) {
    return targets.map(({ key }) => ({ key, outcome: 'not-done', reason: describeError(error) }));
  }
  return results;
}

/** Those whose containers the API knows. */
export function knownToApi(target: PlannedContainer): target is PlannedContainer & KnownToApi {
  return target.joined.container !== undefined;
}

interface KnownToApi {
  readonly joined: { readonly container: Container };
}

function resultOf(
  key: string,
  sent: ContainerAction['kind'],
  { outcome, message, ms }: ContainerResult,
): TargetResult {
  const endedAtMs = Date.now();
  return {
    key,
    outcome: outcomeOfContainer(outcome),
    ...(message !== undefined && { reason: message }),
    ...(outcome !== 'not-sent' && { by: 'api' as const, sent, sentAtMs: endedAtMs - ms, endedAtMs }),
  };
}
