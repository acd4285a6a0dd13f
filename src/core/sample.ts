import { errorText } from './errorText';
import type { Capture } from './capture';
import { diskstats } from './proc/diskstats';
import { loadavg } from './proc/loadavg';
import { meminfo } from './proc/meminfo';
import { cpuPressure, ioPressure, memoryPressure } from './proc/pressure';
import { refusalText, type Source } from './proc/source';
import { stat } from './proc/stat';
import { vmstat } from './proc/vmstat';

/** What is read at every sample. A new source is one word here. */
export const fastSources = {
  meminfo,
  vmstat,
  stat,
  loadavg,
  cpuPressure,
  memoryPressure,
  ioPressure,
  diskstats,
} as const satisfies Record<string, Source<unknown>>;

export type SourceId = keyof typeof fastSources;

/**
 * Why a source gave nothing, or less than it has: `unreadable` – the host could not read it (no such file, no right,
 * feature off); `malformed` – its text is not what it should be; `missing` – it is not in the capture at all; `nonsense` –
 * some of its values cannot be and are undefined, the rest stays.
 */
export interface Problem {
  readonly kind: 'unreadable' | 'malformed' | 'missing' | 'nonsense';
  /** For a log, a tooltip or a bug report: path, line and text; of the first value where there are more. */
  readonly message: string;
  /** Each value that was refused, as in `message`; at most 20. */
  readonly refused?: readonly string[];
}

/** So many refused values of one source are told in full. */
const refusedTold = 20;

/** What each source said. */
export type SourceFacts = {
  readonly [Id in SourceId]?: ReturnType<(typeof fastSources)[Id]['parse']>;
};

/** What was true of a host at one moment. A fact that is missing is undefined, with the reason in `problems`. */
export interface Sample extends SourceFacts {
  /** Host's uptime in ms when it was read. */
  readonly at: number;
  readonly bootId: string;
  readonly clock: Capture['clock'];
  readonly seq: number;
  /** From question to complete answer, on our clock; undefined for a sample that nobody asked for. */
  readonly answerDelayMs: number | undefined;
  readonly problems: Readonly<Partial<Record<SourceId, Problem>>>;
}

/** Reads a capture. Never throws: what fails becomes an entry of `problems` and the rest stays. */
export function sampleOf(capture: Capture): Sample {
  const facts: Partial<Record<SourceId, unknown>> = {};
  const problems: Partial<Record<SourceId, Problem>> = {};
  for (const id of Object.keys(fastSources) as SourceId[]) {
    const { value, problem } = readSource<unknown>(fastSources[id], capture.text, capture.unreadable);
    if (value !== undefined) facts[id] = value;
    if (problem !== undefined) problems[id] = problem;
  }
  return {
    ...(facts as SourceFacts),
    at: capture.hostUptimeMs,
    bootId: capture.bootId,
    clock: capture.clock,
    seq: capture.seq,
    answerDelayMs: capture.clock === 'asked' ? capture.receivedAtMs - capture.askedAtMs : undefined,
    problems,
  };
}

/** What came of one source: its facts, why there are none, or both where some values were refused. */
export type Reading<T> =
  | { readonly value: T; readonly problem?: Problem }
  | { readonly value?: undefined; readonly problem: Problem };

/** Parses one source out of the texts that came, or says why that was not possible. Never throws. */
export function readSource<T>(
  source: Source<T>,
  texts: Readonly<Record<string, string>>,
  unreadable: readonly string[] = [],
): Reading<T> {
  const { path } = source;
  const text = Object.hasOwn(texts, path) ? texts[path] : undefined;
  if (text === undefined) {
    return unreadable.includes(path)
      ? { problem: { kind: 'unreadable', message: `${path}: could not be read on the host` } }
      : { problem: { kind: 'missing', message: `${path}: not in the answer` } };
  }
  const refused: string[] = [];
  let count = 0;
  try {
    const value = source.parse(text, (line, reason) => {
      count += 1;
      if (count <= refusedTold) refused.push(refusalText(path, line, reason));
    });
    const [first] = refused;
    if (first === undefined) return { value };
    const message = count === 1 ? first : `${first} (and ${count - 1} more)`;
    return { value, problem: { kind: 'nonsense', message, refused } };
  } catch (error) {
    const message = errorText(error);
    return { problem: { kind: 'malformed', message, ...(count > 0 && { refused }) } };
  }
}
