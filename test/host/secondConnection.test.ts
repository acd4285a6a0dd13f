import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sshTransport } from '../../src/transport/ssh';
import { kernelLogObstacle } from './lab/kernelLog';
import { markSessions, sessionProcesses } from './lab/sessions';
import { startSshd, type Sshd } from './sshd';
import { optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import {
  expectNoneTwice,
  gapsOf,
  kinds,
  longestGapMs,
  more,
  ownSamplesIn,
  reach,
  sleep,
  told,
  watch,
  type Watching,
} from './watching';

/*
 * One session of a healthy server stands still (kill -STOP) until a second connection takes its place.
 */
const mark = `second-${process.pid}`;
const timing = { secondMs: 4000, graceMs: 4000 };

let sshd: Sshd;
let watched: Watching;
let asked: string[];
/** The processes of the first connection. */
let servers: number[];
let programs: number[];

beforeEach(async () => {
  sshd = await startSshd({ config: [markSessions(mark)] });
  trust(sshd);
  const kernelLog = kernelLogObstacle() === undefined;
  asked = [];
  const note = (what: string) => () => {
    asked.push(what);
    return Promise.resolve(undefined);
  };
  const prompts = { unknownHostKey: note('host key'), secret: note('secret'), answers: note('answers') };
  watched = watch(sshTransport(optionsFor(sshd)), { timing, kernelLog, prompts });
  await until(() => !kernelLog || watched.monitor.oom.logState?.kind === 'reading');
  await more(watched, 10);
  servers = sshd.sessionPids();
  programs = sessionProcesses(mark).map(({ pid }) => pid);
});
afterEach(async () => {
  watched.monitor.stop();
  await sshd.stop();
});

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) process.kill(pid, name);
}

async function takenOver(): Promise<void> {
  const { connection } = watched.monitor;
  await reach(watched, 'silent');
  await reach(watched, 'live', timing.secondMs + 10_000);
  expect(kinds(watched)).toEqual(['connecting', 'live', 'silent', 'silent', 'live']);
  expect(told(watched)[3]).toMatchObject({ second: { attempt: 1 } });
  expect(watched.monitor.connection).not.toBe(connection);
}

/** Nothing is left of the first connection, and all of a program and a kernel log runs on the second. */
async function expectFirstGone(): Promise<void> {
  await until(() => [...servers, ...programs].every((pid) => !existsSync(`/proc/${pid}`)));
  await until(() => sessionProcesses(mark).length === programs.length);
  if (kernelLogObstacle() === undefined) {
    expect(watched.monitor.oom.logState?.kind).toBe('reading');
    expect(sessionProcesses(mark).map(({ command }) => command)).toContain('cat /dev/kmsg');
  }
  await more(watched, 10);
  expect(watched.monitor.state).toEqual({ kind: 'live' });
  expectNoneTwice(watched);
  expect(watched.monitor.interruptions).toEqual([]);
}

it('what the first connection holds is told when it goes on soon enough, and then it is closed', async () => {
  const frozenAtMs = performance.now();
  signal(servers, 'SIGSTOP');
  await takenOver();
  const frozenMs = performance.now() - frozenAtMs;
  await more(watched, 5);
  signal(servers, 'SIGCONT');
  await expectFirstGone();
  const { moments } = watched;
  const own = moments.filter(({ sample }) => sample.clock === 'own');
  expect(own.length).toBeGreaterThanOrEqual(ownSamplesIn(frozenMs));
  expect(Math.max(...gapsOf(watched))).toBeLessThan(longestGapMs);
  // They were told last and stand where they belong.
  expect(moments.findIndex(({ sample }) => sample.clock === 'own')).toBeGreaterThan(10);
  const inOrder = moments.map(({ wallMs }) => wallMs).sort((a, b) => a - b);
  expect(watched.monitor.history.points().map(({ at }) => at)).toEqual(inOrder);
  expect(watched.monitor.latest?.sample.at).toBe(Math.max(...moments.map(({ sample }) => sample.at)));
});

it('where it does not, its server ends as soon as it can', async () => {
  signal(servers, 'SIGSTOP');
  const { connection } = watched.monitor;
  await takenOver();
  await connection?.closed;
  signal(servers, 'SIGCONT');
  await expectFirstGone();
  expect(gapsOf(watched).filter((gap) => gap > timing.secondMs)).toHaveLength(1);
});

it('where the program stands still as well, all of it ends as soon as it can', async () => {
  signal([...servers, ...programs], 'SIGSTOP');
  const { connection } = watched.monitor;
  await takenOver();
  await connection?.closed;
  await sleep(500);
  signal([...programs, ...servers], 'SIGCONT');
  await expectFirstGone();
});

it('that would need an answer of somebody is not made while the first one stands', async () => {
  writeFileSync(sshd.file('known_hosts'), '');
  const { connection } = watched.monitor;
  signal(servers, 'SIGSTOP');
  const refused = (): unknown =>
    watched.monitor.state.kind === 'silent' && watched.monitor.state.second?.error?.remedy;
  await until(() => refused() === 'cancelled', timing.secondMs + 10_000);
  await sleep(2000); // a further attempt would come by now
  expect(kinds(watched)).toEqual(['connecting', 'live', 'silent', 'silent', 'silent']);
  expect(watched.states.at(-1)).toMatchObject({ second: { attempt: 1 } });
  signal(servers, 'SIGCONT');
  await reach(watched, 'live');
  await more(watched, 10);
  expect(watched.monitor.connection).toBe(connection);
  expect(sshd.sessionPids()).toEqual(servers);
  expect(asked).toEqual([]);
  expectNoneTwice(watched);
});
