import { isCutAtHead } from './wrap';

/** How the long lines of a report begin, and how they end where nothing is lost. */
const longLines: readonly (readonly [sign: string, end: RegExp])[] = [
  ['invoked oom-killer', /(?:oom_score_adj|oom_adj|oomkilladj)=-?\d{1,5}$/],
  ['oom-kill:constraint=', /,uid=\d{1,10}$/],
  [' Comm: ', / #\d/],
  ['Kill process', / (?:child|children)\.?$/],
  ['Killed process', /(?:kB|oom_score_adj:-?\d{1,5}|\)\.?)[*`]{0,3}$/],
  ['reaped process', /shmem-rss:\d{1,16}kB$/],
  ['_anon:', /free_cma:\d{1,16}$|all_unreclaimable\? (?:yes|no)$/],
  ['kB min:', /(?:free_cma:\d{1,16}(?:kB)?|all_unreclaimable\? (?:yes|no))$/],
  ['*4kB', / = \d{1,16}kB$/],
  ['*64kB', / = \d{1,16}kB$/],
  ['hugepages_total=', /hugepages_size=\d{1,16}kB$/],
  ['pid  ', / name$/],
];

/** How the rest of such a line begins where what stands before it looks whole. */
const rests = /^(?:, ?)?(?:total-vm|anon-rss|file-rss|shmem-rss|UID|pgtables|oom_score_adj):/;

/** A row of the table of tasks without the name, which is its last field. */
const rowWithoutName = /^\[ {0,10}\d{1,10}\][ \d-]{0,120}$/;

/** Whether a line is the rest of a row of the table of tasks, however it is indented. */
export function isRowRest(text: string, next: string): boolean {
  return text.startsWith('[') && rowWithoutName.test(text) && !next.startsWith('[');
}

/** Whether a line is the rest of a line of a kill, which people break before the sizes. */
export function isSizesRest(text: string, next: string): boolean {
  return rests.test(next) && text.includes('Killed process');
}

/** Whether a line is the second one of a kill that an Event of Kubernetes quotes, which tells of kills before 5.1. */
export function isQuotationRest(text: string, next: string): boolean {
  return next.startsWith('Killed process ') && text.includes('OOMKilling');
}

/** What no wrapped line begins with: the next line of a report. */
const beginnings =
  /^(?:CPU: |Pid: |Call Trace|Hardware name|Mem-Info|Mem-info|Node \d|(?:DMA(?:32)?|Normal|HighMem)[: ]|protections\[|Swap cache|Task in |Tasks in |memory: usage|oom-kill:|oom_reaper: |Out of [Mm]emory|Memory cgroup|Kill(?:ed)? process \d|mem avail: |sending SIG|\[)/;

/**
 * Whether `next` is the rest of `text`, which a mail program or a terminal has wrapped: only where `text` is a line of a report
 * that lacks its end.
 */
export function isUnfinished(text: string, next: string): boolean {
  if (text.length > 4096) return false;
  if (isCutAtHead(text, next)) return true;
  if (beginnings.test(next)) return false;
  const line = longLines.find(([sign]) => text.includes(sign));
  if (line === undefined) return false;
  const [sign, end] = line;
  if (!end.test(text.slice(-80))) return true;
  return sign === 'oom-kill:constraint='
    ? /^\d{1,9}$/.test(next)
    : sign === 'Killed process' && rests.test(next);
}
