import type { OomVictim } from '../event';
import { present } from '../present';
import { causeWordsAt, causeWordsEndingIn, type CauseWords, type KillCause } from './killCause';
import { isTaskName } from './taskName';

/** The line of a kill. */
export interface KilledLine {
  readonly kind: 'killed';
  readonly cause: KillCause;
  readonly allocatingTask: boolean;
  readonly victim: OomVictim;
  /** The group at its limit, where this line itself names it. */
  readonly limit?: string;
  /** Neither words before nor sizes: outside of a report it might be anybody's text. */
  readonly bare: boolean;
}

const verb = 'Killed process ';

/**
 * `Out of memory: Killed process 882 (name) total-vm:846780kB, anon-rss:835228kB, …`. Kernels before 5.1 print it
 * without the words before, those before 2.6.36 without sizes (2.6.34 with `vsz:`); RHEL 6 prints
 * `Killed process 882, UID 0, (name) …`, RHEL 7 `… 882 (name), UID 0, …`.
 */
export function readKilled(text: string): KilledLine | undefined {
  const at = text.slice(0, 160).indexOf(verb);
  if (at < 0) return undefined;
  const words = wordsBefore(text, at);
  const match = /^Killed process {1,8}(\d{1,10})(?:, UID (\d{1,10}),)? \(/.exec(text.slice(at, at + 64));
  if (words === undefined || match === null) return undefined;
  const rest = text.slice(at + match[0].length);
  const firstSize = lastSizeAt(rest);
  const sizesAt = firstSize < 0 ? shortenedSizes(rest) : firstSize;
  const head = sizesAt < 0 ? rest : rest.slice(0, sizesAt);
  const uidAfterName = /\), UID (\d{1,10}),$/.exec(head.slice(-32));
  const name = nameIn(uidAfterName ? head.slice(0, 1 - uidAfterName[0].length) : head);
  if (name === undefined) return undefined;
  const sizes = sizesAt < 0 ? '' : rest.slice(sizesAt, sizesAt + 400);
  const uid = match[2] ?? uidAfterName?.[1] ?? /, UID:(\d{1,10})(?!\d)/.exec(sizes)?.[1];
  const oomScoreAdj = / oom_score_adj:(-?\d{1,4})(?!\d)/.exec(sizes)?.[1];
  return {
    kind: 'killed',
    cause: words.cause,
    allocatingTask: words.allocatingTask,
    bare: words.length === 0 && sizesAt < 0,
    victim: present<OomVictim>({
      pid: Number(match[1]),
      name,
      uid: uid === undefined ? undefined : Number(uid),
      totalVmBytes: bytes(sizes, /(?:total-?vm|vsz): ?(\d{1,16})k/),
      anonRssBytes: bytes(sizes, / anon-rss: ?(\d{1,16})k/),
      fileRssBytes: bytes(sizes, / file-rss: ?(\d{1,16})k/),
      shmemRssBytes: bytes(sizes, / shmem-rss: ?(\d{1,16})k/),
      pgtablesBytes: bytes(sizes, / pgtables: ?(\d{1,16})k/),
      oomScoreAdj: oomScoreAdj === undefined ? undefined : Number(oomScoreAdj),
    }),
  };
}

/** The line of the choice, where it has lost its line feed. */
const choice = /: [Kk]ill process \d{1,10} \([^]{0,60}\) score \d{1,15} or (?:sacrifice|a) child ?$/;

/** The words for the cause that stand before a kill; undefined where something else does. */
function wordsBefore(text: string, at: number): CauseWords | undefined {
  const whole = causeWordsAt(text);
  if (whole.length === at) return whole;
  const before = text.slice(0, at);
  return whole.length > 0 && choice.test(before) ? whole : causeWordsEndingIn(before);
}

/** Where the sizes begin, with what people lose of a blank or a dash; the last such place, for a name may look like it; -1: nowhere. */
function lastSizeAt(rest: string): number {
  const places = [' total-vm:', ')total-vm:', ' totalvm:', ' vsz:'].map((sign) => rest.lastIndexOf(sign));
  const at = Math.max(...places);
  return rest.charAt(at) === ')' ? at + 1 : at;
}

/** Where the sizes begin in a line without the first of them, which people have left out; -1: it has none. */
function shortenedSizes(rest: string): number {
  const at = rest.lastIndexOf(') anon-rss:');
  // In a line without sizes it may be of the name.
  const nameEnd = /\)\.?\s{0,8}$/.exec(rest.slice(-80));
  const isName = nameEnd !== null && isTaskName(rest.slice(0, Math.max(0, rest.length - 80) + nameEnd.index));
  return at < 0 || isName ? -1 : at + 1;
}

/** A longer name than the kernel has is one that people have edited; beyond this it is none. */
const maxName = 120;

/** What stands before the last parenthesis or, where that is too long for a name, before the first. */
function nameIn(head: string): string | undefined {
  const end = head.lastIndexOf(')');
  if (end >= 0 && isTaskName(head.slice(0, end))) return head.slice(0, end);
  const first = head.slice(0, maxName + 1).indexOf(')');
  return first < 0 ? undefined : head.slice(0, first);
}

function bytes(sizes: string, pattern: RegExp): number | undefined {
  const kB = pattern.exec(sizes)?.[1];
  return kB === undefined ? undefined : Number(kB) * 1024;
}
