import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../src/transport/connection';
import { transportTo } from '../src/transport/transportTo';
import { describeMachine } from './machine';
import { markdownTable, type Columns } from './markdownTable';
import {
  descendantsOf,
  endedChildrenTimeMs,
  ownTimeMs,
  residentOf,
  residentText,
  startedEver,
  type Resident,
} from './processes';
import { quantile } from './quantile';
import { connectionsEnded, type Server } from './server';
import { MadeUpHost, catEachTime, catLoop, openKernelLog, remoteProgram, type Way } from './ways';

/** The other part of the bench; this file is what is bundled. */
export { comparing } from './compare/comparing';

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
    remoteProgram('remote program: from memory', transport, { from: 'memory' }),
    catLoop('a shell loop that starts `cat`', transport),
    catEachTime('a command `cat …` each time', transport),
  ];
  const costs: Cost[] = [];
  for (const way of ways) costs.push(await costOf(way, server, extent));
  return [describeRun(extent), '', ...table(costs), '', await kernelLogText(transport, server)].join('\n');
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
    await connectionsEnded(server);
  }
  return firstMs;
}

async function costOf(way: Way, server: Server, { samples, intervalMs, connections }: Extent): Promise<Cost> {
  const firstMs = await timeToFirstAnswer(way, server, connections);
  const opened = await way.open();
  for (let warmUp = 0; warmUp < 20; warmUp++) await opened.ask();
  // What helped it to start ends by itself within a second, see `heldShell`.
  await sleep(2000);
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
  await connectionsEnded(server);
  return cost;
}

async function kernelLogText(transport: Transport, server: Server): Promise<string> {
  const log = await openKernelLog(transport);
  if (!log) return 'The kernel log cannot be read by this user.';
  const resident = descendantsOf(server.sessionPids()).map(residentOf);
  log.close();
  return `The reader of the kernel log beside it: ${residentText(resident)} MB.`;
}

function describeRun({ samples, intervalMs, connections }: Extent): string {
  return (
    `${describeMachine()}, Node ${process.versions.node}; ` +
    `${samples} samples, one every ${intervalMs} ms, and ${connections} connections of each.`
  );
}

function table(costs: readonly Cost[]): string[] {
  const columns: Columns<Cost> = {
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
  return markdownTable(columns, costs);
}
