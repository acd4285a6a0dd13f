import { canBeHit, type PlannedContainer, type PlannedTarget } from './plan';
import { namesText } from './words';
import type { Translate } from '../translate';

/** Why a container is not hit; undefined: it is. */
type Reason = 'protected' | 'perhaps-protected' | 'holds-us' | 'out-of-reach' | 'other-runtime';

const texts: Readonly<Record<Reason, string>> = {
  protected: 'Protected and left alone: {0}.',
  'perhaps-protected': 'Left alone, since it is not known whether they are protected: {0}.',
  'holds-us': 'Left alone, since this connection to the host depends on them: {0}.',
  'other-runtime': 'Left alone, since Kubernetes or another runtime looks after them: {0}.',
  'out-of-reach': 'Cannot be reached: {0}.',
};

/** Which containers are not hit, and why: one sentence for each reason. */
export function leftOutSentences(targets: readonly PlannedTarget[], t: Translate): string[] {
  const left = new Map<Reason, string[]>();
  for (const target of targets) {
    if (target.kind !== 'container') continue;
    const reason = reasonOf(target);
    if (reason !== undefined) left.set(reason, [...(left.get(reason) ?? []), target.name]);
  }
  const reasons = Object.keys(texts) as Reason[];
  return reasons.flatMap((reason) => {
    const names = left.get(reason);
    return names ? [t(texts[reason], namesText(names, t))] : [];
  });
}

function reasonOf(target: PlannedContainer): Reason | undefined {
  const { notes, protection, selected } = target;
  if (selected) return undefined;
  if (notes.includes('holds-us')) return 'holds-us';
  if (!canBeHit(target)) return 'out-of-reach';
  if (protection.state === 'yes') return 'protected';
  if (protection.state === 'unknown') return 'perhaps-protected';
  return notes.includes('other-runtime') ? 'other-runtime' : undefined;
}
