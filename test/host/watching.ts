import { HostMonitor, type Moment, type MonitorState } from '../../src/monitor/hostMonitor';
import type { KernelLogState } from '../../src/monitor/kernelLog';
import type { Prompts, Transport } from '../../src/transport/connection';
import { neverAsked } from './prompts';
import { until } from './transport/attaching';

/** A monitor with all that it told, in order. */
export interface Watching {
  readonly monitor: HostMonitor;
  readonly states: readonly MonitorState[];
  readonly moments: readonly Moment[];
  readonly kernelLogStates: readonly KernelLogState[];
  readonly logged: readonly string[];
}

export interface WatchOptions {
  readonly prompts?: Prompts;
  readonly intervalMs?: number;
  readonly kernelLog?: boolean;
  readonly sudo?: () => boolean;
}

/** Starts a monitor. `stop()` it at the end. */
export function watch(transport: Transport, options: WatchOptions = {}): Watching {
  const states: MonitorState[] = [];
  const moments: Moment[] = [];
  const kernelLogStates: KernelLogState[] = [];
  const logged: string[] = [];
  const monitor = new HostMonitor(transport, options.prompts ?? neverAsked, {
    intervalMs: () => options.intervalMs ?? 100,
    kernelLog: options.kernelLog ?? false,
    sudo: options.sudo ?? (() => false),
    log: (line) => logged.push(line),
  });
  monitor.onState((state) => states.push(state));
  monitor.onMoment((moment) => moments.push(moment));
  monitor.oom.onLogState((state) => kernelLogStates.push(state));
  monitor.start();
  return { monitor, states, moments, kernelLogStates, logged };
}

/** Waits for a state of that kind and gives it. */
export async function reach<Kind extends MonitorState['kind']>(
  { monitor }: Watching,
  kind: Kind,
  timeoutMs = 5000,
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
export async function more({ moments }: Watching, count: number, timeoutMs = 5000): Promise<void> {
  const wanted = moments.length + count;
  await until(() => moments.length >= wanted, timeoutMs);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
