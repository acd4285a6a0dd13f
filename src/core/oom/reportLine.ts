import { type AskingTaskLine, readAskingTask } from './reportLines/askingTask';
import { readBeancounterKill } from './reportLines/beancounterKill';
import { type ChosenLine, readChosen, type SharingLine } from './reportLines/chosen';
import { type EndingLine, readEnding } from './reportLines/ending';
import { type GroupLine, readGroup } from './reportLines/group';
import { type HeaderLine, readHeader } from './reportLines/header';
import { type KilledLine, readKilled } from './reportLines/killed';
import { type MemcgTaskLine, readMemcgTask } from './reportLines/memcgTask';
import { type OomKillLine, readOomKill } from './reportLines/oomKill';
import { readReaper, type ReaperLine } from './reportLines/reaper';

/**
 * What one message of the kernel says about an invocation of the OOM killer. Recognised by its shape, never by the
 * kernel's version: vendors backport the newer wordings (mm/oom_kill.c; RHEL 6 and 7 have forms of their own).
 */
export type ReportLine =
  | HeaderLine
  | AskingTaskLine
  | MemcgTaskLine
  | OomKillLine
  | ChosenLine
  | SharingLine
  | KilledLine
  | GroupLine
  | EndingLine
  | ReaperLine
  | { readonly kind: 'suppressed' | 'allocation-failure' };

/** @returns undefined for a message that is none of them; most are, and cost no more than a look at their beginning. */
export function readReportLine(text: string): ReportLine | undefined {
  // A name has at most 60 characters, and two lines may be joined; the 10 MB behind them are not looked through.
  const head = text.length > 160 ? text.slice(0, 160) : text;
  if (marks.test(head)) {
    const marked = readHeader(text) ?? readKilled(text);
    if (marked !== undefined) return marked;
    if (head.includes(allocationFailure)) return { kind: 'allocation-failure' };
  }
  const readers = byFirstCharacter[head.charAt(0)];
  if (readers === undefined) return undefined;
  for (const read of readers) {
    const line = read(text);
    if (line !== undefined) return line;
  }
  return undefined;
}

const allocationFailure = 'page allocation failure';

/** What stands behind a name, or behind words that may be cut off. */
const marks = / invoked oom-killer: |Killed process |page allocation failure/;

type Reader = (text: string) => ReportLine | undefined;

const byFirstCharacter: Readonly<Record<string, readonly Reader[] | undefined>> = {
  C: [readAskingTask],
  K: [readEnding, readChosen],
  M: [readChosen, readEnding],
  N: [readChosen],
  O: [readBeancounterKill, readChosen, readEnding],
  P: [readAskingTask],
  S: [readEnding, readShowMemory],
  T: [readMemcgTask, readGroup],
  s: [readShowMemory],
  o: [readOomKill, readReaper, readSuppressed],
};

/** `sysrq: Show Memory`, before 5.0 `SysRq : Show Memory`: a state of the memory that is of no report. */
function readShowMemory(text: string): ReportLine | undefined {
  return /^s(?:ysrq|ysRq ): Show Memory/i.test(text) ? { kind: 'allocation-failure' } : undefined;
}

/** `oom_kill_process: 11 callbacks suppressed`: reports, not kills, are limited in their rate (10 in 5 s). */
function readSuppressed(text: string): ReportLine | undefined {
  return /^oom_kill_process: \d{1,10} callbacks suppressed/.test(text) ? { kind: 'suppressed' } : undefined;
}
