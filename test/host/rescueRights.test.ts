import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descendants } from '../../scripts/processTable.mjs';
import { rescuePlan } from '../../src/monitor/rescue/rescuePlan';
import { RescueShell, type RescueReply } from '../../src/monitor/rescue/rescueShell';
import { processStat } from '../../src/core/proc/processStat';
import type { Connection } from '../../src/transport/connection';
import { FreezerGroup, freezerObstacle } from './lab/freezerGroup';
import { privateUsersObstacle, startSshdWithUsers, type PrivateUsersSshd } from './lab/privateUsers';
import { connect, run } from './transport/attaching';
import { exeOf, isCopy } from './watching';

const sudoers = (pty: string): string =>
  `Defaults ${pty}\nmay ALL=(root) NOPASSWD: ALL\nmay-csh ALL=(root) NOPASSWD: ALL\n`;

/** Who may do what: root's login, `sudo -n`, a plain user. */
describe('the rights of the rescue shell', () => {
  let server: PrivateUsersSshd | undefined;
  let connection: Connection | undefined;
  let group: FreezerGroup | undefined;
  beforeEach(({ skip }) => {
    const obstacle = privateUsersObstacle();
    skip(obstacle !== undefined, obstacle);
  });
  afterEach(async () => {
    connection?.close();
    await group?.remove();
    group = undefined;
    await server?.stop();
    server = undefined;
  });

  async function open(
    user: string,
    sudo: boolean,
    { pty = '!use_pty', lockServer = false } = {},
  ): Promise<RescueShell> {
    server ??= await startSshdWithUsers({
      users: [
        { name: 'root' },
        { name: 'may' },
        { name: 'plain' },
        { name: 'may-csh', shell: '/bin/bash', files: { '.bashrc': 'exec csh\n' } },
      ],
      sudoers: sudoers(pty),
    });
    connection?.close();
    connection = await connect(server.optionsFor(user));
    return RescueShell.open(connection, { sudo, lockServer });
  }

  /** Everything that runs below this server: other tests have theirs. */
  function sessionProcesses(): number[] {
    const listener = server?.sshd.pid;
    return listener === undefined ? [] : descendants(listener);
  }

  it.each(['!use_pty', 'use_pty'])('root by sudo, which is set to %s, from memory', async (pty) => {
    const shell = await open('may', true, { pty });
    expect(shell.obstacles).toEqual({});
    expect(shell.isRoot).toBe(true);
    expect(shell.hello.heldBytes).toBeGreaterThan(0);
    await expectRoot(shell);
    const copies = sessionProcesses().filter((pid) => isCopy(exeOf(pid)));
    expect(copies.length).toBeGreaterThan(0);
    // sudo is not on the way of a request.
    const sudos = sessionProcesses().filter((pid) => exeOf(pid).endsWith('/sudo'));
    expect(sudos.length).toBeGreaterThan(0);
    for (const pid of sudos) process.kill(pid, 'SIGSTOP');
    expect(valueOf(await shell.ping())).toBe('pong');
    for (const pid of sudos) process.kill(pid, 'SIGCONT');
    shell.close();
    await expect
      .poll(() => copies.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 5000 })
      .toEqual([]);
  });

  it('root’s has the files of the SSH server locked in memory, as long as it lives', async () => {
    const shell = await open('root', false, { lockServer: true });
    const lock = await shell.serverLock;
    if (!lock.locked) throw new Error(lock.why);
    // sshd alone is so large, without its libraries.
    expect(lock.bytes).toBeGreaterThan(statSync('/usr/sbin/sshd').size);
    const helpers = sessionProcesses().filter(
      (pid) => exeOf(pid).includes('/perl') && lockedKibOf(pid) * 1024 >= lock.bytes,
    );
    expect(helpers).toHaveLength(1);
    // What is in its command line is seen by everybody: not the fence.
    const words = helpers.flatMap((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
    expect(words.filter((word) => /^@?[0-9a-f]{24}$/.test(word))).toEqual([]);
    expect(valueOf(await shell.ping())).toBe('pong');
    shell.close();
    await expect
      .poll(() => helpers.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 5000 })
      .toEqual([]);
  });

  it('root by login, whether sudo is allowed or not', async () => {
    for (const sudo of [true, false]) {
      const shell = await open('root', sudo);
      expect(shell.obstacles).toEqual({});
      expect(shell.isRoot).toBe(true);
    }
  });

  it('root by sudo where only a terminal gets a shell', async ({ skip }) => {
    skip(!existsSync('/bin/csh'), 'there is no csh');
    const shell = await open('may-csh', true);
    expect(shell.obstacles).toEqual({});
    expect(shell.isRoot).toBe(true);
    await expectRoot(shell);
  });

  it.each([
    ['plain', true],
    ['may', false],
  ] as const)('%s, with sudo allowed: %s, may signal own processes only', async (user, sudo) => {
    const shell = await open(user, sudo);
    expect(shell.isRoot).toBe(false);
    expect(shell.obstacles.root === undefined).toBe(!sudo);
    if (sudo) expect(shell.obstacles.root).toContain('password');
    const { out } = await run(connection ?? fail(), 'sleep 1000 >/dev/null 2>&1 & cat /proc/$!/stat');
    const own = processStat.parse(out, () => undefined);
    expect(valueOf(await shell.signal(own, 'KILL'))).toBe('done');
    const other = processStat.parse(readFileSync(`/proc/${process.pid}/stat`, 'utf8'), () => undefined);
    expect(valueOf(await shell.signal(other, 'TERM'))).toBe('denied');

    const version = freezerObstacle(2) === undefined ? 2 : 1;
    if (freezerObstacle(version) !== undefined) return;
    group = FreezerGroup.create(version, `rights-${process.pid}`);
    const pid = await group.start('while :; do :; done');
    expect(valueOf(await shell.freeze(group.path, true))).toEqual({ kind: 'denied' });
    expect(valueOf(await shell.killGroup(group.path))).toEqual({ kind: 'denied' });
    expect(group.processes).toEqual([pid]);
    expect(rescuePlan([{ id: 'x', cgroup: group.path }], shell)).toMatchObject({
      laneMissing: 'not-root',
      byLane: [],
    });
  });

  async function expectRoot(shell: RescueShell): Promise<void> {
    const version = freezerObstacle(2) === undefined ? 2 : 1;
    if (freezerObstacle(version) !== undefined) return;
    group = FreezerGroup.create(version, `rights-${process.pid}`);
    await group.start('while :; do :; done');
    expect(valueOf(await shell.killGroup(group.path))).toMatchObject({ kind: 'group', signalled: 1 });
    await expect.poll(() => group?.processes).toEqual([]);
  }
});

function valueOf<T>(reply: RescueReply<T>): T {
  if (reply.kind !== 'answered') throw new Error(reply.why);
  return reply.value;
}

/** VmLck of /proc/PID/status. */
function lockedKibOf(pid: number): number {
  try {
    return Number(/^VmLck:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has ended meanwhile
  }
}

function fail(): never {
  throw new Error('no connection');
}
