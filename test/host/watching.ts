import { readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import { steadyPace } from '../../src/core/schedule';
import { HostMonitor, type Moment, type MonitorState } from '../../src/monitor/hostMonitor';
import { unlimited } from '../../src/monitor/programAwk';
import type { KernelLogState } from '../../src/monitor/kernelLog';
import type { OomStore } from '../../src/monitor/oomStore';
import { ownClockFor } from '../../src/monitor/ownClock';
import type { Timing } from '../../src/monitor/timing';
import type { Prompts, Transport } from '../../src/transport/connection';
import { neverAsked } from './prompts';
import { until } from './lab/until';

/** A monitor with all that it told, in order. */
export interface Watching {
  readonly monitor: HostMonitor;
  readonly states: readonly MonitorState[];
  /** When each of them was told, by `performance.now()`. */
  readonly toldAtMs: readonly number[];
  readonly moments: readonly Moment[];
  readonly kernelLogStates: readonly KernelLogState[];
  readonly logged: readonly string[];
}

export interface WatchOptions {
  readonly prompts?: Prompts;
  readonly intervalMs?: number;
  /** Whether somebody looks at the host; absent: yes. */
  readonly looked?: boolean;
  readonly kernelLog?: boolean;
  readonly sudo?: () => boolean;
  /** Whether the program is to run from the host's memory, see `heldShell`; absent: no. */
  readonly holdInMemory?: boolean;
  /** Whether processes and cgroups are surveyed too; absent: no. */
  readonly survey?: boolean;
  /** Path of the API's socket; absent: nobody asks for rights. */
  readonly dockerSocket?: string;
  /** Whether what is needed to act is kept open; absent: no. */
  readonly act?: boolean;
  /** Whether anything may be changed there; absent: it may. */
  readonly mayChange?: () => boolean;
  readonly timing?: Partial<Timing>;
  /** Where OOM events are kept; absent: nowhere. */
  readonly oomStore?: OomStore;
  /** Whether earlier kills are looked up unasked; absent: no. */
  readonly lookUpKills?: boolean;
}

/** Starts a monitor. `stop()` it at the end. */
export function watch(transport: Transport, options: WatchOptions = {}): Watching {
  const { dockerSocket } = options;
  const states: MonitorState[] = [];
  const toldAtMs: number[] = [];
  const moments: Moment[] = [];
  const kernelLogStates: KernelLogState[] = [];
  const logged: string[] = [];
  const monitor = new HostMonitor(transport, options.prompts ?? neverAsked, {
    pace: () => steadyPace(options.intervalMs ?? 100),
    looked: () => options.looked ?? true,
    budget: () => unlimited,
    kernelLog: options.kernelLog ?? false,
    sudo: options.sudo ?? (() => false),
    holdInMemory: () => options.holdInMemory ?? false,
    log: (line) => logged.push(line),
    survey: options.survey ?? false,
    act: options.act ?? false,
    mayChange: options.mayChange ?? (() => true),
    ...(dockerSocket !== undefined && { dockerSocket: () => dockerSocket }),
    ...(options.timing && { timing: options.timing }),
    lookUpKills: options.lookUpKills ?? false,
    ...(options.oomStore && { oomStore: options.oomStore }),
  });
  monitor.onState((state) => {
    states.push(state);
    toldAtMs.push(performance.now());
  });
  monitor.onMoment((moment) => moments.push(moment));
  monitor.oom.onLogState((state) => kernelLogStates.push(state));
  monitor.start();
  return { monitor, states, toldAtMs, moments, kernelLogStates, logged };
}

/** Waits for a state of that kind and gives it. */
export async function reach<Kind extends MonitorState['kind']>(
  { monitor }: Watching,
  kind: Kind,
  timeoutMs = 10_000,
): Promise<MonitorState & { readonly kind: Kind }> {
  const start = performance.now();
  for (;;) {
    const state = monitor.state;
    if (isOfKind(state, kind)) return state;
    if (performance.now() - start > timeoutMs) {
      throw new Error(`not ${kind} within ${timeoutMs} ms, but ${JSON.stringify(state)}`);
    }
    await sleep(10);
  }
}

function isOfKind<Kind extends MonitorState['kind']>(
  state: MonitorState,
  kind: Kind,
): state is MonitorState & { readonly kind: Kind } {
  return state.kind === kind;
}

/** Waits for that many moments more. */
export async function more({ moments }: Watching, count: number, timeoutMs = 10_000): Promise<void> {
  const wanted = moments.length + count;
  await until(() => moments.length >= wanted, timeoutMs);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What the host's own clock does for a host that is watched every 100 ms. */
const ownClock = ownClockFor(100);

/** A gap between two samples of a host that goes on is shorter, even where nobody asks it; ms. */
export const longestGapMs = 1000 * (ownClock.lateSeconds + ownClock.everySeconds) + 1000;

/** A host that goes on and is not asked for so long takes that many samples at least. */
export function ownSamplesIn(unaskedMs: number): number {
  return Math.floor((unaskedMs / 1000 - ownClock.lateSeconds) / ownClock.everySeconds) - 1;
}

/** Of a loaded machine that stood still, and not of what a test does to its host, which takes longer; ms. */
const shortSilenceMs = 3000;

/** All states that were told, without short silences that ended by themselves. */
export function told({ states, toldAtMs }: Watching): MonitorState[] {
  const isShort = (state: MonitorState | undefined, index: number): boolean =>
    state?.kind === 'silent' &&
    states[index + 1]?.kind === 'live' &&
    (toldAtMs[index + 1] ?? Infinity) - state.sinceMs < shortSilenceMs;
  return states.filter((state, index) => !isShort(state, index) && !isShort(states[index - 1], index - 1));
}

/** The kinds of {@link told}. */
export function kinds(watching: Watching): string[] {
  return told(watching).map(({ kind }) => kind);
}

/** Waits until a state of that kind has been told, even if it has passed already, and gives the first. */
export async function reached<Kind extends MonitorState['kind']>(
  { states }: Watching,
  kind: Kind,
  timeoutMs = 10_000,
): Promise<MonitorState & { readonly kind: Kind }> {
  const find = (): (MonitorState & { readonly kind: Kind }) | undefined =>
    states.find((state) => isOfKind(state, kind));
  await until(() => find() !== undefined, timeoutMs);
  const state = find();
  if (!state) throw new Error(`not ${kind}`);
  return state;
}

/** Whether nearly all were taken in time; a loaded machine is now and then late by itself. */
export function expectHardlyAnyStall({ moments }: Watching): void {
  const stalled = moments.filter(({ stallMs }) => (stallMs ?? 0) >= 500);
  expect(stalled.length).toBeLessThanOrEqual(moments.length / 5);
}

/** What a process runs; empty where it has ended meanwhile. */
export function exeOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** Whether that is a copy of `heldShell`, there or unlinked. */
export function isCopy(exe: string): boolean {
  return exe.includes('/.remote-memory-');
}

/** A sample is told by its boot and the host's uptime. */
export function expectNoneTwice({ moments }: Watching): void {
  const keys = moments.map(({ sample }) => `${sample.bootId} ${sample.at}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
}

/** Between samples that follow each other on the host's clock, in ms. */
export function gapsOf({ moments }: Watching): number[] {
  const times = moments.map(({ sample }) => sample.at).sort((a, b) => a - b);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}
