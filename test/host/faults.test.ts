import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MonitorState } from '../../src/monitor/hostMonitor';
import { ConnectionError, type Connection, type Transport } from '../../src/transport/connection';
import { sshTransport } from '../../src/transport/ssh';
import { neverAsked } from './prompts';
import { startSshd, type Sshd } from './sshd';
import { optionsFor, trust, until } from './transport/attaching';
import { more, reach, sleep, watch, type Watching, type WatchOptions } from './watching';

/*
 * A watched host and what can go wrong with it. DEBUG1 writes down every request to log in, so that "nothing was sent"
 * can be seen.
 */
let sshd: Sshd;
let watching: Watching | undefined;
beforeEach(async () => {
  sshd = await startSshd({ config: ['LogLevel DEBUG1'] });
  trust(sshd);
});
afterEach(async () => {
  watching?.monitor.stop();
  watching = undefined;
  await sshd.stop();
});

function attach(options: WatchOptions = {}, transport = sshTransport(optionsFor(sshd))): Watching {
  return (watching = watch(transport, options));
}

const kinds = ({ states }: Watching): string[] => states.map(({ kind }) => kind);
const logins = (log: string): number => log.match(/userauth-request for user/g)?.length ?? 0;

describe('a frozen session (kill -STOP)', () => {
  const frozenMs = 8000;

  it('is silent, is not asked again nor closed, and goes on with a gap', async () => {
    const watched = attach();
    await more(watched, 10);
    const sessions = sshd.sessionPids();
    const { connection } = watched.monitor;
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();

    const frozenAtMs = performance.now();
    const before = watched.moments.length;
    sshd.signalSessions('SIGSTOP');
    const silent = await reach(watched, 'silent', 3000);
    expect(Math.abs(silent.sinceMs - frozenAtMs)).toBeLessThan(500);
    await sleep(frozenAtMs + frozenMs - performance.now());
    loop.disable();

    expect(loop.max / 1e6).toBeLessThan(250);
    expect(watched.monitor.state).toBe(silent);
    expect(performance.now() - silent.sinceMs).toBeGreaterThan(frozenMs - 500);
    expect(watched.moments.length - before).toBeLessThanOrEqual(1); // an answer that was on its way
    expect(sshd.sessionPids()).toEqual(sessions);

    const frozenForMs = performance.now() - frozenAtMs;
    sshd.signalSessions('SIGCONT');
    await reach(watched, 'live', 2000);
    await more(watched, 10);

    expect(sshd.sessionPids()).toEqual(sessions);
    expect(watched.monitor.connection).toBe(connection);
    expect(kinds(watched)).toEqual(['connecting', 'live', 'silent', 'live']);
    const { moments } = watched;
    // Questions are numbered: each was answered, and none was asked while the host was silent.
    const seqs = moments.map(({ sample }) => sample.seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    const late = moments.filter(({ sample }) => sample.answerDelayMs > 1000);
    expect(late).toHaveLength(1);
    expect(Math.abs((late[0]?.sample.answerDelayMs ?? 0) - frozenForMs)).toBeLessThan(500);
    const gaps = moments.slice(1).map(({ wallMs }, index) => wallMs - (moments[index]?.wallMs ?? 0));
    const wide = gaps.filter((gap) => gap > 1000);
    expect(wide).toHaveLength(1);
    expect(Math.abs((wide[0] ?? 0) - frozenForMs)).toBeLessThan(500);
    expect(watched.monitor.history.since().map(({ moment }) => moment)).toEqual(moments);
  });

  it('ends at once by stop(), and nothing is told afterwards', async () => {
    const watched = attach({ intervalMs: 50 });
    await more(watched, 3);
    const connection = watched.monitor.connection;
    sshd.signalSessions('SIGSTOP');
    await sleep(1200);
    watched.monitor.stop();
    expect(watched.monitor.state.kind).toBe('stopped');
    const { length } = watched.moments;
    // Closing a frozen connection takes a moment, in which its silence would become due.
    await connection?.closed;
    sshd.signalSessions('SIGCONT');
    await sleep(500);
    expect(kinds(watched)).toEqual(['connecting', 'live', 'stopped']);
    expect(watched.moments).toHaveLength(length);
  });

  it('ends by stop() also before the program has been started', async () => {
    let connection: Connection | undefined;
    const ssh = sshTransport(optionsFor(sshd));
    const freezing: Transport = {
      connect: async (prompts, signal) => {
        connection = await ssh.connect(prompts, signal);
        sshd.signalSessions('SIGSTOP');
        return connection;
      },
    };
    const watched = attach({}, freezing);
    await until(() => connection !== undefined);
    await sleep(200);
    expect(watched.monitor.state.kind).toBe('connecting');
    watched.monitor.stop();
    const closed = await Promise.race([connection?.closed.then(() => 'closed'), sleep(2000)]);
    expect(closed).toBe('closed');
    expect(kinds(watched)).toEqual(['connecting', 'stopped']);
  });
});

describe('a killed sshd (kill -9)', () => {
  it('is knocked at ever more rarely, and watched again by itself when it is back', async () => {
    const watched = attach();
    await more(watched, 5);
    sshd.kill9();
    const lost = await reach(watched, 'reconnecting', 2000);
    expect(lost.error).toBeInstanceOf(ConnectionError);
    expect(lost.error).toMatchObject({ phase: 'connection', remedy: 'retry' });
    const told: { attempt: number; pauseMs: number }[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(() => isWaiting(watched.monitor.state, attempt), 6000);
      const state = await reach(watched, 'reconnecting');
      told.push({ attempt, pauseMs: (state.nextAttemptAtMs ?? 0) - performance.now() });
      if (attempt > 1) expect(state.error.message).toMatch(/refused the connection/);
    }
    const pauses = told.map(({ pauseMs }) => pauseMs);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[2]).toBeGreaterThan(3000);

    const before = watched.moments.length;
    await sshd.start();
    await reach(watched, 'live', 6000);
    await more(watched, 5);
    expect(watched.moments.length).toBeGreaterThan(before);
    expect(
      watched.states.map((state) =>
        state.kind === 'reconnecting'
          ? `${state.attempt} ${state.nextAttemptAtMs === undefined ? 'trying' : 'waiting'}`
          : state.kind,
      ),
    ).toEqual([
      'connecting',
      'live',
      '1 waiting',
      '1 trying',
      '2 waiting',
      '2 trying',
      '3 waiting',
      '3 trying',
      'live',
    ]);
  });

  it('stop() ends the waiting at once', async () => {
    const watched = attach();
    await more(watched, 2);
    sshd.kill9();
    const { nextAttemptAtMs } = await reach(watched, 'reconnecting', 2000);
    watched.monitor.stop();
    expect(watched.monitor.state.kind).toBe('stopped');
    await sshd.start();
    await sleep((nextAttemptAtMs ?? 0) - performance.now() + 300);
    expect(kinds(watched)).toEqual(['connecting', 'live', 'reconnecting', 'stopped']);
    expect(sshd.sessionPids()).toEqual([]);

    watched.monitor.start();
    await reach(watched, 'live');
  });
});

describe('the key of the host', () => {
  it('that has changed is refused with both fingerprints, and nothing is sent', async () => {
    const watched = attach();
    await more(watched, 2);
    expect(logins(sshd.log())).toBeGreaterThan(0); // the words that must be missing below
    const known = sshd.fingerprint();
    const knownHosts = sshd.file('known_hosts');
    const before = readFileSync(knownHosts, 'utf8');
    sshd.kill9();
    sshd.changeHostKeys();
    const logged = sshd.log().length;
    await sshd.start();

    const { error } = await reach(watched, 'failed', 5000);
    expect(error).toMatchObject({ phase: 'host-key', remedy: 'user' });
    expect(execFileSync('ssh-keygen', ['-lf', knownHosts], { encoding: 'utf8' })).toContain(known);
    expect(known).toMatch(/^SHA256:\S{43}$/);
    expect(sshd.fingerprint()).not.toBe(known);
    expect(error.message).toContain(known);
    expect(error.message).toContain(sshd.fingerprint());
    expect(error.message).toContain(`${knownHosts}:1`);
    await sleep(1500); // a further attempt would come by now
    const since = sshd.log().slice(logged);
    expect(since).toContain('Connection from 127.0.0.1');
    expect(logins(since)).toBe(0);
    expect(since).not.toContain('SSH2_MSG_NEWKEYS received');
    expect(readFileSync(knownHosts, 'utf8')).toBe(before);
    expect(kinds(watched).at(-1)).toBe('failed');
    expect(kinds(watched).filter((kind) => kind === 'failed')).toHaveLength(1);
  });

  it('that is not known fails where nobody can be asked', async () => {
    writeFileSync(sshd.file('known_hosts'), '');
    const prompts = {
      ...neverAsked,
      unknownHostKey: () => Promise.reject(new ConnectionError('host-key', 'user', 'Nobody is here.')),
    };
    const { error } = await reach(attach({ prompts }), 'failed');
    expect(error.message).toBe('Nobody is here.');
    expect(logins(sshd.log())).toBe(0);
  });

  it('that the person does not accept stops without a word', async () => {
    writeFileSync(sshd.file('known_hosts'), '');
    const prompts = { ...neverAsked, unknownHostKey: () => Promise.resolve(undefined) };
    const watched = attach({ prompts });
    await reach(watched, 'stopped');
    expect(kinds(watched)).toEqual(['connecting', 'stopped']);
    expect(logins(sshd.log())).toBe(0);
  });
});

it('a listener that throws is logged and does not end the monitor', async () => {
  const watched = attach();
  const fail = (): never => {
    throw new Error('a mistake of the listener');
  };
  watched.monitor.onState(fail);
  watched.monitor.onMoment(fail);
  const late: unknown[] = [];
  watched.monitor.onMoment((moment) => late.push(moment));
  await more(watched, 5);
  expect(late.length).toBeGreaterThanOrEqual(5);
  expect(kinds(watched)).toEqual(['connecting', 'live']);
  expect(watched.logged.filter((line) => line.includes('a mistake of the listener'))).toHaveLength(
    watched.moments.length + 1,
  );
});

it('a listener may stop the monitor, and nothing is told afterwards', async () => {
  const watched = attach();
  watched.monitor.onMoment(() => watched.monitor.stop());
  await reach(watched, 'stopped');
  await sleep(500);
  expect(kinds(watched)).toEqual(['connecting', 'stopped']);
  expect(watched.moments).toHaveLength(1);
});

describe('a forced command in place of our shell', () => {
  let forced: Sshd;
  afterEach(() => forced.stop());

  async function attachTo(command: string): Promise<Watching> {
    forced = await startSshd({ config: [`ForceCommand ${command}`] });
    trust(forced);
    return attach({}, sshTransport(optionsFor(forced)));
  }

  it.each([
    ['echo hi', 'The host ended our shell at once (exit code 0) instead of running it. It said: “hi”'],
    [
      'echo no >&2; exit 3',
      'The host ended our shell at once (exit code 3) instead of running it. It said: “no”',
    ],
    [
      'internal-sftp',
      'The host ended our shell at once (exit code 1) instead of running it. It said: “This service allows sftp connections only.”',
    ],
    ['/bin/cat', 'The host sends what our program would not: the very text that we sent.'],
  ])('%s: fails with a sentence', async (command, sentence) => {
    const { error } = await reach(await attachTo(command), 'failed');
    expect(error.message).toBe(sentence);
    expect(error).toMatchObject({ phase: 'channel', remedy: 'user' });
    expect(error.advice).toMatch(/forced command/);
    await until(() => forced.sessionPids().length === 0);
  });

  it('that stays silent is waited for, and stop() ends the waiting', async () => {
    const watched = await attachTo('sleep 60');
    await until(() => forced.sessionPids().length > 0);
    await sleep(1500);
    expect(kinds(watched)).toEqual(['connecting']);
    watched.monitor.stop();
    await until(() => forced.sessionPids().length === 0);
    expect(kinds(watched)).toEqual(['connecting', 'stopped']);
  });
});

function isWaiting(state: MonitorState, attempt: number): boolean {
  return state.kind === 'reconnecting' && state.attempt === attempt && state.nextAttemptAtMs !== undefined;
}
