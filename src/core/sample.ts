import type { Capture } from './capture';
import { diskstats } from './proc/diskstats';
import { loadavg } from './proc/loadavg';
import { meminfo } from './proc/meminfo';
import { cpuPressure, ioPressure, memoryPressure } from './proc/pressure';
import type { Source } from './proc/source';
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
 * Why a source gave nothing: `unreadable` – the host could not read it (no such file, no right, feature off);
 * `malformed` – its text is not what it should be; `missing` – it is not in the capture at all.
 */
export interface Problem {
  readonly kind: 'unreadable' | 'malformed' | 'missing';
  /** For a log or a bug report: path, line and text. */
  readonly message: string;
}

/** What each source said. */
export type SourceFacts = {
  readonly [Id in SourceId]?: ReturnType<(typeof fastSources)[Id]['parse']>;
};

/** What was true of a host at one moment. A fact that is missing is undefined, with the reason in `problems`. */
export interface Sample extends SourceFacts {
  /** Host's uptime in ms when it was read. */
  readonly at: number;
  readonly bootId: string;
  readonly seq: number;
  /** From question to complete answer, on our clock. */
  readonly answerDelayMs: number;
  readonly problems: Readonly<Partial<Record<SourceId, Problem>>>;
}

/** Reads a capture. Never throws: a source that fails becomes an entry of `problems` and the rest stays. */
export function sampleOf(capture: Capture): Sample {
  const facts: Partial<Record<SourceId, unknown>> = {};
  const problems: Partial<Record<SourceId, Problem>> = {};
  for (const id of Object.keys(fastSources) as SourceId[]) {
    const result = readSource<unknown>(fastSources[id], capture.text, capture.unreadable);
    if ('problem' in result) problems[id] = result.problem;
    else facts[id] = result.value;
  }
  return {
    ...(facts as SourceFacts),
    at: capture.hostUptimeMs,
    bootId: capture.bootId,
    seq: capture.seq,
    answerDelayMs: capture.receivedAtMs - capture.askedAtMs,
    problems,
  };
}

/** Parses one source out of the texts that came, or says why that was not possible. Never throws. */
export function readSource<T>(
  source: Source<T>,
  texts: Readonly<Record<string, string>>,
  unreadable: readonly string[] = [],
): { readonly value: T } | { readonly problem: Problem } {
  const text = Object.hasOwn(texts, source.path) ? texts[source.path] : undefined;
  if (text === undefined) {
    return unreadable.includes(source.path)
      ? { problem: { kind: 'unreadable', message: `${source.path}: could not be read on the host` } }
      : { problem: { kind: 'missing', message: `${source.path}: not in the answer` } };
  }
  try {
    return { value: source.parse(text) };
  } catch (error) {
    return {
      problem: { kind: 'malformed', message: error instanceof Error ? error.message : String(error) },
    };
  }
}
