import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../src/core/errorText';
import type { Transport } from '../../src/transport/connection';
import { transportTo } from '../../src/transport/transportTo';
import { describeMachine } from '../machine';
import { startedEver } from '../processes';
import type { Server } from '../server';
import { MadeUpHost } from '../ways';
import type { Start } from './children';
import { removeLeftovers } from './controlGroup';
import { Load, processesNow, type LoadSize } from './load';
import { measure, type Measured } from './measure';
import { comparisonTable } from './report';
import { statCostOf } from './statCost';
import type { Subject } from './subject';
import { thisProgram } from './thisProgram';
import { toolSubjects } from './tools';

export interface ComparisonOptions {
  readonly server: Server;
  readonly start: Start;
  readonly ports: readonly [number, number];
  /** Of each subject, after it has settled. */
  readonly seconds: number;
  /** Part of a name: only those are measured. */
  readonly like: string;
  /** Rejects when the measuring has to end: then everything that was started has ended before {@link comparing} rejects. */
  readonly interrupted: Promise<never>;
}

const size: LoadSize = { processes: 300, groups: 20 };

/** The ratios are to this. */
const everything = 'this program, everything';

/** A plain Debian has these. */
const programs = { sh: '/bin/dash', bash: '/bin/bash', mawk: '/usr/bin/mawk' };

/**
 * Measures what this program and others cost a host on which 300 processes run in 20 memory cgroups, one after another.
 * Takes root. @returns what is to be printed, as Markdown.
 */
export async function comparing(options: ComparisonOptions): Promise<string> {
  const { server, start, ports, seconds, like } = options;
  const { signal } = abortedBy(options.interrupted);
  const left = await removeLeftovers();
  if (left.length > 0) console.error(`removed what an earlier run had left: ${left.join(' ')}`);
  const transport = transportTo(server.alias, { configFile: server.configFile });
  const plain = new MadeUpHost(server.folder, programs).reachedBy(transport);
  const subjects: Subject[] = [
    ...toolSubjects({ start, folder: server.folder, ports }),
    thisProgram('this program, fast', { server, transport: plain, options: {} }),
    thisProgram(everything, { server, transport: plain, options: { survey: true } }),
    thisProgram(`${everything}, from memory`, {
      server,
      transport,
      options: { survey: true, from: 'memory' },
    }),
  ].filter(({ name }) => name.includes(like));

  const load = await Load.start(start, size, signal);
  try {
    await sleep(2000, undefined, { signal });
    const there = processesNow();
    const others = await startedByOthers(signal);
    const measured: Measured[] = [];
    for (const subject of subjects) {
      console.error(`measuring ${subject.name} …`);
      measured.push(await measure(subject, seconds, signal));
    }
    const perStat = await statCostText(plain, signal);
    return [
      `${describeMachine()}; ${there} processes, ${load.processes} of them made for this and spread over ${size.groups} memory cgroups; ${seconds} s of each. Others started ${others.toFixed(1)} processes and threads a second.`,
      '',
      ...comparisonTable(measured, everything),
      '',
      perStat,
    ].join('\n');
  } finally {
    await load.stop();
  }
}

async function statCostText(transport: Transport, signal: AbortSignal): Promise<string> {
  const what = 'One `stat` of a process, read in slices';
  try {
    const { microsecondsEach, statsRead } = await statCostOf(transport, signal);
    return `${what}: ${microsecondsEach.toFixed(1)} µs (mean of ${statsRead}).`;
  } catch (error) {
    signal.throwIfAborted();
    return `Not measured: ${what}: ${errorText(error)}`;
  }
}

/** Processes and threads that are started a second while nothing is measured. */
async function startedByOthers(signal: AbortSignal): Promise<number> {
  const before = startedEver();
  await sleep(5000, undefined, { signal });
  return (startedEver() - before) / 5;
}

function abortedBy(interrupted: Promise<never>): AbortController {
  const controller = new AbortController();
  interrupted.catch((reason: unknown) => controller.abort(reason));
  return controller;
}
