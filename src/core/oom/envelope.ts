import { cleaned } from './envelopes/cleaned';
import { type Draft, finished, newDraft } from './envelopes/draft';
import { readKmsg } from './envelopes/kmsg';
import { findKernelText } from './envelopes/kernelText';
import { behindLabel, behindPrompt } from './envelopes/label';
import { readLogcat } from './envelopes/logcat';
import { beginsKill, behindMarks, withoutClosingMark } from './envelopes/marks';
import { readDecodedPriority, readPriority } from './envelopes/priority';
import { isDigit } from './envelopes/scan';
import { readStamp } from './envelopes/stamp';
import { readTalos } from './envelopes/talos';
import { readRfc5424, readSyslog } from './envelopes/syslog';
import { unescapeBytes } from './envelopes/unescape';
import { readProgramAlone, readWriter } from './envelopes/writer';
import type { LogRecord } from './logRecord';

/**
 * Takes one line of a log out of its envelope, which is chosen by the shape of the line. Forms that take several lines are
 * read by {@link EnvelopeReader}.
 * @returns a record with the line as its text where it is in no envelope; undefined for a line without one that is
 * indented: it belongs to the record before it, or is a line of a call trace.
 */
export function readLogLine(line: string): LogRecord | undefined {
  const text = cleaned(line);
  const record = openEnvelope(text) ?? openBehind(text)?.record;
  if (record !== undefined) return record;
  return text.startsWith(' ') ? undefined : { text, fromKernel: true };
}

/** @param line cleaned. @returns undefined where the line does not begin with an envelope. */
export function openEnvelope(line: string): LogRecord | undefined {
  return openAt(line, 0);
}

/**
 * A record in an envelope that does not begin the line, but stands behind a label, a prompt or an indentation.
 * @returns with `at`, where the envelope begins; undefined where there is none.
 */
export function openBehind(line: string): RecordBehind | undefined {
  const indent = indentOf(line);
  const text = indent === 0 ? line : line.slice(indent);
  const places = [...behindLabel(text), behindPrompt(text)].filter((at) => at > 0).map((at) => indent + at);
  for (const at of indent > 0 ? [indent, ...places] : places) {
    const record = openAt(withoutClosingMark(line, at), at);
    if (record !== undefined) return { record, at };
  }
  return openBehindMarks(text, indent) ?? openBehindWords(line);
}

interface RecordBehind {
  readonly record: LogRecord;
  readonly at: number;
}

/** Behind marks of lists and quotations a line of a kill needs no envelope, since nothing else begins so. */
function openBehindMarks(text: string, indent: number): RecordBehind | undefined {
  for (const at of behindMarks(text)) {
    const line = withoutClosingMark(text, at);
    const record =
      openAt(line, at) ?? (beginsKill(line, at) ? { text: line.slice(at), fromKernel: true } : undefined);
    if (record !== undefined) return { record, at: indent + at };
  }
  return undefined;
}

function openBehindWords(line: string): RecordBehind | undefined {
  const at = findKernelText(line, 0);
  const record = at < 0 ? undefined : openAt(line, at);
  return record && { record, at };
}

/** How many blanks and tabs the line begins with. */
export function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 32 || line.charCodeAt(indent) === 9) indent++;
  return indent;
}

function openAt(line: string, at: number): LogRecord | undefined {
  const draft = newDraft();
  let text = readEnvelopes(line, at, draft);
  if (text < 0) return undefined;
  if (draft.kernelTimeMs === undefined && draft.identifier === undefined)
    text = readWithin(line, text, draft);
  // Only /dev/kmsg escapes all of its text.
  if (draft.seq === undefined) return finished(draft, line, text);
  draft.text = unescapeBytes(line.slice(text));
  return draft;
}

/** Behind a time alone may be the words of a relay. */
function readWithin(line: string, text: number, draft: Draft): number {
  const kernel = findKernelText(line, text);
  if (kernel <= text) return text;
  const inner = readEnvelopes(line, kernel, draft);
  return inner < 0 ? text : inner;
}

/** The kinds of envelope by how they begin. */
function readEnvelopes(line: string, at: number, draft: Draft): number {
  const first = line.charCodeAt(at);
  if (first === 91) return readStamped(line, at, draft);
  if (first === 32 || Number.isNaN(first)) return -1;
  if (isDigit(line, at)) {
    const numbered = readKmsg(line, at, draft);
    const text = numbered < 0 ? readLogcat(line, at, draft) : numbered;
    if (text >= 0) return text;
  }
  const talos = readTalos(line, at, draft);
  if (talos >= 0) return talos;
  let inner = readPriority(line, at, draft);
  if (inner < 0) inner = readDecodedPriority(line, at, draft);
  return inner < 0 ? readTimed(line, at, draft) : readPrioritized(line, inner, draft);
}

/** What stands behind a priority is in a further envelope, or bare. */
function readPrioritized(line: string, at: number, draft: Draft): number {
  const stamped = line.charCodeAt(at) === 91 ? readStamped(line, at, draft) : readRfc5424(line, at, draft);
  const text = stamped < 0 ? readTimed(line, at, draft) : stamped;
  return text < 0 ? at : text;
}

function readTimed(line: string, at: number, draft: Draft): number {
  const text = readSyslog(line, at, draft);
  return text < 0 ? readKernelOnly(line, at, draft) : text;
}

/** `[   97.161030] text` of dmesg, `[   97.161030] host kernel: text` of `journalctl -o short-monotonic`. */
function readStamped(line: string, at: number, draft: Draft): number {
  const text = readStamp(line, at, draft);
  if (text < 0 || draft.caller !== undefined) return text;
  if (draft.kernelTimeMs === undefined) return readNamed(line, text, draft);
  const colon = line.indexOf(': ', text);
  // A dmesg line may have two words and a colon too (`Memory policy: …`): only the journal's own marks count.
  if (colon < 0 || colon > text + 300) return text;
  if (line.charCodeAt(colon - 1) !== 93 && !line.endsWith(' kernel', colon)) return text;
  if (line.startsWith('kernel: ', text)) return readWriter(line, text, draft);
  const program = readProgramAlone(line, text, draft);
  if (program >= 0) return program;
  const host = line.indexOf(' ', text);
  if (host < 0 || host > colon || line.indexOf(' ', host + 1) < colon) return text;
  const writer = readWriter(line, text, draft);
  return writer < 0 ? text : writer;
}

/** `[2026-11-23 08:15:02 UTC] kernel: text`, `[2026-11-23 08:15:02] [kernel] text`, where only a day stands in the brackets. */
function readNamed(line: string, at: number, draft: Draft): number {
  if (line.startsWith('[kernel] ', at)) {
    draft.identifier = 'kernel';
    return at + 9;
  }
  const text = line.startsWith('kernel: ', at)
    ? readWriter(line, at, draft)
    : readProgramAlone(line, at, draft);
  return text < 0 ? at : text;
}

/** `host kernel: text` without a time, and `kernel:[12.3] text` of a message to all terminals. */
function readKernelOnly(line: string, at: number, draft: Draft): number {
  const program = readProgramAlone(line, at, draft);
  if (program >= 0) return program;
  const kernel = line.indexOf('kernel:', at);
  if (kernel < 0 || kernel > at + 256) return -1;
  const next = line.charCodeAt(kernel + 7);
  const before = line.slice(at, kernel);
  if ((next !== 32 && next !== 91) || before.includes(':') || !/^(?:\S{1,255} )?$/.test(before)) return -1;
  return readWriter(line, at, draft);
}
