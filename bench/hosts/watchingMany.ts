import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { steadyPace } from '../../src/core/schedule';
import { HostMonitor } from '../../src/monitor/hostMonitor';
import type { Budget } from '../../src/monitor/programAwk';
import { transportTo } from '../../src/transport/transportTo';
import { describeMachine } from '../machine';
import { markdownTable, type Columns } from '../markdownTable';

/** Hosts that are watched at once. */
export interface Many {
  /** What the row is called. */
  readonly name: string;
  readonly targets: readonly string[];
  readonly configFile: string;
}

/** What watching them costs us. */
export interface ManyCost {
  readonly name: string;
  readonly hosts: number;
  /** Until each had answered once. */
  readonly allLiveMs: number;
  readonly live: number;
  /** Attempts to connect that failed. */
  readonly failures: number;
  readonly samplesPerSecond: number;
  /** Of a whole survey, of one host. */
  readonly processes: number;
  /** Resident memory of this process. */
  readonly beforeBytes: number;
  readonly afterBytes: number;
  /** Processor time of this process, per second of time. */
  readonly processorShare: number;
  readonly loopDelayP99Ms: number;
}

const longestStartMs = 180_000;
/** What the settings say where nobody changed them. */
const usualBudget: Budget = { processorShare: 0.05, bytesPerSecond: 50_000 };
/** Until the first surveys are through. */
const settleMs = 10_000;

/** Watches all of them from this process, once a second with surveys, for that long after all are live. */
export async function watchMany({ name, targets, configFile }: Many, seconds: number): Promise<ManyCost> {
  collectGarbage();
  const beforeBytes = process.memoryUsage.rss();
  const answered = new Set<string>();
  let samples = 0;
  let failures = 0;
  const startMs = performance.now();
  const monitors = targets.map((target) => {
    const monitor = new HostMonitor(transportTo(target, { configFile }), nobody, {
      pace: () => steadyPace(1000),
      looked: () => true,
      budget: () => usualBudget,
      kernelLog: false,
      sudo: () => false,
      survey: true,
      log: () => undefined,
    });
    monitor.onMoment(() => {
      answered.add(target);
      samples += 1;
    });
    monitor.onState((state) => {
      if (state.kind === 'reconnecting' && state.nextAttemptAtMs !== undefined) failures += 1;
    });
    monitor.start();
    return monitor;
  });
  try {
    while (answered.size < targets.length && performance.now() - startMs < longestStartMs) await sleep(20);
    const allLiveMs = performance.now() - startMs;
    await sleep(settleMs);
    samples = 0;
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const cpu = process.cpuUsage();
    const fromMs = performance.now();
    await sleep(seconds * 1000);
    const tookMs = performance.now() - fromMs;
    const { user, system } = process.cpuUsage(cpu);
    loop.disable();
    const measured = samples;
    const processes = monitors[0]?.survey?.processes.processes.length ?? 0;
    collectGarbage();
    return {
      name,
      hosts: targets.length,
      allLiveMs,
      live: monitors.filter(({ state }) => state.kind === 'live').length,
      failures,
      samplesPerSecond: (measured * 1000) / tookMs,
      processes,
      beforeBytes,
      afterBytes: process.memoryUsage.rss(),
      processorShare: (user + system) / 1000 / tookMs,
      loopDelayP99Ms: loop.percentile(99) / 1e6,
    };
  } finally {
    for (const monitor of monitors) monitor.stop();
  }
}

/** @returns what is to be printed, as Markdown. */
export function manyReport(costs: readonly ManyCost[], seconds: number): string {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
  const columns: Columns<ManyCost> = {
    hosts: ({ name, hosts }) => `${hosts} ${name}`,
    live: ({ live }) => String(live),
    'all live after, s': ({ allLiveMs }) => (allLiveMs / 1000).toFixed(1),
    'attempts that failed': ({ failures }) => String(failures),
    'samples a second': ({ samplesPerSecond }) => samplesPerSecond.toFixed(1),
    'processes of each': ({ processes }) => String(processes),
    'memory before, MB': ({ beforeBytes }) => mb(beforeBytes),
    after: ({ afterBytes }) => mb(afterBytes),
    'a host': ({ beforeBytes, afterBytes, hosts }) => ((afterBytes - beforeBytes) / hosts / 1e6).toFixed(2),
    'processor, % of a core': ({ processorShare }) => (processorShare * 100).toFixed(0),
    'a host, %': ({ processorShare, hosts }) => ((processorShare * 100) / hosts).toFixed(2),
    'event loop p99, ms': ({ loopDelayP99Ms }) => loopDelayP99Ms.toFixed(0),
  };
  const head = `${describeMachine()}, Node ${process.versions.node}; ${seconds} s, one sample a second and surveys.`;
  return [head, '', ...markdownTable(columns, costs)].join('\n');
}

const nobody = {
  unknownHostKey: () => Promise.resolve(undefined),
  secret: () => Promise.resolve(undefined),
  answers: () => Promise.resolve(undefined),
};

/** Where Node was started with --expose-gc: what is not used any more is none of the cost. */
function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
