import { present } from '../present';
import { causeWordsAt, type KillCause } from './killCause';
import { isTaskName } from './taskName';

/** Before 5.1: whom the killer chose. Not yet a kill: a child of the chosen process may die in its place. */
export interface ChosenLine {
  readonly kind: 'chosen';
  readonly cause: KillCause;
  readonly allocatingTask: boolean;
  readonly pid: number;
  readonly name?: string;
  readonly score?: number;
}

/** A process that dies because its memory is the victim's: `Kill process 883 (name) sharing same memory` (to 4.x). */
export interface SharingLine {
  readonly kind: 'sharing';
  readonly pid: number;
  readonly name: string;
}

/**
 * `Out of memory: Kill process 882 (name) score 752 or sacrifice child`; to 2.6.35 `kill process … or a child`.
 * @returns undefined for other lines.
 */
export function readChosen(text: string): ChosenLine | SharingLine | undefined {
  const { cause, allocatingTask, length } = causeWordsAt(text);
  const match = /^[Kk]ill process (\d{1,10}):? ?\(/.exec(text.slice(length, length + 40));
  if (match === null) return undefined;
  const pid = Number(match[1]);
  if (cause === 'none') {
    const end = text.lastIndexOf(') sharing same memory');
    return end < match[0].length
      ? undefined
      : { kind: 'sharing', pid, name: text.slice(match[0].length, end) };
  }
  const end = /\) score (-?\d{1,15}) (?:or|and) /.exec(text.slice(-60));
  const nameEnd = end === null ? text.trimEnd().length - 1 : Math.max(0, text.length - 60) + end.index;
  const name = text[nameEnd] === ')' ? text.slice(length + match[0].length, nameEnd) : undefined;
  return present<ChosenLine>({
    kind: 'chosen',
    cause,
    allocatingTask,
    pid,
    name: name !== undefined && isTaskName(name) ? name : undefined,
    score: end === null ? undefined : Number(end[1]),
  });
}
