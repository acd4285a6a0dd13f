import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../src/core/errorText';
import type { Resident } from '../processes';
import type { OpenSubject, ReadSoFar, Subject } from './subject';

/** What one subject cost. */
export interface Measured {
  readonly name: string;
  /** Why it could not be measured; then there are no figures. */
  readonly obstacle?: string;
  readonly cost?: Cost;
}

export interface Cost {
  /** Processor time from the start until it had settled, in ms, and how long that was. */
  readonly settling: { readonly ms: number; readonly seconds: number };
  /** Processor time, in ms a second: mean, and in the dearest second. */
  readonly meanMs: number;
  readonly highestMs: number;
  /** Of the SSH server; undefined where there is none. */
  readonly sshdMs: number | undefined;
  /** Processes and threads started a second; undefined: some, nobody knows how many. */
  readonly started: number | undefined;
  readonly resident: readonly Resident[];
  /** What it read, a second; undefined: it does not tell. */
  readonly read?: ReadSoFar;
}

/** Runs one subject for so many seconds. Never throws of what the subject does. */
export async function measure(subject: Subject, seconds: number, signal: AbortSignal): Promise<Measured> {
  const { name, settleSeconds } = subject;
  let open: OpenSubject | undefined;
  try {
    open = await subject.open();
    await everySecond(open, settleSeconds, signal);
    const settling = { ms: open.usedMs, seconds: settleSeconds };
    return { name, cost: { settling, ...(await costOf(open, seconds, signal)) } };
  } catch (error) {
    signal.throwIfAborted();
    return { name, obstacle: errorText(error) };
  } finally {
    await open?.close();
  }
}

async function costOf(
  open: OpenSubject,
  seconds: number,
  signal: AbortSignal,
): Promise<Omit<Cost, 'settling'>> {
  const startedSince = open.countStarted();
  const sshdBefore = open.sshdMs;
  const readBefore = open.read;
  const used: number[] = [open.usedMs];
  const beganAt = performance.now();
  await everySecond(open, seconds, signal, () => used.push(open.usedMs));
  const elapsedSeconds = (performance.now() - beganAt) / 1000;
  const first = used[0] ?? 0;
  const last = used.at(-1) ?? 0;
  const started = startedSince();
  const sshdMs = open.sshdMs;
  return {
    meanMs: (last - first) / elapsedSeconds,
    highestMs: Math.max(...used.slice(1).map((ms, index) => ms - (used[index] ?? 0))),
    sshdMs:
      sshdMs === undefined || sshdBefore === undefined ? undefined : (sshdMs - sshdBefore) / elapsedSeconds,
    started: started === undefined ? undefined : started / elapsedSeconds,
    resident: open.resident,
    ...(open.read && readBefore && { read: readPerSecond(readBefore, open.read, elapsedSeconds) }),
  };
}

function readPerSecond(before: ReadSoFar, after: ReadSoFar, seconds: number): ReadSoFar {
  const rate = (what: keyof ReadSoFar): number => (after[what] - before[what]) / seconds;
  return {
    stats: rate('stats'),
    processes: rate('processes'),
    cgroups: rate('cgroups'),
    others: rate('others'),
  };
}

/** Does what is to be done at the beginning of each second, and `atEnd` at its end. */
async function everySecond(
  open: OpenSubject,
  seconds: number,
  signal: AbortSignal,
  atEnd: () => void = () => undefined,
): Promise<void> {
  const beganAt = performance.now();
  for (let second = 1; second <= seconds; second++) {
    signal.throwIfAborted();
    await within(open.everySecond(), signal);
    await sleep(Math.max(0, beganAt + second * 1000 - performance.now()), undefined, { signal });
    atEnd();
  }
}

/** Who does not answer within ten seconds has an obstacle. */
async function within(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const late = sleep(10_000, undefined, { signal: AbortSignal.any([signal, over.signal]) }).then(() => {
    throw new Error('it did not answer within 10 s');
  });
  try {
    await Promise.race([work, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}
