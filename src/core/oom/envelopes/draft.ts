import type { LogRecord } from '../logRecord';
import { unescapeLineFeeds } from './unescape';

/** A record while its envelopes are read. */
export type Draft = { -readonly [Field in keyof LogRecord]: LogRecord[Field] };

/**
 * Reads an envelope that begins at `at`, and writes what it tells into the draft; the line itself stays whole, since a log has
 * millions of them.
 * @returns where what is in the envelope begins; -1 where there is none of this kind, and then the draft is as before.
 */
export type ReadEnvelope = (line: string, at: number, draft: Draft) => number;

export function newDraft(): Draft {
  return { text: '', fromKernel: true };
}

/** @returns the draft with its text, which begins at `at`. */
export function finished(draft: Draft, line: string, at: number): LogRecord {
  const text = at === 0 ? line : line.slice(at);
  draft.text = unescapeLineFeeds(text, draft.identifier !== undefined);
  return draft;
}

/** @param microseconds what is beyond a whole number that can be told exactly is not told. */
export function noteKernelTime(draft: Draft, microseconds: number): void {
  if (!Number.isSafeInteger(microseconds) || microseconds < 0) return;
  draft.kernelTimeMs = Math.floor(microseconds / 1000);
  draft.kernelTimeMicroseconds = microseconds;
}

/** @param priority facility * 8 + level; only the kernel itself can write its facility, which is 0. */
export function notePriority(draft: Draft, priority: number): void {
  draft.level = priority % 8;
  if (priority >= 8) draft.fromKernel = false;
}
