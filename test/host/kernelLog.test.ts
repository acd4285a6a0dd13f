import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/paths.mjs';
import type { OomEvent } from '../../src/core/oom/event';
import { KernelLog, type KernelLogState } from '../../src/monitor/kernelLog';
import type { Connection, Transport } from '../../src/transport/connection';
import { sshTransport } from '../../src/transport/ssh';
import { kernelLogObstacle } from './lab/kernelLog';
import { memoryCgroupObstacle, oomKill } from './lab/memoryCgroup';
import { markSessions, sessionProcesses } from './lab/sessions';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import { more, reach, sleep, watch } from './watching';

const mark = randomBytes(8).toString('hex');
let sshd: Sshd;
const closing: (() => unknown)[] = [];
beforeEach(({ skip }) => {
  const obstacle = kernelLogObstacle();
  skip(obstacle !== undefined, obstacle);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(options: Parameters<typeof startSshd>[0] = {}): Promise<void> {
  sshd = await startSshd({ ...options, config: [markSessions(mark), ...(options.config ?? [])] });
  closing.push(() => sshd.stop());
  trust(sshd);
}

interface Reading {
  readonly connection: Connection;
  readonly lines: readonly string[];
  readonly states: readonly KernelLogState[];
}

async function read(): Promise<Reading> {
  const connection = await connect(optionsFor(sshd));
  closing.push(() => connection.close());
  const lines: string[] = [];
  const states: KernelLogState[] = [];
  await KernelLog.open(connection, {
    sudo: false,
    onLine: (line) => lines.push(line),
    onState: (state) => states.push(state),
  });
  await until(() => states.length > 0);
  return { connection, lines, states };
}

/** The same connection, slow to close. */
function closingAfter(connection: Connection, ms: number): Connection {
  return {
    exec: (command) => connection.exec(command),
    openUnixSocket: (path) => connection.openUnixSocket(path),
    close: () => void setTimeout(() => connection.close(), ms),
    closed: connection.closed,
  };
}

/** Lets the kernel log hold a line of ours, as any daemon may. */
function writeToKernelLog(text: string): void {
  writeFileSync('/dev/kmsg', `<6>${text}\n`);
}

describe('the kernel log over ssh', () => {
  it.each([
    ['', []],
    [
      'behind a login script that prints without a line feed',
      ['ForceCommand printf title; eval "$SSH_ORIGINAL_COMMAND"'],
    ],
  ])('is followed live %s', async (_, config) => {
    await serve({ config });
    const before = `before ${randomBytes(8).toString('hex')}`;
    writeToKernelLog(before);
    const { lines, states } = await read();
    expect(states).toEqual([{ kind: 'reading', from: 'kmsg' }]);
    await until(() => lines.some((line) => line.endsWith(`;${before}`)), 2000);

    await sleep(500); // all that was in the log before has come
    const live = `live ${randomBytes(8).toString('hex')}`;
    writeToKernelLog(live);
    await until(() => lines.some((line) => line.endsWith(`;${live}`)), 2000);
    expect(lines.filter((line) => line.endsWith(`;${live}`))).toHaveLength(1);
    expect(lines.every((line) => /^(\d+,\d+,\d+,|[ ]\w+=)/.test(line))).toBe(true);
  });

  it.each([
    ['the connection is closed', ({ connection }: Reading) => connection.close()],
    ['sshd is killed (kill -9)', () => sshd.kill9()],
  ])('leaves no process on the host when %s', async (_, end) => {
    await serve();
    const reading = await read();
    await until(() => sessionProcesses(mark).some(({ command }) => command === 'cat /dev/kmsg'));
    end(reading);
    await until(() => sessionProcesses(mark).length === 0, 5000);
    await until(() => reading.states.at(-1)?.kind === 'ended', 2000);
  });

  it('of a new connection is not taken for ended when that of the old one ends late', async () => {
    await serve();
    const ssh = sshTransport(optionsFor(sshd));
    const ends: Promise<unknown>[] = [];
    const slow: Transport = {
      connect: async (prompts, signal) => {
        const connection = await ssh.connect(prompts, signal);
        ends.push(connection.closed);
        return closingAfter(connection, 1500);
      },
    };
    const { monitor, kernelLogStates } = watch(slow, { kernelLog: true });
    closing.push(() => monitor.stop());
    await until(() => kernelLogStates.length === 1);
    monitor.stop();
    monitor.start();
    const kinds = (): string[] => kernelLogStates.map(({ kind }) => kind);
    await until(() => kinds().filter((kind) => kind === 'reading').length === 2);
    await ends[0];
    await sleep(200);
    expect(kinds().at(-1)).toBe('reading');
  });

  describe('that this user may not read', () => {
    const user = `kernel-log-${process.pid}`;
    beforeEach(async ({ skip }) => {
      skip(
        readFileSync('/proc/sys/kernel/dmesg_restrict', 'utf8').trim() === '0',
        'dmesg_restrict is 0: everybody may read the kernel log of this machine',
      );
      skip(findProgram('useradd') === undefined, 'there is no useradd to make a user with');
      execFileSync('useradd', ['--no-create-home', '--password', '*', '--shell', '/bin/sh', user]);
      closing.push(() => execFileSync('userdel', [user], { stdio: 'ignore' }));
      await serve({ user });
    });

    it('is denied', async () => {
      const watching = watch(sshTransport(optionsFor(sshd)), { kernelLog: true });
      closing.push(() => watching.monitor.stop());
      await until(() => watching.kernelLogStates.length > 0);
      await more(watching, 10);
      expect(watching.kernelLogStates).toEqual([{ kind: 'denied' }]);
      expect(watching.monitor.oom.logState).toEqual({ kind: 'denied' });
      expect(watching.monitor.state.kind).toBe('live');
    });

    it('is read with sudo once that is allowed, on the same connection, and not before', async ({ skip }) => {
      const folder = '/etc/sudoers.d';
      skip(findProgram('sudo') === undefined || !existsSync(folder), 'sudo is not installed');
      const rule = `${folder}/${user}`;
      writeFileSync(rule, `${user} ALL=(root) NOPASSWD: ALL\n`, { mode: 0o440 });
      closing.push(() => rmSync(rule));
      let allowed = false;
      const watching = watch(sshTransport(optionsFor(sshd)), { kernelLog: true, sudo: () => allowed });
      closing.push(() => watching.monitor.stop());
      await until(() => watching.kernelLogStates.length > 0);
      const { connection } = watching.monitor;
      const others = new Set(kmsgReaders());
      const ours = (): number[] => kmsgReaders().filter((pid) => !others.has(pid));

      allowed = true;
      watching.monitor.oom.readAgain();
      await until(() => watching.monitor.oom.logState?.kind === 'reading', 5000);
      expect(watching.kernelLogStates).toEqual([{ kind: 'denied' }, { kind: 'reading', from: 'kmsg' }]);
      expect(watching.monitor.connection).toBe(connection);
      expect(ours()).toHaveLength(1);

      watching.monitor.stop();
      await until(() => ours().length === 0, 5000);
    });
  });
});

/** Processes that read the kernel log, of whatever user. */
function kmsgReaders(): number[] {
  const found = execFileSync('sh', ['-c', 'pgrep -x -f "cat /dev/kmsg" || true'], { encoding: 'utf8' });
  return found.split('\n').filter(Boolean).map(Number);
}

describe('a real OOM kill', () => {
  beforeEach(({ skip }) => {
    const obstacle = memoryCgroupObstacle();
    skip(obstacle !== undefined, obstacle);
  });

  it('is told within 2 s, and not again when the log is read anew', async () => {
    await serve();
    const watching = watch(sshTransport(optionsFor(sshd)), { kernelLog: true });
    closing.push(() => watching.monitor.stop());
    const told: OomEvent[] = [];
    watching.monitor.oom.onEvent(({ event }) => told.push(event.event));
    const toldOf = (pid: number): OomEvent[] =>
      told.filter(({ victims }) => victims.some((victim) => victim.pid === pid));
    await until(() => watching.monitor.oom.logState?.kind === 'reading');

    const first = await oomKill('first-victim', 16);
    await until(() => toldOf(first.pid).length > 0, 2000);
    expect(toldOf(first.pid)).toMatchObject([
      { scope: 'memcg', victims: [{ pid: first.pid, name: 'first-victim' }], complete: true },
    ]);

    await sshd.restart();
    await reach(watching, 'reconnecting', 2000);
    await reach(watching, 'live');
    await until(() => watching.kernelLogStates.length === 3);
    expect(watching.kernelLogStates.map(({ kind }) => kind)).toEqual(['reading', 'ended', 'reading']);
    // The second kill stands in the log behind all that is read again.
    const second = await oomKill('second-victim', 16);
    await until(() => toldOf(second.pid).length > 0, 2000);
    expect(told.map(({ id }) => id)).toEqual([...new Set(told.map(({ id }) => id))]);
    expect(watching.monitor.oom.events.size).toBe(told.length);
  });
});
