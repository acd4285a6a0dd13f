import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Prompts } from '../../../src/transport/connection';
import { sshTransport, type SshOptions } from '../../../src/transport/ssh';
import { NetNamespace, netNamespaceObstacle } from '../lab/netNamespace';
import { portsTo } from '../lab/tcpPorts';
import { trust } from '../lab/trust';
import { until } from '../lab/until';
import { freePort, makeKey, startSshd, type Sshd } from '../sshd';
import { kinds, more, reach, reached, watch, type Watching, type WatchOptions } from '../watching';
import { connect, optionsFor, run, scripted } from './attaching';

/*
 * The life of a connection over real servers, each test with its own, all at the same time: they mostly wait. Frozen and
 * killed servers, and networks that drop packets under a monitor, are in faults.test.ts, secondConnection.test.ts and
 * network.test.ts; this machine's own sleep is in silence.test.ts, asking.test.ts and stoppedWatcher.test.ts.
 */

/** What the kernel takes to find that nobody answers: 15 s idle (tcp.ts), then 10 probes, one a second (libuv). */
const deadTcpMs = 25_000;

class Lab implements AsyncDisposable {
  private readonly ends: (() => unknown)[] = [];

  async sshd(options: Parameters<typeof startSshd>[0] = {}): Promise<Sshd> {
    const sshd = await startSshd(options);
    this.ends.push(() => sshd.stop());
    trust(sshd);
    return sshd;
  }

  watch(options: SshOptions, how: WatchOptions = {}): Watching {
    const watched = watch(sshTransport(options), how);
    this.ends.push(() => watched.monitor.stop());
    return watched;
  }

  atEnd(end: () => unknown): void {
    this.ends.push(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.ends.reverse()) await end();
  }
}

/** Live again after a loss, and nothing but that was told. */
async function expectBack(watched: Watching): Promise<void> {
  await reached(watched, 'reconnecting');
  await reach(watched, 'live', 30_000);
  await more(watched, 3);
  expect(kinds(watched).slice(0, 3)).toEqual(['connecting', 'live', 'reconnecting']);
  expect(kinds(watched)).not.toContain('failed');
}

describe.concurrent('SIGSTOP, half-open TCP', () => {
  it('SIGSTOP for longer than dead TCP is waited for, then SIGCONT: the connection goes on', async () => {
    await using lab = new Lab();
    const sshd = await lab.sshd();
    const connection = await connect(optionsFor(sshd));
    lab.atEnd(() => connection.close());
    sshd.signalSessions('SIGSTOP');
    lab.atEnd(() => sshd.signalSessions('SIGCONT'));
    const ended = connection.closed.then(() => 'ended');
    const later = new Promise((resolve) => setTimeout(resolve, deadTcpMs + 3000, 'stands'));
    expect(await Promise.race([ended, later])).toBe('stands');
    sshd.signalSessions('SIGCONT');
    expect((await run(connection, 'echo on')).out).toBe('on\n');
  });

  it('half-open TCP: where nothing waits for an answer, the kernel finds it in 25 s', async ({ skip }) => {
    const obstacle = netNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    await using lab = new Lab();
    const network = await NetNamespace.create();
    lab.atEnd(() => network.stop());
    const sshd = await lab.sshd({ address: network.address, within: network.within });
    const connection = await connect(optionsFor(sshd));
    lab.atEnd(() => connection.close());
    const { stream } = await connection.exec('cat');
    stream.write('on\n');
    await once(stream, 'data'); // and all that we sent before has been received
    network.drop();
    const startMs = performance.now();
    const error = await connection.closed;
    const tookMs = performance.now() - startMs;
    expect(error).toMatchObject({ phase: 'connection', remedy: 'retry' });
    expect(error?.message).toMatch(/was lost: .*(ETIMEDOUT|timed out)/);
    expect(tookMs).toBeGreaterThan(deadTcpMs - 12_000);
    expect(tookMs).toBeLessThan(deadTcpMs + 10_000);
  });
});

describe.concurrent('TCP reset, address change', () => {
  it('TCP reset: connected to anew', async () => {
    await using lab = new Lab();
    const sshd = await lab.sshd();
    const middle = await Middle.before(sshd.port);
    lab.atEnd(() => middle.stop());
    const options = optionsFor(sshd, [`Port ${middle.port}`, `HostKeyAlias [127.0.0.1]:${sshd.port}`]);
    const watched = lab.watch(options);
    await more(watched, 3);
    middle.reset();
    const { error } = await reached(watched, 'reconnecting');
    expect(error.message).toContain('ECONNRESET');
    await expectBack(watched);
    expect(middle.accepted).toBe(2);
  });

  it('address change of this machine: a second connection from the new one takes over', async ({ skip }) => {
    const obstacle = netNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    await using lab = new Lab();
    const network = await NetNamespace.create();
    lab.atEnd(() => network.stop());
    const sshd = await lab.sshd({ address: network.address, within: network.within });
    const watched = lab.watch(optionsFor(sshd, ['ConnectTimeout 5']), {
      timing: { secondMs: 1500, secondPauseMs: 1000, graceMs: 500 },
    });
    await more(watched, 3);
    const before = portsTo(network.address, 'connected');
    network.moveUs();
    await until(() => watched.states.some((state) => state.kind === 'silent'));
    await reach(watched, 'live', 30_000);
    await more(watched, 3);
    expect(kinds(watched)).not.toContain('failed');
    const now = portsTo(network.address, 'connected').filter((port) => !before.includes(port));
    expect(now).toHaveLength(1);
  });
});

describe.concurrent('server restart: reconnects by itself and asks nobody for what it knows', () => {
  const restarted = async (
    lab: Lab,
    sshd: Sshd,
    options: SshOptions,
    answers: Partial<Prompts>,
    asked: readonly string[],
  ): Promise<void> => {
    const prompts = scripted(answers);
    const watched = lab.watch(options, { prompts });
    await more(watched, 3);
    expect(prompts.asked).toEqual(asked);
    for (let restart = 1; restart <= 2; restart++) {
      const { length } = watched.moments;
      await sshd.restart();
      await until(() => watched.moments.length > length + 3, 30_000);
    }
    await expectBack(watched);
    expect(prompts.asked).toEqual(asked);
  };

  it('a passphrase', async () => {
    await using lab = new Lab();
    const sshd = await lab.sshd();
    const locked = sshd.file('locked');
    makeKey(locked, { passphrase: 'open sesame' });
    writeFileSync(sshd.file('authorized_keys'), '');
    sshd.authorize(`${locked}.pub`);
    const secret = (): Promise<string> => Promise.resolve('open sesame');
    const options = optionsFor(sshd, [`IdentityFile ${locked}`]);
    await restarted(lab, sshd, options, { secret }, [`passphrase ${locked} 1`]);
  });

  it('a host key that was trusted once', async () => {
    await using lab = new Lab();
    const sshd = await lab.sshd();
    writeFileSync(sshd.file('known_hosts'), '');
    const answers = { unknownHostKey: () => Promise.resolve('once' as const) };
    const question = `unknownHostKey target [127.0.0.1]:${sshd.port} ssh-ed25519 ${sshd.fingerprint()}`;
    await restarted(lab, sshd, optionsFor(sshd), answers, [question]);
  });

  it.skipIf(process.getuid?.() !== 0)('a password', async () => {
    await using lab = new Lab();
    const user = `rmd-life-${process.pid % 100000}`;
    const password = randomBytes(18).toString('base64url'); // the account is real for as long as this runs
    execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', user]);
    lab.atEnd(() => execFileSync('userdel', ['--force', user], { stdio: 'ignore' }));
    execFileSync('chpasswd', { input: `${user}:${password}\n` });
    const sshd = await lab.sshd({ user, config: ['UsePAM yes', 'PasswordAuthentication yes'] });
    const options = optionsFor(sshd, ['PubkeyAuthentication no', 'KbdInteractiveAuthentication no']);
    const secret = (): Promise<string> => Promise.resolve(password);
    await restarted(lab, sshd, options, { secret }, [`password ${user}@target 1`]);
  });
});

describe.concurrent('what a server allows', () => {
  it('MaxSessions 1: the host is live, though nothing else can be opened', async () => {
    await using lab = new Lab();
    const sshd = await lab.sshd({ config: ['MaxSessions 1'] });
    const watched = lab.watch(optionsFor(sshd), { kernelLog: true, survey: true });
    await more(watched, 10);
    expect(kinds(watched)).toEqual(['connecting', 'live']);
    expect(watched.monitor.oom.logState?.kind).not.toBe('reading');
    expect(sshd.log()).toContain('no more sessions');
  });

  it('MaxStartups: who is dropped comes again, and is told why', async () => {
    await using lab = new Lab();
    const sshd = await lab.sshd({ config: ['MaxStartups 1:100:1', 'LoginGraceTime 120'] });
    const stranger = await strangerAt(sshd.port);
    lab.atEnd(() => stranger.destroy());
    const watched = lab.watch(optionsFor(sshd));
    const { error } = await reached(watched, 'reconnecting');
    expect(error).toMatchObject({ phase: 'handshake', remedy: 'retry' });
    expect(error.advice).toContain('MaxStartups');
    stranger.destroy();
    await reach(watched, 'live', 30_000);
    expect(kinds(watched)).not.toContain('failed');
  });
});

describe.concurrent('a bastion', () => {
  it('bastion dying under a live connection: connected to anew when it is back, and nobody is asked', async () => {
    await using lab = new Lab();
    const [bastion, far] = [await lab.sshd(), await lab.sshd()];
    const options = optionsFor(bastion);
    appendFileSync(options.configFile ?? '', far.sshConfig('far', { extra: ['ProxyJump target'] }));
    const watched = lab.watch({ ...options, target: 'far' });
    await more(watched, 3);
    bastion.kill9();
    const { error } = await reached(watched, 'reconnecting');
    expect(error).toMatchObject({ phase: 'connection', remedy: 'retry' });
    await until(() => far.sessionPids().length === 0);
    await bastion.start();
    await expectBack(watched);
  });
});

describe.concurrent('what needs a person', () => {
  it('a key that is accepted no more: failed once, and connected to again when somebody says so', async () => {
    await using lab = new Lab();
    const sshd = await lab.sshd();
    const watched = lab.watch(optionsFor(sshd));
    await more(watched, 3);
    writeFileSync(sshd.file('authorized_keys'), '');
    await sshd.restart();
    const { error } = await reach(watched, 'failed', 30_000);
    expect(error).toMatchObject({ phase: 'authentication', remedy: 'user' });
    expect(kinds(watched).filter((kind) => kind === 'failed')).toHaveLength(1);
    const attempts = (): number => sshd.log().match(/Connection from /g)?.length ?? 0;
    const before = attempts();
    sshd.authorize(`${sshd.userKey}.pub`);
    await new Promise((resolve) => setTimeout(resolve, 2000)); // a further attempt would come by now
    expect(attempts()).toBe(before);
    expect(watched.states.at(-1)?.kind).toBe('failed');
    watched.monitor.start();
    await reach(watched, 'live');
  });
});

/** Somebody who connects to a server and does not log in. One who came before may still be counted, and drop them. */
async function strangerAt(port: number): Promise<net.Socket> {
  for (;;) {
    const stranger = net.connect(port, '127.0.0.1').on('error', () => undefined);
    const [bytes] = (await once(stranger, 'data')) as [Buffer];
    if (bytes.toString().startsWith('SSH-')) return stranger;
    stranger.destroy();
  }
}

/** Passes bytes on to a port of this machine, until it resets who is connected. */
class Middle {
  accepted = 0;
  private readonly sockets = new Set<net.Socket>();

  private constructor(
    readonly port: number,
    private readonly server: net.Server,
  ) {}

  static async before(port: number): Promise<Middle> {
    const server = net.createServer();
    const middle = new Middle(await freePort(), server);
    server.on('connection', (near) => middle.pass(near, port));
    server.listen(middle.port, '127.0.0.1');
    await once(server, 'listening');
    return middle;
  }

  /** As with SO_LINGER 0. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  stop(): void {
    this.reset();
    this.server.close();
  }

  private pass(near: net.Socket, port: number): void {
    this.accepted += 1;
    const far = net.connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
      socket.pipe(other);
    }
  }
}
