/** What the lines of a report are known by. A line that is broken within one of these was cut at a column, not at a blank. */
const words = [
  'Out of memory: Killed process ',
  'Out of memory: Kill process ',
  'cgroup out of memory: Killed process ',
  'cgroup out of memory: Kill process ',
  'OOM killed process ',
  ' invoked oom-killer: gfp_mask=',
  ' score ',
  ' or sacrifice child',
  'total-vm:',
  'anon-rss:',
  'file-rss:',
  'shmem-rss:',
  'UID:',
  'pgtables:',
  'oom_score_adj:',
  'oom_score_adj=',
  'Tainted:',
  'Not tainted',
  'nodemask=',
  'order=',
];

/** The words that a line may begin with. */
const firstWords = words.slice(0, 6);

/** How many characters on either side of the joint are looked at. */
const sides = 64;

type Cut = 'at-blank' | 'at-column';

/** Whether one of the words ends in `text` and goes on in `next`. */
function cutOf(text: string, next: string, within: readonly string[]): Cut | undefined {
  const tail = text.slice(-sides);
  for (const word of within)
    for (let length = 1; length < word.length; length++) {
      if (tail.charCodeAt(tail.length - 1) !== word.charCodeAt(length - 1)) continue;
      if (!tail.endsWith(word.slice(0, length))) continue;
      if (next.startsWith(word.slice(length))) return 'at-column';
      if (word.charCodeAt(length) === 32 && next.startsWith(word.slice(length + 1))) return 'at-blank';
    }
  return undefined;
}

/** Whether the line was broken within the words that it begins with. */
export function isCutAtHead(text: string, next: string): boolean {
  return next.includes('(') && cutOf(text, next, firstWords) !== undefined;
}

/** Fields that are broken between their name and their last digit or unit. */
const openField = /[a-zA-Z][:=](?:-|0x[0-9a-f]{0,16}|\d{1,16}[kK]?)?$|[ *]\d{1,10}$/;
const restOfField = /^(?:\d{0,16}[kK]?B(?:[ ,]|$)|\d{1,16}(?:[ ,]|$)|0x|\d{0,10}\*\d)/;

/** Within these no line has a blank: the name of the victim mostly, the flags of a request, the line before the kill. */
const withoutBlanks =
  /(?:Kill(?:ed)? process \d{1,10} \([^)]{0,15}|gfp_mask=[0-9a-fx]{0,18}(?:\([A-Z0-9_|]{0,400})?|Comm: \S{0,14})$/;

/**
 * What was between the two pieces of a line: nothing where a terminal broke it at its last column, a blank where a mail program
 * did it between words.
 * @param next with the indentation it has.
 */
export function jointOf(text: string, next: string): '' | ' ' {
  if (next.startsWith(' ') || next.startsWith('\t'))
    return text.endsWith(',') && isBeforeKill(text) ? '' : ' ';
  if (text.endsWith(' ') || next.startsWith(',')) return '';
  if (/^(?:Not t|T)ainted/.test(next)) return ' ';
  if (isBeforeKill(text) || withoutBlanks.test(text.slice(-460))) return '';
  if (openField.test(text.slice(-40)) && restOfField.test(next.slice(0, 40))) return '';
  return cutOf(text, next.slice(0, sides), words) === 'at-column' ? '' : ' ';
}

function isBeforeKill(text: string): boolean {
  return text.includes('oom-kill:constraint=');
}
