import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import { sshdPath } from '../../scripts/sshd.mjs';
import { RescueShell, type RescueReply } from '../../src/monitor/rescue/rescueShell';
import { processStat } from '../../src/core/proc/processStat';
import type { Connection } from '../../src/transport/connection';
import { FreezerGroup, freezerObstacle } from './lab/freezerGroup';
import { areTraced, PidNamespace, pidNamespaceObstacle } from './lab/pidNamespace';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor, run } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import { exeOf, isCopy, sleep } from './watching';

/** The host is a PID namespace of its own: every start in it is seen, and pids can be given out again. */
describe('the rescue shell on a host of its own', () => {
  let sshd: Sshd;
  let namespace: PidNamespace | undefined;
  let connection: Connection;
  let shell: RescueShell;

  beforeEach(async ({ skip }) => {
    const obstacle = pidNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    sshd = await startSshd();
    trust(sshd);
    // The same server once more, inside: the first one is ended and leaves its port, keys and configuration.
    sshd.kill9();
    namespace = new PidNamespace([sshdPath, '-D', '-E', sshd.logFile, '-f', sshd.file('sshd_config')]);
    await until(() => listens(sshd.port));
    connection = await connect(optionsFor(sshd));
    shell = await RescueShell.open(connection, { sudo: false });
  });
  afterEach(async () => {
    if (!namespace) return;
    connection.close();
    await namespace.stop();
    namespace = undefined;
    await sshd.stop();
  });

  function inside(): PidNamespace {
    if (!namespace) throw new Error('there is no namespace');
    return namespace;
  }

  /**
   * Starts a process on the host that has a parent who waits for it.
   * @param afterPid it gets the next pid after that.
   * @returns pid and start time as a person is shown them.
   */
  async function sleeper(afterPid?: number): Promise<Sleeper> {
    const give = afterPid === undefined ? '' : `echo ${afterPid} >/proc/sys/kernel/ns_last_pid; `;
    const script = `${give}sleep 1000 >/dev/null & read -r line </proc/$!/stat; echo "$line"; wait`;
    const channel = await connection.exec(`exec sh -c '${script}'`);
    const [bytes] = (await once(channel.stream, 'data')) as [Buffer];
    channel.stream.on('error', () => undefined);
    channel.stream.resume();
    const { pid, starttimeTicks } = processStat.parse(bytes.toString(), () => undefined);
    return { pid, starttimeTicks, exit: channel.exit };
  }

  async function isAlive(pid: number): Promise<boolean> {
    return (await run(connection, `kill -0 ${pid} 2>/dev/null && echo yes`)).out === 'yes\n';
  }

  it('does not hit a process that has got the pid of the one that was shown', async () => {
    const shown = await sleeper();
    await run(connection, `kill -9 ${shown.pid}`);
    await shown.exit;
    expect(valueOf(await shell.signal(shown, 'KILL'))).toBe('gone');
    await sleep(50); // start times count in hundredths of a second
    const recycled = await sleeper(shown.pid - 1);
    expect(recycled.pid).toBe(shown.pid);
    expect(recycled.starttimeTicks).toBeGreaterThan(shown.starttimeTicks);
    for (const signal of ['TERM', 'STOP', 'KILL'] as const)
      expect(valueOf(await shell.signal(shown, signal))).toBe('other');
    expect(await isAlive(shown.pid)).toBe(true);

    expect(valueOf(await shell.signal(recycled, 'KILL'))).toBe('done');
    await recycled.exit;
    expect(await isAlive(shown.pid)).toBe(false);
  });

  it('starts nothing, whatever it is asked (last pid, strace)', async ({ skip }) => {
    const version = freezerObstacle(2) === undefined ? 2 : 1;
    const obstacle = freezerObstacle(version);
    skip(obstacle !== undefined, obstacle);
    const shells = inside()
      .pids()
      .filter((pid) => isCopy(exeOf(pid)));
    expect(shells).toHaveLength(1); // from memory
    const [victim, group] = [await sleeper(), FreezerGroup.create(version, `rescue-${process.pid}`)];
    try {
      await connection.exec(`echo $$ >${group.folder}/cgroup.procs; exec sleep 1000`);
      await until(() => group.processes.length === 1);
      await sleep(500); // until whatever prepared that has ended
      const strace = findProgram('strace');
      const trace =
        strace === undefined ? undefined : await Trace.start(strace, shells, sshd.file('strace.log'));
      const before = await inside().lastPid();
      for (let round = 0; round < 20; round++) {
        valueOf(await shell.ping());
        valueOf(await shell.freeze(group.path, true));
        valueOf(await shell.state(group.path));
        valueOf(await shell.thaw(group.path));
        valueOf(await shell.signal(victim, round % 2 === 0 ? 'STOP' : 'CONT'));
      }
      expect(valueOf(await shell.signal(victim, 'KILL'))).toBe('done');
      expect(valueOf(await shell.killGroup(group.path))).toMatchObject({ kind: 'group', signalled: 1 });
      expect(await inside().lastPid()).toBe(before);
      const seen = (await trace?.stop()) ?? ['kill(1, SIGKILL)'];
      expect(seen.filter((line) => /clone|fork|execve/.test(line))).toEqual([]);
      expect(seen.some((line) => line.includes('kill('))).toBe(true); // it was looked at

      await inside().startOne();
      expect(await inside().lastPid()).toBe(before + 1);
    } finally {
      await group.remove();
    }
  });
});

interface Sleeper {
  readonly pid: number;
  readonly starttimeTicks: number;
  /** Resolves when it has ended and nobody has its pid. */
  readonly exit: Promise<unknown>;
}

function valueOf<T>(reply: RescueReply<T>): T {
  if (reply.kind !== 'answered') throw new Error(reply.why);
  return reply.value;
}

/** Whether somebody on 127.0.0.1 listens there (`/proc/net/tcp`, state 0A). */
function listens(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .some((line) => line.includes(` ${address} 00000000:0000 0A `));
}

/** strace of what a process starts and signals. */
class Trace {
  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    private readonly file: string,
  ) {}

  static async start(strace: string, pids: readonly number[], file: string): Promise<Trace> {
    const args = [
      '-f',
      '-qq',
      '-e',
      'trace=process,kill',
      '-o',
      file,
      ...pids.map((pid) => `--attach=${pid}`),
    ];
    const trace = new Trace(spawn(strace, args, { stdio: 'ignore' }), file);
    await until(() => areTraced(pids));
    return trace;
  }

  /** Lets it go; gives what was seen, a line each. */
  async stop(): Promise<string[]> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await ended;
    return readFileSync(this.file, 'utf8').split('\n');
  }
}
