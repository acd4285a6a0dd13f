import { readDate } from './date';
import { type Draft, newDraft, noteKernelTime } from './draft';
import { behindBlank, digitsEnd, numberAt } from './scan';

/** Time since the line before, which `dmesg -d` prints beside the time: `[   97.161030 <    0.000004>]`. */
const sinceLast = / <[ +]{0,12}\d{1,12}\.\d{1,9}>\]/y;

/**
 * `[  +0.000004]` and `[<    0.000004>]` tell no time but a distance; `[Nov22 20:57]`, `[Jun 1 10:00]` begins a minute in
 * `dmesg -e`; `[14:32:07]` is a clock without a day.
 */
const distance =
  /\[(?:<? {0,12}\+? {0,12}\d{1,12}\.\d{1,9}>?|[^\][\s]{1,12} ?\d{1,2} \d\d:\d\d|\d\d:\d\d:\d\d)\]/y;

/** What CONFIG_PRINTK_CALLER (5.1+) adds: `[  T123]`, `[    C1]`; dmesg of util-linux 2.39 parts it by a blank. */
const callerStamp = / ?\[ {0,10}([TC]\d{1,10})\]/y;

/** The time in brackets that dmesg, consoles and many syslog files put before the message, in each of its forms. */
export function readStamp(line: string, at: number, draft: Draft): number {
  if (line.charCodeAt(at) !== 91) return -1;
  let end = readKernelTime(line, at, draft);
  if (end < 0) {
    end = readDayTime(line, at, draft);
    // Both times, where a program put one before dmesg's.
    if (end >= 0) end = Math.max(end, readKernelTime(line, behindBlank(line, end), draft));
  }
  if (end < 0) {
    distance.lastIndex = at;
    end = at + (distance.exec(line)?.[0].length ?? -1 - at);
  }
  return end < 0 ? -1 : behindBlank(line, behindVendor(line, behindCaller(line, end, draft)));
}

/** Processor and process, as the kernels of phones put them: `(0)[1234:system_server]`, `c2   1234 `. */
const vendor = / ?(?:\(\d{1,3}\)\[\d{1,10}:[^\]]{0,32}\]|c\d{1,2} {1,8}\d{1,10} )/y;

function behindVendor(line: string, at: number): number {
  const first = line.charCodeAt(behindBlank(line, at));
  // (, c
  if (first !== 40 && first !== 99) return at;
  vendor.lastIndex = at;
  return at + (vendor.exec(line)?.[0].length ?? 0);
}

/** `[   97.161030]`: seconds; televisions put the processor before them: `[2-3219.1870]`. A line of the table of tasks (`[   2136]`) has no point there. */
function readKernelTime(line: string, at: number, draft: Draft): number {
  if (line.charCodeAt(at) !== 91) return -1;
  let start = at + 1;
  while (line.charCodeAt(start) === 32 && start < at + 13) start++;
  const processor = digitsEnd(line, start);
  if (processor > start && processor < start + 3 && line.charCodeAt(processor) === 45) start = processor + 1;
  const point = digitsEnd(line, start);
  if (point === start || point > start + 12 || line.charCodeAt(point) !== 46) return -1;
  const end = digitsEnd(line, point + 1);
  if (end === point + 1 || end > point + 10) return -1;
  let behind = end + 1;
  if (line.charCodeAt(end) !== 93) {
    sinceLast.lastIndex = end;
    behind = end + (sinceLast.exec(line)?.[0].length ?? 0);
    if (behind === end) return -1;
  }
  // Digits behind the sixth are nanoseconds.
  const digits = Math.min(end - point - 1, 6);
  const fraction = numberAt(line, point + 1, point + 1 + digits) * 10 ** (6 - digits);
  noteKernelTime(draft, numberAt(line, start, point) * 1_000_000 + fraction);
  return behind;
}

/** `dmesg -T`: `[Sun Nov 22 20:57:39 2026]`, in the host's own zone and in words of its own language. */
function readDayTime(line: string, at: number, draft: Draft): number {
  const end = line.indexOf(']', at);
  if (end < at + 12 || end > at + 64) return -1;
  const words = line.slice(at + 1, end);
  const delta = words.indexOf(' <');
  const date = delta < 0 ? words : words.slice(0, delta);
  const read = newDraft();
  if (readDate(date, 0, read) < date.length) return -1;
  if (read.wallMs !== undefined) draft.wallMs = read.wallMs;
  if (read.localTime !== undefined) draft.localTime = read.localTime;
  return end + 1;
}

function behindCaller(line: string, at: number, draft: Draft): number {
  if (line.charCodeAt(behindBlank(line, at)) !== 91) return at;
  callerStamp.lastIndex = at;
  const [whole, caller] = callerStamp.exec(line) ?? [];
  if (whole === undefined || caller === undefined) return at;
  draft.caller = caller;
  return at + whole.length;
}
