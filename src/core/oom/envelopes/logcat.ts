import type { Draft } from './draft';
import { isDigit } from './scan';

/** `11-23 08:15:02.123     0     0 E         : text` of `logcat -b kernel`: process and thread 0 are the kernel. */
const prefix = /(\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3,6}) {1,6}0 {1,6}0 [VDIWEF] (?: {0,16}: )?/y;

/** A line of the kernel in Android's log. What stands there as a tag is the beginning of the kernel's text. */
export function readLogcat(line: string, at: number, draft: Draft): number {
  if (!isDigit(line, at) || line.charCodeAt(at + 2) !== 45) return -1;
  prefix.lastIndex = at;
  const match = prefix.exec(line);
  if (match === null) return -1;
  const [whole, day = '', clock = ''] = match;
  draft.localTime = `${day}T${clock}`;
  draft.identifier = 'kernel';
  return at + whole.length;
}
