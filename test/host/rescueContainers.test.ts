import { dirname } from 'node:path';
import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runRescue, type RescueOptions } from '../../src/monitor/rescue/killContainers';
import type { ApiAnswer, KillingApi, RescueEvent } from '../../src/monitor/rescue/rescueEvent';
import type { RescueTarget } from '../../src/monitor/rescue/rescuePlan';
import { RescueShell } from '../../src/monitor/rescue/rescueShell';
import type { Connection } from '../../src/transport/connection';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';
import { freezerObstacle } from './lab/freezerGroup';
import { mountNamespaceObstacle } from './lab/mountNamespace';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import { sleep } from './watching';

const image = 'busybox-of-this-machine:latest';
/** Grows to its limit and is killed by the kernel, again and again. */
const grows = '/bin/busybox tail /dev/zero';
/** Reads more than it may hold, again and again. */
const reads = 'while :; do cat /bin/busybox /bin/busybox >/dev/null; done & while :; do :; done';

let dockerd: PrivateDockerd;
let docker: Docker;
let sshd: Sshd;
let connection: Connection;
let shell: RescueShell;
const events: RescueEvent[] = [];

beforeEach(async ({ skip }) => {
  const obstacle = dockerdObstacle();
  skip(obstacle !== undefined, obstacle);
  dockerd = await PrivateDockerd.start();
  docker = new Docker({ socketPath: dockerd.socketPath });
  sshd = await startSshd();
  trust(sshd);
  connection = await connect(optionsFor(sshd));
  shell = await RescueShell.open(connection, { sudo: false });
  events.length = 0;
});
afterEach(async () => {
  connection.close();
  await sshd.stop();
  dockerd.goOn();
  await dockerd.stop();
});

/** A container under a tight limit that is always started again. */
async function hog(name: string, script: string): Promise<RescueTarget> {
  const container = await docker.createContainer({
    name,
    Image: image,
    Cmd: ['/bin/sh', '-c', script],
    HostConfig: {
      NetworkMode: 'none',
      Memory: 16 << 20,
      MemorySwap: 16 << 20,
      RestartPolicy: { Name: 'always' },
    },
  });
  await container.start();
  const { Id } = await container.inspect();
  return { id: Id, cgroup: `/${dirname(dockerd.socketPath).split('/').at(-1) ?? ''}/${Id}` };
}

async function hogs(): Promise<RescueTarget[]> {
  return Promise.all([
    hog('grows-1', grows),
    hog('grows-2', grows),
    hog('reads-1', reads),
    hog('reads-2', reads),
  ]);
}

const api: KillingApi = {
  kill: (id) => answerOf(docker.getContainer(id).kill()),
  disableRestart: (id) => answerOf(docker.getContainer(id).update({ RestartPolicy: { Name: 'no' } })),
};

async function answerOf(request: Promise<unknown>): Promise<ApiAnswer> {
  try {
    await request;
    return { outcome: 'done' };
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    return { outcome: statusCode === 404 || statusCode === 409 ? 'gone' : 'failed', message: String(error) };
  }
}

function options(more: Partial<RescueOptions> = {}): RescueOptions {
  const { closed: cut } = connection;
  const { signal } = new AbortController();
  return { lane: shell, api, signal, cut, onEvent: (event) => events.push(event), ...more };
}

async function running(): Promise<string[]> {
  return (await dockerd.list()).filter((container) => container.running).map(({ name }) => name);
}

/** Dead now and after the longest time that dockerd would wait before it starts one again. */
async function expectDead(): Promise<void> {
  expect(await running()).toEqual([]);
  await sleep(3000);
  expect(await running()).toEqual([]);
}

function printTimes(title: string): void {
  const lines = events.map(({ step, target, elapsedMs, outcome, message = '' }) => {
    return `${step} ${target?.id.slice(0, 12) ?? ''} ${outcome} ${elapsedMs.toFixed(1)} ms ${message}`;
  });
  console.info(`${title}\n${lines.join('\n')}`);
}

describe('hogs that dockerd always starts again', () => {
  it('are frozen, killed through the API, and stay dead', async () => {
    const targets = [await hog('reads-1', reads), await hog('reads-2', reads), await hog('reads-3', reads)];
    const results = await runRescue(targets, options());
    printTimes('freeze and kill through the API');
    expect(results).toEqual(targets.map((target) => ({ target, outcome: 'killed' })));
    await expectDead();
    const steps = events.filter(({ target }) => target === undefined).map(({ step }) => step);
    expect(steps).toEqual(['freeze', 'freeze', 'api', 'api']);
  });

  it('stay dead as well where they are frozen while dockerd starts them', async () => {
    const targets = await hogs();
    await sleep(1000);
    const results = await runRescue(targets, options());
    printTimes('freeze and kill of what is being started');
    expect(results.map(({ outcome }) => outcome)).toEqual(targets.map(() => 'killed'));
    await expectDead();
  });

  it('are killed though dockerd does not answer, and stay dead when it does', async () => {
    const targets = await hogs();
    await sleep(1000);
    await dockerd.standStill();
    const rescue = runRescue(targets, options({ limits: { apiMs: 1000, roundMs: 300 } }));
    await until(() => events.some(({ step }) => step === 'without-api'), 10_000);
    await sleep(1500);
    for (const { cgroup } of targets) expect(await processesOf(cgroup ?? '')).toBe(0);
    dockerd.goOn();
    const results = await rescue;
    printTimes('kill without the API');
    expect(results.map(({ outcome }) => outcome)).toEqual(targets.map(() => 'killed'));
    await expectDead();
  });

  it('are killed on a host that has the freezer of version 1 only', async ({ skip }) => {
    const obstacle = freezerObstacle(1) ?? mountNamespaceObstacle();
    skip(obstacle !== undefined, obstacle);
    const hide =
      'while read -r device folder type rest; do if [ $type = cgroup2 ]; then umount $folder; fi; done </proc/mounts; exec "$@"';
    const host = await startSshd({ within: ['unshare', '--mount', 'sh', '-c', hide, 'sh'] });
    trust(host);
    const other = await connect(optionsFor(host));
    try {
      const lane = await RescueShell.open(other, { sudo: false });
      expect(lane.hello.cgroup2).toBe(undefined);
      const targets = [await hog('reads-1', reads), await hog('reads-2', reads)];
      const byApi = await runRescue(targets.slice(0, 1), options({ lane }));
      await dockerd.standStill();
      const byKernel = runRescue(targets.slice(1), options({ lane, limits: { apiMs: 500, roundMs: 200 } }));
      await until(() => events.some(({ step, target }) => step === 'without-api' && target), 10_000);
      await sleep(500);
      expect(await lane.state(targets[1]?.cgroup ?? '')).toMatchObject({
        value: { kind: 'group', state: { version: 1, freezer: 'thawed', processes: 0 } },
      });
      dockerd.goOn();
      printTimes('version 1');
      const outcomes = [...byApi, ...(await byKernel)].map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['killed', 'killed']);
      await expectDead();
    } finally {
      other.close();
      await host.stop();
    }
  });

  it('are left as they were where it is cancelled while they are frozen', async () => {
    const targets = [await hog('reads-1', reads), await hog('reads-2', reads)];
    const cancel = new AbortController();
    const results = await runRescue(
      targets,
      options({
        signal: cancel.signal,
        onEvent: ({ step, target }) => {
          if (step === 'freeze' && target) cancel.abort();
        },
      }),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['not-killed', 'not-killed']);
    for (const { cgroup } of targets) {
      const reply = await shell.state(cgroup ?? '');
      expect(reply).toMatchObject({ value: { kind: 'group', state: { freezer: 'thawed' } } });
    }
    expect((await running()).sort()).toEqual(['reads-1', 'reads-2']);
  });

  it('are told one by one where the connection is cut', async () => {
    const targets = [await hog('reads-1', reads), await hog('reads-2', reads), await hog('reads-3', reads)];
    const slow: KillingApi = {
      kill: async (id) => {
        if (id === targets[0]?.id) return api.kill(id, 'KILL');
        return new Promise(() => undefined);
      },
      disableRestart: () => new Promise(() => undefined),
    };
    const results = await runRescue(
      targets,
      options({
        api: slow,
        onEvent: ({ step, outcome, target }) => {
          if (step === 'api' && outcome === 'done' && target)
            setTimeout(() => sshd.signalSessions('SIGKILL'), 500);
        },
      }),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['killed', 'unknown', 'unknown']);
    // The shell thaws what it has frozen before it ends.
    await expect.poll(() => freezerOf(targets[2]?.cgroup ?? '')).toBe('thawed');
    expect((await running()).sort()).toEqual(['reads-2', 'reads-3']);
  });
});

async function processesOf(cgroup: string): Promise<number> {
  const reply = await shell.state(cgroup);
  if (reply.kind !== 'answered') throw new Error(reply.why);
  return reply.value.kind === 'group' ? reply.value.state.processes : 0;
}

async function freezerOf(cgroup: string): Promise<string | undefined> {
  const again = await connect(optionsFor(sshd));
  const fresh = await RescueShell.open(again, { sudo: false, held: false });
  const reply = await fresh.state(cgroup);
  again.close();
  if (reply.kind !== 'answered' || reply.value.kind !== 'group') return undefined;
  return reply.value.state.freezer;
}
