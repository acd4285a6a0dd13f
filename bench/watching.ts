import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../src/transport/connection';
import { transportTo } from '../src/transport/transportTo';
import {
  descendantsOf,
  endedChildrenTimeMs,
  ownTimeMs,
  residentOf,
  startedEver,
  sum,
  type Resident,
} from './processes';
import { MadeUpHost, catEachTime, catLoop, openKernelLog, remoteProgram, type Way } from './ways';

/** The private sshd that is measured over. */
export interface Server {
  readonly alias: string;
  readonly configFile: string;
  /** For files of this run; whoever started the server removes it. */
  readonly folder: string;
  /** Its processes that serve connections now. */
  sessionPids(): readonly number[];
}

export interface Extent {
  /** Answers of each way. */
  readonly samples: number;
  readonly intervalMs: number;
  /** Connections of each way, for the time to the first answer. */
  readonly connections: number;
}

const hosts = [
  ['bash, gawk', { sh: '/bin/dash', bash: '/bin/bash', gawk: '/usr/bin/gawk' }],
  ['bash, mawk', { sh: '/bin/dash', bash: '/bin/bash', mawk: '/usr/bin/mawk' }],
  ['dash, mawk', { sh: '/bin/dash', mawk: '/usr/bin/mawk' }],
  ['busybox', { sh: '/bin/busybox', awk: '/bin/busybox' }],
  ['dash, no awk', { sh: '/bin/dash' }],
] as const;

/** What one way costs; times in ms. */
interface Cost {
  readonly name: string;
  /** Processor time on the host per answer, without sshd: the middle one (absent where children come and go), the mean. */
  readonly medianMs: number | undefined;
  readonly meanMs: number;
  readonly sshdMs: number;
  /** Processes started per answer: the middle one, as others start some as well. */
  readonly started: number;
  readonly bytes: readonly number[];
  readonly resident: readonly Resident[];
  readonly firstMs: readonly number[];
  readonly roundTripMs: readonly number[];
}

/** Measures every way to watch a host, one after another. @returns what is to be printed, as Markdown. */
export async function watching(server: Server, extent: Extent): Promise<string> {
  const transport = transportTo(server.alias, { configFile: server.configFile });
  const ways = [
    ...hosts.map(([name, programs]) =>
      remoteProgram(`remote program: ${name}`, new MadeUpHost(server.folder, programs).reachedBy(transport)),
    ),
    catLoop('a shell loop that starts `cat`', transport),
    catEachTime('a command `cat …` each time', transport),
  ];
  const costs: Cost[] = [];
  for (const way of ways) costs.push(await costOf(way, server, extent));
  return [describeMachine(extent), '', ...table(costs), '', await kernelLogText(transport, server)].join(
    '\n',
  );
}

/** From nothing to the first answer, in ms, again and again. */
async function timeToFirstAnswer(way: Way, server: Server, connections: number): Promise<number[]> {
  const firstMs: number[] = [];
  for (let run = 0; run < connections; run++) {
    const start = performance.now();
    const opened = await way.open();
    await opened.ask();
    firstMs.push(performance.now() - start);
    opened.close();
    await until(() => server.sessionPids().length === 0);
  }
  return firstMs;
}

async function costOf(way: Way, server: Server, { samples, intervalMs, connections }: Extent): Promise<Cost> {
  const firstMs = await timeToFirstAnswer(way, server, connections);
  const opened = await way.open();
  for (let warmUp = 0; warmUp < 20; warmUp++) await opened.ask();
  const sshd = server.sessionPids();
  const programs = descendantsOf(sshd);
  const programTime = (): number => ownTimeMs(programs) + endedChildrenTimeMs([...programs, ...sshd]);

  const bytes: number[] = [];
  const roundTripMs: number[] = [];
  const started: number[] = [];
  const each: number[] = [];
  const before = { program: programTime(), sshd: ownTimeMs(sshd) };
  for (let sample = 0, due = performance.now(); sample < samples; sample++, due += intervalMs) {
    await sleep(Math.max(0, due - performance.now()));
    const was = { started: startedEver(), program: ownTimeMs(programs) };
    const asked = performance.now();
    bytes.push(await opened.ask());
    roundTripMs.push(performance.now() - asked);
    each.push(ownTimeMs(programs) - was.program);
    started.push(startedEver() - was.started);
  }
  const cost: Cost = {
    name: way.name,
    medianMs: quantile(started, 0.5) === 0 ? quantile(each, 0.5) : undefined,
    meanMs: (programTime() - before.program) / samples,
    sshdMs: (ownTimeMs(sshd) - before.sshd) / samples,
    started: quantile(started, 0.5),
    bytes,
    resident: programs.map(residentOf),
    firstMs,
    roundTripMs,
  };
  opened.close();
  await until(() => server.sessionPids().length === 0);
  return cost;
}

async function kernelLogText(transport: Transport, server: Server): Promise<string> {
  const log = await openKernelLog(transport);
  if (!log) return 'The kernel log cannot be read by this user.';
  const resident = descendantsOf(server.sessionPids()).map(residentOf);
  log.close();
  return `The reader of the kernel log beside it: ${residentText(resident)} MB.`;
}

function describeMachine({ samples, intervalMs, connections }: Extent): string {
  const all = cpus();
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  return (
    `${all.length} × ${all[0]?.model ?? 'unknown processor'}, ${system}, kernel ${release()}, Node ${process.versions.node}; ` +
    `${samples} samples, one every ${intervalMs} ms, and ${connections} connections of each.`
  );
}

function table(costs: readonly Cost[]): string[] {
  const columns: Readonly<Record<string, (cost: Cost) => string>> = {
    'way to watch': ({ name }) => name,
    'processor time per sample, ms: median': ({ medianMs }) => medianMs?.toFixed(2) ?? '–',
    mean: ({ meanMs }) => meanMs.toFixed(2),
    'of sshd, mean': ({ sshdMs }) => sshdMs.toFixed(2),
    'processes started per sample': ({ started }) => String(started),
    'bytes per sample: median': ({ bytes }) => String(quantile(bytes, 0.5)),
    max: ({ bytes }) => String(Math.max(...bytes)),
    'resident memory, MB': ({ resident }) => residentText(resident),
    'connect to first sample, ms': ({ firstMs }) => quantile(firstMs, 0.5).toFixed(0),
    'round trip, ms: p50': ({ roundTripMs }) => quantile(roundTripMs, 0.5).toFixed(1),
    p90: ({ roundTripMs }) => quantile(roundTripMs, 0.9).toFixed(1),
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const names = Object.keys(columns);
  return [
    row(names),
    row(names.map(() => '---')),
    ...costs.map((cost) => row(Object.values(columns).map((cell) => cell(cost)))),
  ];
}

/** e.g. `1.5 (bash 1.0, gawk 0.5)`. */
function residentText(resident: readonly Resident[]): string {
  const mb = (kib: number): string => ((kib * 1024) / 1e6).toFixed(1);
  if (resident.length === 0) return '0';
  const parts = resident.map(({ name, pssKib }) => `${name} ${mb(pssKib)}`);
  return `${mb(sum(resident.map(({ pssKib }) => pssKib)))} (${parts.join(', ')})`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('a connection did not end');
    await sleep(5);
  }
}
