import type { ActionTarget } from '../actions';
import type { Words } from '../permissions/permission';
import { leftOutSentences } from './leftOutText';
import { noteSentences } from './noteText';
import type { Plan, Refusal } from './plan';
import { hostText } from './words';
import type { Translate } from '../translate';

/** Why an action is not done, and what would change that. */
export interface RefusalText {
  /** Which right is missing, or what else is in the way: a sentence or two. */
  readonly message: string;
  /** How to get the right: sentences, each followed by its line for a shell where there is one. */
  readonly remedies: readonly string[];
}

const refusalTexts: Readonly<Record<Exclude<Refusal, 'right-missing' | 'impossible'>, string>> = {
  'read-only': 'Nothing may be changed on {0}: it is read-only by the setting {1}.',
  gone: 'That is not on {0} any more: it has ended.',
  'nothing-to-do': 'There is nothing on {0} to be hit.',
  'out-of-reach': 'None of them can be reached on {0}: the API does not know them, and there is no root.',
  'wrong-target': 'This cannot be done with what was chosen on {0}.',
};

/** Where it says more of what the action takes. */
const ofTarget: Readonly<Partial<Record<ActionTarget['kind'], Partial<Record<Refusal, string>>>>> = {
  container: { 'wrong-target': 'This is done with one container at a time: nothing was done on {0}.' },
  process: {
    gone: 'That is not on {0} any more: it has ended, or its number has been given to another process.',
  },
};

/** So many sentences about single targets. */
const mostNotes = 3;

/** @returns undefined where the plan may be carried out. */
export function refusalText(plan: Plan, hostLabel: string, t: Translate): RefusalText | undefined {
  const { refusal } = plan;
  const host = hostText(hostLabel);
  if (refusal === undefined) return undefined;
  if (refusal === 'right-missing') return rightMissing(plan, host, t);
  if (refusal === 'impossible') {
    const notes = plan.targets.flatMap((target) => noteSentences(target.name, target.notes, t));
    return { message: notes.slice(0, mostNotes).join(' '), remedies: [] };
  }
  const text = ofTarget[plan.action.target]?.[refusal] ?? refusalTexts[refusal];
  const leftOut = refusal === 'nothing-to-do' ? leftOutSentences(plan.targets, t) : [];
  return { message: [t(text, host, 'remoteMemory.readOnly'), ...leftOut].join(' '), remedies: [] };
}

function rightMissing({ obstacles }: Plan, host: string, t: Translate): RefusalText {
  const missing = obstacles.filter(({ state }) => state === 'no');
  const why = missing.map((right) => sentence(right.why, t));
  return {
    message: [t('You may not do this on {0}.', host), ...why].join(' '),
    remedies: missing.flatMap(({ remedies }) =>
      remedies.map(({ line, means }) =>
        line === undefined ? sentence(means, t) : `${sentence(means, t)}\n${line}`,
      ),
    ),
  };
}

function sentence({ text, args = [] }: Words, t: Translate): string {
  return t(text, ...args.map((arg) => hostText(arg, 200)));
}
