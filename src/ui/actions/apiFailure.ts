import type { Plan } from '../../core/actions/plan';

/**
 * Why the API cannot be reached, where that is why nothing can be done: there is no target, or none that is reached.
 * @param failure undefined: it is reached, or was not asked.
 */
export function apiFailureOf<T>(
  { refusal, targets }: Pick<Plan, 'refusal' | 'targets'>,
  failure: T | undefined,
): T | undefined {
  const isWhy = refusal === 'out-of-reach' || (refusal === 'nothing-to-do' && targets.length === 0);
  return isWhy ? failure : undefined;
}
