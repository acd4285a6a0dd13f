import type { OomEvent } from '../event';
import { askedSentence } from './asked';
import { causeSentence } from './cause';
import { killedSentence } from './killed';
import { missingSentence } from './missing';
import { nextSentence } from './next';
import { scopeSentence } from './scope';
import { type Translate, english } from '../../translate';

/** What a sentence of the story tells. */
export type StoryPart = 'asked' | 'scope' | 'cause' | 'killed' | 'next' | 'missing';

export interface Sentence {
  readonly part: StoryPart;
  /** Whole, with its full stop. Names from the log in it are short and harmless, but plain text: escape it for Markdown or HTML. */
  readonly text: string;
}

/** The story of one event. Every sentence is true of what the log says; what the log does not say is said to be missing. */
export interface Explanation {
  /** Who asked, whose limit, why, who died, who would have been next; `missing` only where something is. */
  readonly sentences: readonly Sentence[];
}

/** Tells an event in five sentences, and in a sixth what the text lacks. */
export function explanationOf(event: OomEvent, t: Translate = english): Explanation {
  const sentences: Sentence[] = [
    { part: 'asked', text: askedSentence(event, t) },
    { part: 'scope', text: scopeSentence(event, t) },
    { part: 'cause', text: causeSentence(event, t) },
    { part: 'killed', text: killedSentence(event, t) },
    { part: 'next', text: nextSentence(event, t) },
  ];
  const missing = missingSentence(event, t);
  if (missing !== undefined) sentences.push({ part: 'missing', text: missing });
  return { sentences };
}
