import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processStat, type ProcessStat } from '../../src/core/proc/processStat';
import type { GroupState } from '../../src/core/rescue/answer';
import { RescueShell, type RescueReply } from '../../src/monitor/rescue/rescueShell';
import type { Connection } from '../../src/transport/connection';
import { localTransport } from '../../src/transport/local';
import { FreezerGroup, freezerObstacle } from './lab/freezerGroup';
import { killIfAlive } from './lab/signal';
import { scripted } from './transport/attaching';

const shells: Readonly<Record<string, readonly string[]>> = {
  bash: ['/bin/bash', '/bin/bash'],
  dash: ['/bin/dash', '/bin/dash'],
  busybox: ['/bin/busybox', '/bin/busybox'],
};
const busy = 'while :; do :; done';
/** On a machine that has other things to do. */
const patience = { timeout: 10_000 };

let folder: string;
let connection: Connection | undefined;
let groups: FreezerGroup[] = [];
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rescue-'));
});
afterEach(async () => {
  connection?.close();
  for (const group of groups) await group.remove();
  for (const { pid } of children) if (pid !== undefined) killIfAlive(pid);
  groups = [];
  children = [];
  rmSync(folder, { recursive: true });
});

/** A rescue shell on this machine, of that kind; undefined: what the machine has. */
async function open(kind?: string, held = false, leaseSeconds = 300): Promise<RescueShell> {
  const local = await localTransport().connect(scripted(), new AbortController().signal);
  const links: Record<string, string> = { sh: shells[kind ?? '']?.[0] ?? '/bin/sh' };
  if (kind === 'bash') links.bash = '/bin/bash';
  if (kind === 'busybox') links.busybox = '/bin/busybox';
  for (const [name, path] of Object.entries(links)) if (kind) symlinkSync(path, join(folder, name));
  connection = {
    ...methodsOf(local),
    exec: (command) => local.exec(kind ? `PATH=${folder}; export PATH; ${command}` : command),
  };
  return RescueShell.open(connection, { sudo: false, held, leaseSeconds });
}

function methodsOf(local: Connection): Connection {
  return {
    exec: (command) => local.exec(command),
    openUnixSocket: (path) => local.openUnixSocket(path),
    close: () => local.close(),
    closed: local.closed,
  };
}

function groupOf(version: 1 | 2): FreezerGroup {
  const group = FreezerGroup.create(version, `rescue-${process.pid}-${groups.length}`);
  groups.push(group);
  return group;
}

function start(program: string, ...args: string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(program, args, { stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) throw new Error('nothing was started');
  return child as ChildProcess & { readonly pid: number };
}

function statOf(pid: number): ProcessStat {
  return processStat.parse(readFileSync(`/proc/${pid}/stat`, 'utf8'), () => undefined);
}

const ticksOf = (pid: number): number => statOf(pid).utimeTicks ?? 0;

/** Those of them that get processor time within 0.3 s. */
async function running(...pids: readonly number[]): Promise<number[]> {
  const before = pids.map(ticksOf);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return pids.filter((pid, index) => ticksOf(pid) > (before[index] ?? 0));
}

function valueOf<T>(reply: RescueReply<T>): T {
  if (reply.kind !== 'answered') throw new Error(reply.why);
  return reply.value;
}

async function stateOf(shell: RescueShell, path: string): Promise<GroupState> {
  const answer = valueOf(await shell.state(path));
  if (answer.kind !== 'group') throw new Error(answer.kind);
  return answer.state;
}

describe.each(Object.keys(shells))('the rescue shell in %s', (kind) => {
  beforeEach(({ skip }) => {
    const path = shells[kind]?.[0] ?? '';
    skip(!existsSync(path), `there is no ${path}`);
  });

  it('says who it is and answers in order', async () => {
    const shell = await open(kind);
    expect(shell.isRoot).toBe(process.getuid?.() === 0);
    expect(shell.hello.heldBytes).toBe(0);
    expect(shell.leaseMs).toBe(kind === 'dash' ? undefined : 300_000);
    const replies = await Promise.all(Array.from({ length: 50 }, () => shell.ping()));
    expect(replies.map(valueOf)).toEqual(Array.from({ length: 50 }, () => 'pong'));
    const uptimes = replies.map((reply) => (reply.kind === 'answered' ? reply.hostUptimeMs : undefined));
    expect(uptimes).toEqual([...uptimes].sort((a, b) => (a ?? 0) - (b ?? 0)));
    expect(uptimes[0]).toBeGreaterThan(1000);
  });

  it.for([1, 2] as const)('freezes, thaws and kills a group of version %i', async (version, { skip }) => {
    const obstacle = freezerObstacle(version);
    skip(obstacle !== undefined, obstacle);
    const group = groupOf(version);
    const pids = [await group.start(busy), await group.start(busy), await group.start(busy, 'below')];
    const shell = await open(kind);
    expect(await stateOf(shell, group.path)).toMatchObject({ version, freezer: 'thawed', processes: 3 });

    const frozen = valueOf(await shell.freeze(group.path, false));
    expect(frozen).toMatchObject({ kind: 'group', before: 'thawed' });
    await expect.poll(async () => (await stateOf(shell, group.path)).freezer).toBe('frozen');
    expect(await running(...pids)).toEqual([]);

    expect(valueOf(await shell.thaw(group.path))).toMatchObject({ before: 'frozen' });
    await expect.poll(() => running(...pids), patience).toEqual(pids);

    await shell.freeze(group.path, false);
    const killed = valueOf(await shell.killGroup(group.path));
    expect(killed).toMatchObject({
      kind: 'group',
      signalled: 3,
      killedBy: version === 2 && existsSync(join(group.folder, 'cgroup.kill')) ? 'cgroup.kill' : 'signals',
    });
    await expect.poll(async () => (await stateOf(shell, group.path)).processes).toBe(0);
    expect(group.processes).toEqual([]);
    expect(valueOf(await shell.state(`${group.path}-not`))).toEqual({ kind: 'gone' });
  });

  it('kills a process only if it is the one that was meant', async () => {
    const shell = await open(kind);
    const child = start('/bin/sleep', '1000');
    const { starttimeTicks } = statOf(child.pid);
    const signal = async (target: { pid: number; starttimeTicks: number }): Promise<string> =>
      valueOf(await shell.signal(target, 'KILL'));
    expect(await signal({ pid: child.pid, starttimeTicks: starttimeTicks - 1 })).toBe('other');
    await expect.poll(() => statOf(child.pid).state).toBe('S');
    const ended = once(child, 'exit');
    expect(await signal({ pid: child.pid, starttimeTicks })).toBe('done');
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(await signal({ pid: child.pid, starttimeTicks })).toBe('gone');
  });

  it('looks at a process without a signal, and says which groups it is in', async () => {
    const shell = await open(kind);
    const child = start('/bin/sh', '-c', 'trap : CONT; while :; do sleep 100; done');
    const { pid } = child;
    const process = { pid, starttimeTicks: statOf(pid).starttimeTicks };
    const look = async (): Promise<string> => valueOf(await shell.look(process));
    expect(await look()).toBe('there');
    expect(valueOf(await shell.look({ pid, starttimeTicks: process.starttimeTicks - 1 }))).toBe('other');
    expect(valueOf(await shell.signal(process, 'STOP'))).toBe('done');
    await expect.poll(look, patience).toBe('stopped');
    expect(await look()).toBe('stopped'); // it was not sent on by looking
    expect(statOf(pid).state).toBe('T');
    expect(valueOf(await shell.membership(pid))).toBe(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
    const ended = once(child, 'exit');
    await shell.signal(process, 'KILL');
    await ended;
    expect(await look()).toBe('gone');
    expect(valueOf(await shell.membership(pid))).toBe('');
  });

  it('takes names of processes as they are', async () => {
    const shell = await open(kind);
    const names = ['x) R 1 1 1 1', '"$(id)"\n)', `'a\\b" ( ;`, '`id` $HOME *', '\n\n) S', ' ', '-n \\c'];
    for (const name of names) {
      symlinkSync('/bin/sleep', join(folder, name));
      const child = start(join(folder, name), '1000');
      await expect.poll(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8')).toBe(`${name}\n`);
      const { starttimeTicks } = statOf(child.pid);
      const ended = once(child, 'exit');
      const { pid } = child;
      expect(valueOf(await shell.signal({ pid, starttimeTicks: starttimeTicks + 1 }, 'KILL'))).toBe('other');
      expect(valueOf(await shell.look({ pid, starttimeTicks }))).toBe('there');
      expect(valueOf(await shell.signal({ pid, starttimeTicks }, 'KILL'))).toBe('done');
      expect(await ended).toEqual([null, 'SIGKILL']);
    }
  });

  it.for([1, 2] as const)(
    'thaws what is frozen on a lease when it ends, version %i',
    async (version, { skip }) => {
      const obstacle = freezerObstacle(version);
      skip(obstacle !== undefined, obstacle);
      const [leased, kept, keptLater] = [groupOf(version), groupOf(version), groupOf(version)];
      const pids = [await leased.start(busy), await kept.start(busy), await keptLater.start(busy)];
      const shell = await open(kind);
      await shell.freeze(leased.path, true);
      await shell.freeze(kept.path, false);
      await shell.freeze(keptLater.path, true);
      await shell.freeze(keptLater.path, false);
      await expect.poll(async () => (await stateOf(shell, kept.path)).freezer).toBe('frozen');
      // What somebody else has frozen stays so.
      await shell.freeze(kept.path, true);
      expect(valueOf(await shell.thaw(kept.path, true))).toMatchObject({ before: 'frozen' });
      expect(await running(...pids)).toEqual([]);
      shell.close();
      await shell.ended;
      await expect.poll(() => running(...pids), patience).toEqual(pids.slice(0, 1));
      expect(await shell.ping()).toMatchObject({ kind: 'not-sent' });
    },
  );
});

describe('the rescue shell', () => {
  it.each(['bash', 'busybox'])(
    'of %s thaws what is frozen on a lease when nothing is asked',
    async (kind) => {
      const version = freezerObstacle(2) === undefined ? 2 : 1;
      const group = groupOf(version);
      const pid = await group.start(busy);
      const shell = await open(kind, false, 2);
      await shell.freeze(group.path, true);
      expect(await running(pid)).toEqual([]);
      const sinceMs = performance.now();
      await expect.poll(() => running(pid), patience).toEqual([pid]);
      expect(performance.now() - sinceMs).toBeGreaterThan(1000);
      expect(await Promise.all([shell.ping(), shell.ping()]).then((all) => all.map(valueOf))).toEqual([
        'pong',
        'pong',
      ]);
      expect(valueOf(await shell.freeze(group.path, true))).toMatchObject({ before: 'thawed' });
    },
  );

  it('runs from the memory of the host, and leaves nothing', async () => {
    const shell = await open(undefined, true);
    expect(shell.obstacles).toEqual({});
    expect(shell.hello.heldBytes).toBeGreaterThan(500_000);
    expect(valueOf(await shell.ping())).toBe('pong');
  });

  it('does not touch what it is in, nor what is not named as a group is', async () => {
    const shell = await open();
    const own = shell.hello.ownCgroups.find((path) => path !== '/');
    for (const path of [own, '/', '/../x', '/a b', '/a;b', '/$(id)', '/a\nb', 'a', '/a//b', '/a/.', '']) {
      if (path === undefined) continue;
      expect(shell.mayTake(path)).toBe(false);
      expect(await shell.freeze(path, false)).toMatchObject({ kind: 'not-sent' });
      expect(await shell.killGroup(path)).toMatchObject({ kind: 'not-sent' });
    }
    expect(shell.mayTake('/system.slice/docker-0a\\x2d.scope')).toBe(true);
    for (const pid of [0, 1, -1, 1.5, NaN])
      expect(await shell.signal({ pid, starttimeTicks: 1 }, 'KILL')).toMatchObject({ kind: 'not-sent' });
  });
});
