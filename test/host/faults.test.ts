import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descendants, processTable } from '../../scripts/processTable.mjs';
import type { MonitorState } from '../../src/monitor/hostMonitor';
import type { SeenInterruption } from '../../src/monitor/moments';
import { ConnectionError, type Connection, type Transport } from '../../src/transport/connection';
import { sshTransport } from '../../src/transport/ssh';
import { kernelLogObstacle } from './lab/kernelLog';
import { mountNamespaceObstacle } from './lab/mountNamespace';
import { markSessions, sessionProcesses } from './lab/sessions';
import { neverAsked } from './prompts';
import { startSshd, type Sshd } from './sshd';
import { optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import {
  expectHardlyAnyStall,
  expectNoneTwice,
  gapsOf,
  kinds,
  longestGapMs,
  more,
  ownSamplesIn,
  reach,
  reached,
  sleep,
  told,
  watch,
  type Watching,
  type WatchOptions,
} from './watching';

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

const logins = (log: string): number => log.match(/userauth-request for user/g)?.length ?? 0;

describe('a frozen session (kill -STOP)', () => {
  const frozenMs = 8000;
  /** What a loaded machine may be late by. */
  const slackMs = 1500;

  it('is silent, is not asked again nor closed, and then tells what the host saw meanwhile', async () => {
    const watched = attach();
    await more(watched, 10);
    const sessions = sshd.sessionPids();
    const { connection } = watched.monitor;
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();

    const frozenAtMs = performance.now();
    const before = watched.moments.length;
    sshd.signalSessions('SIGSTOP');
    const silent = await reach(watched, 'silent');
    expect(Math.abs(silent.sinceMs - frozenAtMs)).toBeLessThan(slackMs);
    await sleep(frozenAtMs + frozenMs - performance.now());
    loop.disable();

    expect(loop.percentile(99) / 1e6).toBeLessThan(250);
    expect(watched.monitor.state).toBe(silent);
    expect(performance.now() - silent.sinceMs).toBeGreaterThan(frozenMs - slackMs);
    expect(watched.moments.length - before).toBeLessThanOrEqual(1); // an answer that was on its way
    expect(sshd.sessionPids()).toEqual(sessions);

    const frozenForMs = performance.now() - frozenAtMs;
    sshd.signalSessions('SIGCONT');
    await reach(watched, 'live', 5000);
    await more(watched, 10);

    expect(sshd.sessionPids()).toEqual(sessions);
    expect(watched.monitor.connection).toBe(connection);
    expect(kinds(watched)).toEqual(['connecting', 'live', 'silent', 'live']);
    const { moments } = watched;
    expectNoneTwice(watched);
    // Questions are numbered: each was answered, and none was asked while the host was silent.
    const seqs = moments.filter(({ sample }) => sample.clock === 'asked').map(({ sample }) => sample.seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    const late = moments.filter(({ sample }) => (sample.answerDelayMs ?? 0) > frozenMs / 2);
    expect(late).toHaveLength(1);
    expect(Math.abs((late[0]?.sample.answerDelayMs ?? 0) - frozenForMs)).toBeLessThan(slackMs);
    // The server stood still and the host did not: its own clock went on, once a second once the question was late.
    const own = moments.filter(({ sample }) => sample.clock === 'own');
    expect(own.length).toBeGreaterThanOrEqual(ownSamplesIn(frozenMs));
    expect(Math.max(...own.map(({ ageMs }) => ageMs ?? 0))).toBeGreaterThan(frozenMs - longestGapMs);
    expectHardlyAnyStall(watched);
    expect(Math.max(...gapsOf(watched))).toBeLessThan(longestGapMs);
    expect(watched.monitor.history.points().map(({ at }) => at)).toEqual(moments.map(({ wallMs }) => wallMs));
  });

  it('of which the program stands still too goes on with a gap, which it calls a stall', async () => {
    const watched = attach();
    await more(watched, 10);
    const all = [...sshd.sessionPids(), ...sshd.sessionPids().flatMap((pid) => descendants(pid))];
    expect(all.length).toBeGreaterThanOrEqual(3);
    const stoppedAtMs = performance.now();
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    await sleep(6000);
    const stoppedMs = performance.now() - stoppedAtMs;
    for (const pid of all.reverse()) process.kill(pid, 'SIGCONT');
    await reach(watched, 'live', 5000);
    await more(watched, 5);
    expect(kinds(watched)).toEqual(['connecting', 'live', 'silent', 'live']);
    expectNoneTwice(watched);
    const wide = gapsOf(watched).filter((gap) => gap > stoppedMs - slackMs);
    expect(wide).toHaveLength(1);
    expect(Math.abs((wide[0] ?? 0) - stoppedMs)).toBeLessThan(slackMs);
    // Its own clock was due 2 s after the question.
    const stalledMs = stoppedMs - 2000;
    const stalls = watched.moments
      .map(({ stallMs }) => stallMs ?? 0)
      .filter((ms) => ms > stalledMs - slackMs);
    expect(stalls).toHaveLength(1);
    expect(Math.abs((stalls[0] ?? 0) - stalledMs)).toBeLessThan(slackMs);
    expect(watched.monitor.interruptions).toEqual([]);
  });

  it('ends at once by stop(), and nothing is told afterwards', async () => {
    const watched = attach({ intervalMs: 50, timing: { silentMs: 3000 } });
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
    await sleep(2500);
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
    const closed = await Promise.race([connection?.closed.then(() => 'closed'), sleep(10_000)]);
    expect(closed).toBe('closed');
    expect(kinds(watched)).toEqual(['connecting', 'stopped']);
  });
});

describe('a killed sshd (kill -9)', () => {
  it('is knocked at ever more rarely, and watched again by itself when it is back', async () => {
    const watched = attach();
    await more(watched, 5);
    sshd.kill9();
    const lost = await reached(watched, 'reconnecting');
    expect(lost.error).toBeInstanceOf(ConnectionError);
    expect(lost.error).toMatchObject({ phase: 'connection', remedy: 'retry' });
    await until(() => watched.states.some((state) => isWaiting(state, 3)), 30_000);
    const pauses = watched.states.flatMap((state, index) => {
      if (state.kind !== 'reconnecting' || state.nextAttemptAtMs === undefined) return [];
      if (state.attempt > 1) expect(state.error.message).toMatch(/refused the connection/);
      return [state.nextAttemptAtMs - (watched.toldAtMs[index] ?? 0)];
    });
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[2]).toBeGreaterThan(3000);

    const before = watched.moments.length;
    await sshd.start();
    await reach(watched, 'live', 30_000);
    await more(watched, 5);
    expect(watched.moments.length).toBeGreaterThan(before);
    const all = told(watched).map((state) =>
      state.kind === 'reconnecting'
        ? `${state.attempt} ${state.nextAttemptAtMs === undefined ? 'trying' : 'waiting'}`
        : state.kind,
    );
    expect(all.slice(0, 8)).toEqual([
      'connecting',
      'live',
      '1 waiting',
      '1 trying',
      '2 waiting',
      '2 trying',
      '3 waiting',
      '3 trying',
    ]);
    expect(all.indexOf('live', 8)).toBe(all.length - 1); // a slow server may miss the third attempt
  });

  it('stop() ends the waiting at once', async () => {
    const watched = attach();
    await more(watched, 2);
    sshd.kill9();
    const { nextAttemptAtMs } = await reach(watched, 'reconnecting');
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

describe('one process of a session, killed alone (kill -9)', () => {
  const mark = `killed-${process.pid}`;
  let host: Sshd;
  let watched: Watching;
  beforeEach(async () => {
    host = await startSshd({ config: [markSessions(mark)] });
    trust(host);
    watched = attach({ kernelLog: kernelLogObstacle() === undefined }, sshTransport(optionsFor(host)));
    await more(watched, 10);
  });
  afterEach(async () => {
    watched.monitor.stop();
    await host.stop();
    await until(() => sessionProcesses(mark).length === 0);
  });

  it.each(['server', 'shell', 'reader', 'awk'] as const)(
    '%s: the host is connected to anew, and nothing of before is left there',
    async (which) => {
      const old = [...host.sessionPids(), ...sessionProcesses(mark).map(({ pid }) => pid)];
      process.kill(programOf(host)[which], 'SIGKILL');
      const { error } = await reached(watched, 'reconnecting');
      expect(error).toMatchObject({ phase: 'connection', remedy: 'retry' });
      await reach(watched, 'live');
      await more(watched, 10);
      expect(kinds(watched)).toEqual(['connecting', 'live', 'reconnecting', 'reconnecting', 'live']);
      expectNoneTwice(watched);
      expect(watched.monitor.interruptions).toEqual([]);
      await until(() => old.every((pid) => !existsSync(`/proc/${pid}`)));
    },
  );

  it('the listener: the session goes on', async () => {
    const { pid } = host;
    if (pid === undefined) throw new Error('no listener');
    const before = watched.moments.length;
    process.kill(pid, 'SIGKILL');
    await until(() => host.pid === undefined);
    await more(watched, 20);
    expect(kinds(watched)).toEqual(['connecting', 'live']);
    const seqs = watched.moments.slice(before).map(({ sample }) => sample.seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  });

  it('the server of a silent session: the next attempt does not wait as long as one beside it', async () => {
    host.signalSessions('SIGSTOP');
    await reach(watched, 'silent');
    host.signalSessions('SIGKILL');
    await reached(watched, 'reconnecting');
    await reach(watched, 'live');
    expect(kinds(watched)).toEqual(['connecting', 'live', 'silent', 'reconnecting', 'reconnecting', 'live']);
  });
});

describe('another boot id', () => {
  it('is told once, starts rates anew and leaves the history of before', async ({ skip }) => {
    const obstacle = mountNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    const bootIds = ['1b0071d0-0000-4000-8000-000000000001', '2b0071d0-0000-4000-8000-000000000002'];
    const file = sshd.file('boot_id');
    writeFileSync(file, `${bootIds[0]}\n`);
    const script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
    const host = await startSshd({ within: ['unshare', '--mount', 'sh', '-c', script, file] });
    try {
      trust(host);
      const watched = attach({}, sshTransport(optionsFor(host)));
      const told: SeenInterruption[] = [];
      watched.monitor.onInterruption((seen) => told.push(seen));
      await more(watched, 10);
      writeFileSync(file, `${bootIds[1]}\n`);
      host.signalSessions('SIGKILL');
      await reached(watched, 'reconnecting');
      await reach(watched, 'live');
      await more(watched, 10);

      const { moments, monitor } = watched;
      expect([...new Set(moments.map(({ sample }) => sample.bootId))]).toEqual(bootIds);
      // Its uptime goes on, so that nobody can say how long it was down.
      expect(told.map(({ interruption }) => interruption)).toEqual([{ kind: 'reboot', downMs: undefined }]);
      expect(monitor.interruptions).toEqual(told);
      expect(moments.filter(({ rates }) => rates === undefined).map(({ sample }) => sample.seq)).toEqual([
        2, 2,
      ]);
      expect(moments.filter(({ stallMs }) => stallMs === undefined)).toHaveLength(2);
      expect(monitor.history.points().map(({ at }) => at)).toEqual(moments.map(({ wallMs }) => wallMs));
      expect(kinds(watched)).toEqual(['connecting', 'live', 'reconnecting', 'reconnecting', 'live']);
      expectNoneTwice(watched);
    } finally {
      watching?.monitor.stop();
      await host.stop();
    }
  });
});

describe('a host that does not tell its uptime', () => {
  it('fails with a word on that', async ({ skip }) => {
    const obstacle = mountNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    const script = 'mount --bind /dev/null /proc/uptime && exec "$@"';
    const host = await startSshd({ within: ['unshare', '--mount', 'sh', '-c', script, 'sh'] });
    try {
      trust(host);
      const { error } = await reach(attach({}, sshTransport(optionsFor(host))), 'failed');
      expect(error).toMatchObject({ phase: 'channel', remedy: 'user' });
      expect(error.message).toContain('/proc/uptime');
    } finally {
      watching?.monitor.stop();
      await host.stop();
    }
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

    const { error } = await reach(watched, 'failed');
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

/** The processes of the one session there is. */
function programOf(host: Sshd): Record<'server' | 'shell' | 'reader' | 'awk', number> {
  const table = processTable();
  const server = host.sessionPids().at(-1) ?? NaN;
  const childOf = (parent: number, name: RegExp): number => {
    const child = table.find((entry) => entry.parent === parent && name.test(entry.name));
    if (!child) throw new Error(`no ${String(name)} below ${parent}`);
    return child.pid;
  };
  // The kernel log has a shell of its own.
  const shell = table.find(
    ({ pid, parent, name }) =>
      parent === server &&
      name === 'bash' &&
      table.some((entry) => entry.parent === pid && entry.name.endsWith('awk')),
  )?.pid;
  if (shell === undefined) throw new Error('there is no shell with an awk');
  return { server, shell, reader: childOf(shell, /^bash$/), awk: childOf(shell, /awk$/) };
}

function isWaiting(state: MonitorState, attempt: number): boolean {
  return state.kind === 'reconnecting' && state.attempt === attempt && state.nextAttemptAtMs !== undefined;
}
