import fs from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

/** What this process, the extension host, took of the machine over some time. */
export interface Usage {
  readonly wallMs: number;
  /** Of all its threads, in user and kernel mode: on a busy machine still what it was, when the time was not. */
  readonly processorMs: number;
  /** At the end, once garbage was collected. */
  readonly memory: NodeJS.MemoryUsage;
}

/** What is held in JavaScript's heap and in buffers (`external` counts `arrayBuffers`), in bytes. */
export function heldBytes({ memory }: Usage): number {
  return memory.heapUsed + memory.external;
}

/** @param profileFile where a profile goes, for Chromium's or VS Code's profile view; taking it costs a little itself. */
export async function usageOver(ms: number, profileFile?: string): Promise<Usage> {
  const profiler = profileFile === undefined ? undefined : await startProfiler();
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  await sleep(ms);
  const { user, system } = process.cpuUsage(before);
  const wallMs = performance.now() - startedAtMs;
  if (profiler && profileFile !== undefined) {
    const { profile } = await profiler.post('Profiler.stop');
    profiler.disconnect();
    fs.writeFileSync(profileFile, JSON.stringify(profile));
  }
  await collectGarbage();
  return { wallMs, processorMs: (user + system) / 1000, memory: process.memoryUsage() };
}

/** Buffers are given back a moment later. */
async function collectGarbage(): Promise<void> {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('globalThis.gc') as (() => void) | undefined;
  for (let round = 0; round < 3; round++) {
    gc?.();
    await sleep(50);
  }
}

async function startProfiler(): Promise<Session> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return session;
}

/** For the person who reads the test's output. */
export function describeUsage({ wallMs, processorMs, memory }: Usage): string {
  const share = ((processorMs * 100) / wallMs).toFixed(1);
  const megabytes = (['rss', 'heapUsed', 'heapTotal', 'external', 'arrayBuffers'] as const).map(
    (name) => `${name} ${(memory[name] / 1e6).toFixed(0)} MB`,
  );
  return `${share} % of a processor; ${megabytes.join(', ')}`;
}
