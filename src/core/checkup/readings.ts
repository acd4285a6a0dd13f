import { refusalText, type Source } from '../proc/source';
import { errorText } from '../errorText';
import { readSource } from '../sample';
import type { CheckupReadings, CheckupSlice } from './inputs';

/** One source at one end of the span. */
export interface Read<T> {
  readonly facts: T;
  /** The host's uptime when it was read, in ms. */
  readonly atMs: number;
}

/** One source at both ends. `missing`: why an end is undefined, one sentence each. */
export interface Pair<T> {
  readonly start: Read<T> | undefined;
  readonly end: Read<T> | undefined;
  /** Between the two; undefined where one is missing or the host's uptime did not advance. */
  readonly spanMs: number | undefined;
  readonly missing: readonly string[];
}

/** Reads a source at both ends. Never throws. */
export function pairOf<T>(source: Source<T>, inputs: CheckupReadings): Pair<T> {
  const missing: string[] = [];
  const start = readOf(source, inputs.start, 'at the start', missing);
  const end = readOf(source, inputs.end, 'at the end', missing);
  const spanMs = start && end && end.atMs - start.atMs;
  const advanced = spanMs !== undefined && Number.isFinite(spanMs) && spanMs > 0;
  if (spanMs !== undefined && !advanced) {
    missing.push(`${source.path}: the host's uptime did not advance between the two readings`);
  }
  return { start, end, spanMs: advanced ? spanMs : undefined, missing: [...new Set(missing)] };
}

function readOf<T>(
  source: Source<T>,
  slices: readonly CheckupSlice[],
  when: string,
  missing: string[],
): Read<T> | undefined {
  const slice =
    slices.find(({ text }) => Object.hasOwn(text, source.path)) ??
    slices.find(({ unreadable }) => unreadable.includes(source.path)) ??
    slices[0];
  const { value, problem } = readSource(source, slice?.text ?? {}, slice?.unreadable ?? []);
  if (problem?.kind === 'unreadable')
    missing.push(`${source.path}: this host does not have it, or not for us`);
  else if (problem?.kind === 'missing') missing.push(`${source.path}: was not read ${when}`);
  else if (problem !== undefined) missing.push(problem.message);
  return value === undefined || slice === undefined ? undefined : { facts: value, atMs: slice.hostUptimeMs };
}

/** The slices' text of a path, the last one that there is. */
export function textOf(slices: readonly CheckupSlice[], path: string): string | undefined {
  return [...slices].reverse().find(({ text }) => Object.hasOwn(text, path))?.text[path];
}

/** Parses one file of a family, e.g. of one process. Undefined where that is not possible; `problems` is told why. */
export function parsedOf<T>(
  source: Source<T>,
  path: string,
  text: string | undefined,
  problems: string[],
): T | undefined {
  if (text === undefined) return undefined;
  try {
    return source.parse(text, (line, reason) => problems.push(refusalText(path, line, reason)));
  } catch (error) {
    problems.push(errorText(error));
    return undefined;
  }
}
