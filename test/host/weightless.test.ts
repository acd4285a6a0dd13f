import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { residentOf, sum } from '../../bench/processes';
import { findProgram } from '../../scripts/paths.mjs';
import { sshdPath } from '../../scripts/sshd.mjs';
import { sshTransport } from '../../src/transport/ssh';
import { areTraced, PidNamespace, pidNamespaceObstacle } from './lab/pidNamespace';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor, run } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import { exeOf, isCopy, more, sleep, watch, type Watching } from './watching';

/** While a host is watched, nothing is started on it: sshd runs in a PID namespace where every start is seen. */
describe('a host that is watched for 60 samples', () => {
  let sshd: Sshd;
  let namespace: PidNamespace | undefined;
  let watching: Watching;

  beforeEach(async ({ skip }) => {
    const obstacle = pidNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    sshd = await startSshd();
    trust(sshd);
    // The same server once more, inside: the first one is ended and leaves its port, keys and configuration.
    sshd.kill9();
    namespace = new PidNamespace([sshdPath, '-D', '-E', sshd.logFile, '-f', sshd.file('sshd_config')]);
    await until(() => listens(sshd.port));
    watching = watch(sshTransport(optionsFor(sshd)), {
      kernelLog: true,
      holdInMemory: true,
      survey: true,
    });
    await until(() => watching.monitor.oom.logState?.kind === 'reading');
    await until(() => heldPids().some((pid) => exeOf(pid).includes('awk')), 10_000);
    await sleep(2000); // until whatever prepared that has ended
    await more(watching, 10);
  });
  afterEach(async () => {
    if (!namespace) return;
    watching.monitor.stop();
    await namespace.stop();
    namespace = undefined;
    await sshd.stop();
  });

  function inside(): PidNamespace {
    if (!namespace) throw new Error('there is no namespace');
    return namespace;
  }

  /** The processes of the program that has taken over, which runs from copies in memory. */
  function heldPids(): number[] {
    return inside()
      .pids()
      .filter((pid) => isCopy(exeOf(pid)));
  }

  it('gives out no pid', async () => {
    const before = await inside().lastPid();
    expect(before).toBeGreaterThan(3); // sshd and the two programs of the monitor have been counted
    await more(watching, 60, 15_000);
    expect(await inside().lastPid()).toBe(before);

    // The measure does see one program, whoever starts it.
    await inside().startOne();
    expect(await inside().lastPid()).toBe(before + 1);
    const other = await connect(optionsFor(sshd));
    const afterLogin = await inside().lastPid();
    await run(other, 'exec true');
    other.close();
    expect(await inside().lastPid()).toBeGreaterThan(afterLogin);
  });

  it('calls no clone, fork or execve in a minute (strace)', { timeout: 100_000 }, async ({ skip }) => {
    const strace = findProgram('strace');
    if (strace === undefined) return skip('there is no strace');
    const trace = await Trace.start(strace, inside().pids(), sshd.file('strace.log'));
    const startedMs = performance.now();
    await more(watching, 60, 15_000);
    // A freeze of the server, through which the program samples on its own clock.
    const servers = inside().pids('sshd');
    for (const pid of servers) process.kill(pid, 'SIGSTOP');
    await sleep(5000);
    for (const pid of servers) process.kill(pid, 'SIGCONT');
    await until(() => watching.moments.some(({ sample }) => sample.clock === 'own'), 5000);
    // Long enough for the slow sources to come round, and for the memory that watching takes.
    await sleep(60_000 - (performance.now() - startedMs));
    const { cost } = watching.monitor;
    const quiet = await trace.stop();
    expect(quiet.filter(isStart)).toEqual([]);
    // What is told of it counts the copies whole, and the server, whose memory is not ours.
    const server = parentOf(heldPids().find((pid) => !heldPids().includes(parentOf(pid))) ?? 0);
    const told = (cost?.residentBytes ?? 0) - residentOf(server).pssKib * 1024;
    const shares = 1024 * sum(heldPids().map((pid) => residentOf(pid).pssKib));
    console.info(`Pss ${(shares / 1e6).toFixed(2)} MB; with all of the copies ${(told / 1e6).toFixed(2)} MB`);
    expect(shares).toBeGreaterThan(500_000);
    expect(shares).toBeLessThan(6_000_000);
    expect(told).toBeGreaterThan(shares);
    expect(told).toBeLessThan(10_000_000);
    expect(watching.monitor.survey?.processes.processes.length).toBeGreaterThan(2);

    // The measure does see one program.
    const again = await Trace.start(strace, inside().pids(), sshd.file('strace-again.log'));
    await inside().startOne();
    const seen = (await again.stop()).filter(isStart);
    expect(seen.some((line) => /execve\(.*cat/.test(line))).toBe(true);
    expect(seen.some((line) => !line.includes('execve('))).toBe(true);
    await more(watching, 5); // still well after it all
  });
});

/** strace of what processes start and how they end, on processes that run already. */
class Trace {
  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    private readonly file: string,
  ) {}

  static async start(strace: string, pids: readonly number[], file: string): Promise<Trace> {
    const args = ['-f', '-qq', '-e', 'trace=process', '-o', file, ...pids.map((pid) => `--attach=${pid}`)];
    const trace = new Trace(spawn(strace, args, { stdio: 'ignore' }), file);
    await until(() => areTraced(pids));
    return trace;
  }

  /** Lets the processes go; gives what was seen, a line each. */
  async stop(): Promise<string[]> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await ended;
    return readFileSync(this.file, 'utf8').split('\n');
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** A line of strace that tells of a process or a program that is started. */
function isStart(line: string): boolean {
  return /\b(clone3?|v?fork|execve(at)?)\(/.test(line);
}

/** Whether somebody on 127.0.0.1 listens there (`/proc/net/tcp`, state 0A). */
function listens(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .some((line) => line.includes(` ${address} 00000000:0000 0A `));
}
