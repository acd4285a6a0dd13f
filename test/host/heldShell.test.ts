import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { residentOf, sum } from '../../bench/processes';
import { findProgram } from '../../scripts/paths.mjs';
import { processTable } from '../../scripts/processTable.mjs';
import { heldShell } from '../../src/monitor/heldShell';
import { launch, type LaunchMemory } from '../../src/monitor/launch';
import { unlimited } from '../../src/monitor/programAwk';
import { programText } from '../../src/monitor/programText';
import { fileSets } from '../../src/monitor/fileSets';
import type { CommandChannel, Connection, Transport } from '../../src/transport/connection';
import { sshTransport } from '../../src/transport/ssh';
import { mountNamespaceObstacle } from './lab/mountNamespace';
import { privateUsersObstacle, startSshdWithUsers, type PrivateUsersSshd } from './lab/privateUsers';
import { markSessions, sessionProcesses } from './lab/sessions';
import { killIfAlive } from './lab/signal';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import {
  exeOf,
  expectNoneTwice,
  gapsOf,
  isCopy,
  kinds,
  longestGapMs,
  more,
  reach,
  sleep,
  watch,
  type Watching,
  type WatchOptions,
} from './watching';

const mark = `held-${process.pid}`;

let hosts: Sshd[] = [];
let watched: Watching[] = [];
afterEach(async () => {
  for (const { monitor } of watched) monitor.stop();
  for (const host of hosts) await host.stop();
  hosts = [];
  watched = [];
  await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  await expect.poll(() => sessionProcesses(mark), { timeout: 10_000 }).toEqual([]);
});

async function startHost(...preparations: readonly string[]): Promise<Sshd> {
  const script = [...preparations, 'exec "$@"'].join(' && ');
  const within = preparations.length > 0 ? ['unshare', '--mount', 'sh', '-c', script, 'sh'] : [];
  const host = await startSshd({ within, config: [markSessions(mark)] });
  hosts.push(host);
  trust(host);
  return host;
}

function attach(transport: Transport, options: WatchOptions = {}): Watching {
  const watching = watch(transport, { holdInMemory: true, ...options });
  watched.push(watching);
  return watching;
}

/** The same host with something before each command. */
function withFirst(transport: Transport, first: string): Transport {
  return {
    connect: async (prompts, signal) => {
      const connection = await transport.connect(prompts, signal);
      return withExec(connection, (command) => connection.exec(`${first}; ${command}`));
    },
  };
}

function withExec(connection: Connection, exec: Connection['exec']): Connection {
  return {
    exec,
    openUnixSocket: (path) => connection.openUnixSocket(path),
    close: () => connection.close(),
    closed: connection.closed,
  };
}

const tools = ['cp', 'du', 'ldd', 'mktemp', 'rm', 'sleep'];

/** The host as if it had nothing but these programs: links in a folder that is its whole PATH. */
function withOnly(host: Sshd, programs: Readonly<Record<string, string>>): Transport {
  const bin = mkdtempSync(join(host.folder, 'bin-'));
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(bin, name));
  return withFirst(sshTransport(optionsFor(host)), `PATH=${bin}; export PATH`);
}

function installed(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, findProgram(name) ?? `/no/${name}`]));
}

const others = new Set(copiesIn('/dev/shm'));

/** Folders with copies that are there and were not when we began. */
function left(): string[] {
  return [...copiesIn('/dev/shm'), ...copiesIn('/tmp')].filter((path) => !others.has(path));
}

function copiesIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter(isCopy);
}

interface Runs {
  readonly pid: number;
  readonly exe: string;
}

/** What our sessions run on the host, sshd left out. */
function programs(): Runs[] {
  return sessionProcesses(mark)
    .map(({ pid }) => ({ pid, exe: exeOf(pid) }))
    .filter(({ exe }) => exe !== '' && !exe.includes('/sshd'));
}

/** One program and no other is left, and it runs from copies that have no names any more. */
function runsFromMemory(): boolean {
  const all = programs();
  return all.length > 0 && all.every(({ exe }) => isCopy(exe) && exe.endsWith(' (deleted)'));
}

function expectSeqsInARow({ moments }: Watching): void {
  const seqs = moments.filter(({ sample }) => sample.clock === 'asked').map(({ sample }) => sample.seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
}

/** Samples go on as if nothing had happened, and nothing of the taking over is left. */
async function expectTakenOver(watching: Watching): Promise<void> {
  await until(() => runsFromMemory() || watching.logged.length > 0, 20_000);
  expect(watching.logged).toEqual([]);
  await more(watching, 10);
  expect(runsFromMemory()).toBe(true);
  expect(left()).toEqual([]);
  expect(kinds(watching)).toEqual(['connecting', 'live']);
  expectNoneTwice(watching);
  expectSeqsInARow(watching);
  expect(Math.max(...gapsOf(watching))).toBeLessThan(longestGapMs);
  expect(watching.moments.every(({ sample }) => Object.keys(sample.problems).length === 0)).toBe(true);
}

/** It is told once and everything goes on. */
async function expectAsInstalled(watching: Watching, why: string | RegExp): Promise<void> {
  await until(() => watching.logged.length > 0, 20_000);
  await more(watching, 10);
  expect(watching.logged).toHaveLength(1);
  expect(watching.logged[0]).toContain('the program runs as installed, not from memory');
  expect(watching.logged[0]).toMatch(why);
  expect(kinds(watching)).toEqual(['connecting', 'live']);
  expectNoneTwice(watching);
  expectSeqsInARow(watching);
  const copies = (): Runs[] => programs().filter(({ exe }) => isCopy(exe));
  await expect.poll(copies, { timeout: 10_000 }).toEqual([]);
}

describe('the program takes over from copies in memory', () => {
  const made: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'bash, mawk': { sh: '/bin/dash', bash: '/bin/bash', mawk: '/usr/bin/mawk' },
    busybox: { sh: '/bin/busybox', busybox: '/bin/busybox' },
    'bash as sh, original-awk': { sh: '/bin/bash', bash: '/bin/bash', awk: '/usr/bin/original-awk' },
    'bash, no awk': { sh: '/bin/dash', bash: '/bin/bash' },
  };
  for (const [name, its] of Object.entries(made)) {
    it(name, async ({ skip }) => {
      const missing = Object.values(its).find((path) => !existsSync(path));
      skip(missing !== undefined, `there is no ${missing}`);
      const host = await startHost();
      const watching = attach(withOnly(host, { ...its, ...installed(tools) }));
      await expectTakenOver(watching);
      const resident = sum(programs().map(({ pid }) => residentOf(pid).pssKib)) * 1024;
      expect(resident).toBeGreaterThan(500_000);
      expect(resident).toBeLessThan(6_000_000);
    });
  }

  it('and nothing else that is started there is told of the copies', async () => {
    const host = await startHost();
    const watching = attach(sshTransport(optionsFor(host)), { kernelLog: true });
    await until(() => watching.kernelLogStates.length > 0);
    await until(() => programs().some(({ exe }) => isCopy(exe) && exe.endsWith('awk (deleted)')), 20_000);
    const { connection } = watching.monitor;
    if (!connection) throw new Error('no connection');
    const channel = await connection.exec('exec cat');
    channel.stream.on('error', () => undefined);
    await until(() => programs().some(({ exe }) => exe.endsWith('/cat')));
    const told = programs().filter(({ pid }) => environmentOf(pid).includes('LD_LIBRARY_PATH='));
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.filter(({ exe }) => !isCopy(exe))).toEqual([]);
    channel.close();
  });
});

/** What the server has started itself. */
function shellsOf(host: Sshd): number[] {
  const servers = host.sessionPids();
  return processTable()
    .filter(({ pid, parent }) => servers.includes(parent) && !servers.includes(pid))
    .map(({ pid }) => pid);
}

function environmentOf(pid: number): string {
  return readFileSync(`/proc/${pid}/environ`, 'utf8');
}

describe('whatever the login shell', () => {
  const shells = { bash: '/bin/bash', fish: '/usr/bin/fish', csh: '/bin/csh' } as const;
  const terminalOnly = { name: 'terminal', shell: '/bin/bash', files: { '.bashrc': 'exec csh\n' } };
  let server: PrivateUsersSshd | undefined;
  afterEach(async () => {
    for (const { monitor } of watched) monitor.stop();
    if (server) chmodSync(server.homeOf('bash'), 0o755);
    await server?.stop();
    server = undefined;
  });

  it(
    'it takes over, without a home to write to and with a umask of 077',
    { timeout: 120_000 },
    async ({ skip }) => {
      const obstacle = privateUsersObstacle();
      skip(obstacle !== undefined, obstacle);
      const users = Object.entries(shells).filter(([, shell]) => existsSync(shell));
      server = await startSshdWithUsers({
        config: [markSessions(mark)],
        users: [...users.map(([name, shell]) => ({ name, shell })), terminalOnly],
        prepare: ['umask 077'],
      });
      chmodSync(server.homeOf('bash'), 0o555);
      for (const name of [...users.map(([name]) => name), terminalOnly.name]) {
        const watching = attach(sshTransport(server.optionsFor(name)));
        await reach(watching, 'live', 20_000);
        await until(() => runsFromMemory() || watching.logged.length > 0, 20_000);
        expect({ name, logged: watching.logged }).toEqual({ name, logged: [] });
        await more(watching, 5);
        expect(left()).toEqual([]);
        expectNoneTwice(watching);
        expectSeqsInARow(watching);
        watching.monitor.stop();
        await expect.poll(programs, { timeout: 10_000 }).toEqual([]);
      }
    },
  );
});

describe('the program runs on as installed', () => {
  it.each(['cp', 'sleep', 'bash'])('where there is no %s', async (missing) => {
    const host = await startHost();
    const names = ['bash', 'mawk', ...tools].filter((name) => name !== missing);
    const watching = attach(withOnly(host, { sh: '/bin/dash', ...installed(names) }));
    await expectAsInstalled(watching, missing === 'bash' ? 'neither bash nor busybox' : `no ${missing}”`);
  });

  const tmpfs = (folder: string, options: string): string =>
    `mount -t tmpfs -o ${options} tmpfs ${folder} && chmod 1777 ${folder}`;
  /** Mounted on /tmp, with what the server needs there. */
  const tmpfsOnTmp = (options: string): string =>
    `mount -t tmpfs tmpfs /mnt && for f in /tmp/sshd-*; do mkdir /mnt/\${f##*/}; mount --bind $f /mnt/\${f##*/}; done && ` +
    `mount --move /mnt /tmp && mount -o remount,${options} /tmp`;
  const cases: readonly [string, RegExp, ...string[]][] = [
    ['/dev/shm and /tmp are noexec', /no tmpfs/, tmpfsOnTmp('noexec'), tmpfs('/dev/shm', 'noexec')],
    ['/dev/shm is on a disk', /no tmpfs/, 'mount --bind /srv /dev/shm'],
    ['/dev/shm is too small for all', /no room/, tmpfs('/dev/shm', 'size=3m')],
    ['memory is short', /KiB are too much/, 'mount --bind /run/meminfo-of-100-mb /proc/meminfo'],
  ];
  for (const [title, why, ...preparations] of cases)
    it(`where ${title}`, async ({ skip }) => {
      const obstacle = mountNamespaceObstacle();
      skip(obstacle !== undefined, obstacle);
      const smallMemory =
        'mount -t tmpfs tmpfs /run && mkdir -p /run/sshd && while read -r n m u; do case $n in (MemTotal:) m=102400;; esac; echo "$n $m $u"; done </proc/meminfo >/run/meminfo-of-100-mb';
      const host = await startHost('mount --make-rprivate /', smallMemory, ...preparations);
      const watching = attach(sshTransport(optionsFor(host)));
      await expectAsInstalled(watching, why);
      const copies = (): string[] => ['dev/shm', 'tmp'].flatMap((folder) => newCopiesOn(host, folder));
      await expect.poll(copies, { timeout: 10_000 }).toEqual([]);
    });

  it('but from /tmp where that alone allows it', async ({ skip }) => {
    const obstacle = mountNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    const host = await startHost('mount --make-rprivate /', tmpfs('/dev/shm', 'noexec'), tmpfsOnTmp('exec'));
    const watching = attach(sshTransport(optionsFor(host)));
    await expectTakenOver(watching);
    expect(programs().every(({ exe }) => exe.startsWith('/tmp/.remote-memory-'))).toBe(true);
    expect(newCopiesOn(host, 'tmp')).toEqual([]);
  });
});

/** Copies in a folder of the host's own mount namespace that were not there when we began. */
function newCopiesOn(host: Sshd, folder: string): string[] {
  const root = join('/proc', String(host.pid), 'root');
  return copiesIn(join(root, folder)).filter((path) => !others.has(join('/', relative(root, path))));
}

describe('a connection that is lost leaves neither process nor file', () => {
  const awaitNothing = async (): Promise<void> => {
    await expect.poll(programs, { timeout: 10_000 }).toEqual([]);
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  };

  type End = 'the server is killed' | 'the connection is closed' | 'the shell is killed';
  interface Row {
    readonly way: LaunchMemory['way'];
    readonly end: End;
  }
  /** Each of the two has the ends of the other in the other way, for the time they take. */
  const whileCopying: readonly Row[] = [
    { way: 'plain', end: 'the server is killed' },
    { way: 'terminal', end: 'the connection is closed' },
    { way: 'plain', end: 'the shell is killed' },
  ];
  const beforeProgram: readonly Row[] = [
    { way: 'terminal', end: 'the server is killed' },
    { way: 'plain', end: 'the connection is closed' },
    { way: 'terminal', end: 'the shell is killed' },
  ];

  async function lose(host: Sshd, channel: CommandChannel, end: End): Promise<void> {
    if (end === 'the server is killed') host.signalSessions('SIGKILL');
    else if (end === 'the connection is closed') channel.close();
    else for (const pid of shellsOf(host)) killIfAlive(pid);
    await awaitNothing();
  }

  it.each(whileCopying)('while it copies, on a channel that is $way: $end', async ({ way, end }) => {
    const host = await startHost();
    const bin = mkdtempSync(join(host.folder, 'slow-'));
    writeFileSync(join(bin, 'cp'), '#!/bin/sh\n/bin/sleep 0.5; exec /bin/cp "$@"\n', { mode: 0o755 });
    const connection = await connect(optionsFor(host));
    const channel = await launch(connection, `PATH=${bin}:$PATH; ${heldShell}`, { way });
    channel.stream.on('error', () => undefined);
    await until(() => left().some((folder) => readdirSync(folder).length > 0));
    await lose(host, channel, end);
    connection.close();
  });

  it.each(beforeProgram)(
    'before the program has come, on a channel that is $way: $end',
    async ({ way, end }) => {
      const host = await startHost();
      const connection = await connect(optionsFor(host));
      const channel = await launch(connection, heldShell, { way });
      channel.stream.on('error', () => undefined);
      await until(() => programs().some(({ exe }) => isCopy(exe)));
      channel.stream.write(programText('a'.repeat(24), fileSets, unlimited).slice(0, 2000));
      await sleep(200);
      expect(left()).toHaveLength(1); // what is to be removed
      await lose(host, channel, end);
      connection.close();
    },
  );

  it('stopped at any moment', { timeout: 90_000 }, async () => {
    const host = await startHost();
    for (let afterMs = 0; afterMs <= 1500; afterMs += 500) {
      const watching = attach(sshTransport(optionsFor(host)));
      await reach(watching, 'live', 20_000);
      await sleep(afterMs);
      watching.monitor.stop();
      await awaitNothing();
    }
  });
});

async function expectGoesOn(watching: Watching): Promise<void> {
  await reach(watching, 'live', 20_000);
  await until(runsFromMemory, 15_000);
  await more(watching, 10);
  expect(watching.logged).toEqual([]);
  expectNoneTwice(watching);
  expectSeqsInARow(watching);
  expect(Math.max(...gapsOf(watching))).toBeLessThan(longestGapMs);
}

describe('a server that is frozen (kill -STOP) while the program takes over', () => {
  it('loses nothing and doubles nothing', { timeout: 90_000 }, async () => {
    const freezeAfter = async (afterMs: number): Promise<Watching> => {
      const host = await startHost();
      const watching = attach(sshTransport(optionsFor(host)));
      await reach(watching, 'live', 20_000);
      await sleep(afterMs);
      host.signalSessions('SIGSTOP');
      await sleep(5000);
      host.signalSessions('SIGCONT');
      await reach(watching, 'live', 20_000);
      return watching;
    };
    const all = await Promise.all([0, 300, 600, 900, 1200, 1500].map(freezeAfter));
    await until(runsFromMemory, 15_000);
    for (const watching of all) await expectGoesOn(watching);
    expect(left()).toEqual([]);
  });

  it.each([1, 2])('nor when question %i to the program that takes over is on its way', async (number) => {
    const host = await startHost();
    const watching = attach(beforeQuestion(number, host, () => host.signalSessions('SIGSTOP')));
    await reach(watching, 'silent', 15_000);
    await sleep(3500);
    host.signalSessions('SIGCONT');
    await expectGoesOn(watching);
  });
});

/** Calls when that question to the program that takes over is about to be sent. */
function beforeQuestion(number: number, host: Sshd, call: () => void): Transport {
  return {
    connect: async (prompts, signal) => {
      const connection = await sshTransport(optionsFor(host)).connect(prompts, signal);
      return withExec(connection, async (command) => {
        const channel = await connection.exec(command);
        if (!command.includes('remote-memory')) return channel;
        const write = channel.stream.write.bind(channel.stream);
        let questions = 0;
        channel.stream.write = (bytes: string) => {
          if (/^ +Q[0-9]+ fast/.test(bytes) && ++questions === number) call();
          return write(bytes);
        };
        return channel;
      });
    },
  };
}
