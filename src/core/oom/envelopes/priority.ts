import { type Draft, notePriority } from './draft';

/** `<6>` of `dmesg -r`, of a console's log and of syslog over the network. */
export function readPriority(line: string, at: number, draft: Draft): number {
  if (line.charCodeAt(at) !== 60) return -1;
  const end = line.indexOf('>', at);
  if (end < at + 2 || end > at + 4) return -1;
  const priority = Number(line.slice(at + 1, end));
  if (!Number.isInteger(priority) || priority < 0) return -1;
  notePriority(draft, priority);
  return end + 1;
}

/** The words for the levels 0 to 7. */
export const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

const decoded =
  /(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7]|res\d) {0,8}:(emerg|alert|crit|err|warn|notice|info|debug) {0,6}: /y;

/** `kern  :warn  : ` of `dmesg -x`. */
export function readDecodedPriority(line: string, at: number, draft: Draft): number {
  // A colon there, which tells it from most lines that begin with a letter: names are written six wide.
  const colon = line.indexOf(':', at);
  if (colon < at + 3 || colon > at + 16) return -1;
  decoded.lastIndex = at;
  const match = decoded.exec(line);
  if (match === null) return -1;
  const [prefix, facility, level = ''] = match;
  draft.level = levels.indexOf(level);
  if (facility !== 'kern') draft.fromKernel = false;
  return at + prefix.length;
}
