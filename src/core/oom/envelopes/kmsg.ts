import { type Draft, noteKernelTime, notePriority } from './draft';
import { isDigit } from './scan';

/** Documentation/ABI/testing/dev-kmsg: priority, sequence number, microseconds, flags and perhaps more; then the text. */
const prefix = /(\d{1,10}),(\d{1,20}),(\d{1,20}),([^;]{0,200});/y;

/** A record of /dev/kmsg: `6,879,6789600498,-;memory: usage 65536kB`; since 5.1 `…,-,caller=T123;…`. Its text is escaped. */
export function readKmsg(line: string, at: number, draft: Draft): number {
  if (!isDigit(line, at)) return -1;
  const comma = line.indexOf(',', at);
  if (comma < 0 || comma > at + 10) return -1;
  prefix.lastIndex = at;
  const match = prefix.exec(line);
  if (match === null) return -1;
  const [whole, priority, seq, microseconds, fields = ''] = match;
  notePriority(draft, Number(priority));
  noteKernelTime(draft, Number(microseconds));
  draft.seq = Number(seq);
  const caller = fields.includes('caller=')
    ? /(?:^|,)caller=([TC]\d{1,10})(?:,|$)/.exec(fields)?.[1]
    : undefined;
  if (caller !== undefined) draft.caller = caller;
  return at + whole.length;
}
