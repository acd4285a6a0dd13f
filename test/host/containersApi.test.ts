import Docker from 'dockerode';
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Container } from '../../src/core/containers/container';
import type { ContainerAction, ContainerResult } from '../../src/core/containers/containerAction';
import { ownerOf } from '../../src/core/cgroups/cgroupOwner';
import { ContainerApi } from '../../src/monitor/docker/containerApi';
import { ConnectionError, type Connection } from '../../src/transport/connection';
import { localTransport } from '../../src/transport/local';
import { memoryCgroupOf, memoryLimitOf } from './lab/processCgroup';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';
import { privateUsersObstacle, startSshdWithUsers } from './lab/privateUsers';
import { neverAsked } from './prompts';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';

const mib = 1024 ** 2;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let started: PrivateDockerd | undefined;
const servers: Sshd[] = [];
const connections: Connection[] = [];

beforeEach(({ skip }) => {
  const obstacle = dockerdObstacle();
  skip(obstacle !== undefined, obstacle);
});
beforeAll(async () => {
  if (dockerdObstacle() === undefined) started = await PrivateDockerd.start();
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  for (const sshd of servers.splice(0)) await sshd.stop();
  for (const { id } of (await started?.list()) ?? []) await started?.remove(id);
});
afterAll(() => started?.stop());

function dockerd(): PrivateDockerd {
  if (!started) throw new Error('no dockerd');
  return started;
}

/** Starts a container that sleeps unless `options` say otherwise. @returns its id. */
async function run(name: string, options: Docker.ContainerCreateOptions = {}): Promise<string> {
  const container = await new Docker({ socketPath: dockerd().socketPath }).createContainer({
    name,
    Image: 'busybox-of-this-machine:latest',
    Cmd: ['/bin/sleep', '86400'],
    ...options,
    HostConfig: { NetworkMode: 'none', ...options.HostConfig },
  });
  await container.start();
  return container.id;
}

function inspected(id: string): Promise<Docker.ContainerInspectInfo> {
  return new Docker({ socketPath: dockerd().socketPath }).getContainer(id).inspect();
}

async function attached(config: readonly string[] = []): Promise<{ sshd: Sshd; connection: Connection }> {
  const sshd = await startSshd({ config });
  servers.push(sshd);
  trust(sshd);
  const connection = await connect(optionsFor(sshd));
  connections.push(connection);
  return { sshd, connection };
}

async function open(config: readonly string[] = []): Promise<ContainerApi> {
  const { connection } = await attached(config);
  return ContainerApi.open(connection, { socketPath: dockerd().socketPath, sudo: false });
}

async function only(api: ContainerApi, id: string): Promise<Container> {
  const found = (await api.list({ all: true })).containers.find((container) => container.id === id);
  if (!found) throw new Error('not listed');
  return found;
}

async function outcome(
  api: ContainerApi,
  action: ContainerAction,
  container: Container,
): Promise<[string | undefined, string | undefined]> {
  const [result] = await api.act(action, [container]);
  return [result?.outcome, result?.message];
}

const ways = [
  { way: 'socket', config: [] },
  { way: 'dial-stdio', config: ['AllowStreamLocalForwarding no'] },
];

describe.each(ways)('the API of a real dockerd over $way', ({ way, config }) => {
  it('tells what a container is', async () => {
    const hostile = `"'$(touch /tmp/x) <img src=x onerror=alert(1)>\u001b]0;title\u0007\nnext\u202etxt`;
    const id = await run('web', {
      Labels: {
        'com.docker.compose.project': 'shop',
        'com.docker.compose.service': hostile,
        __proto__x: hostile,
      },
      HostConfig: {
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        Memory: 64 * mib,
        MemoryReservation: 32 * mib,
      },
    });
    const api = await open(config);
    expect(api.place).toEqual({ socketPath: dockerd().socketPath, way });
    expect(api.facts).toMatchObject({ runtime: 'docker', memoryLimit: true, rootless: false, swarm: false });
    expect([1, 2]).toContain(api.facts.cgroupVersion);
    expect(api.facts.version).toMatch(/^\d+\.\d+\.\d+/);

    const before = Date.now();
    const { containers, cut } = await api.list();
    expect(cut).toBe(false);
    const { State } = await inspected(id);
    const label = `"'$(touch /tmp/x) <img src=x onerror=alert(1)> nexttxt`;
    expect(containers).toHaveLength(1);
    const [container] = containers;
    expect(container).toMatchObject({
      id,
      name: 'web',
      image: 'busybox-of-this-machine:latest',
      state: 'running',
      composeProject: 'shop',
      composeService: label,
      restartPolicy: { name: 'on-failure', maximumRetryCount: 3 },
      restartCount: 0,
      oomKilled: false,
      autoRemove: false,
      pid: State.Pid,
      startedAtMs: Math.floor(Date.parse(State.StartedAt)),
      labels: { 'com.docker.compose.project': 'shop', __proto__x: label },
    });
    expect(container?.status).toMatch(/^Up /);
    // What joins it with the figures of the collection.
    expect(ownerOf(memoryCgroupOf(container?.pid ?? 0))).toMatchObject({ kind: 'container', id: id });
    expect(container?.limits).toMatchObject({ memoryBytes: 64 * mib, reservationBytes: 32 * mib });
    expect(before - (container?.createdAtMs ?? 0)).toBeLessThan(60_000);
    expect(await api.probe()).toBeLessThan(5000);
    expect(api.warmChannels).toBe(way === 'socket' ? 2 : 1);
    api.close();
  });

  it('kills one for good, stops, restarts, pauses and unpauses', async () => {
    const ids = [
      await run('kept'),
      await run('always', { HostConfig: { RestartPolicy: { Name: 'always' } } }),
      await run('slow'),
    ];
    const api = await open(config);
    const [kept, always, slow] = await Promise.all(ids.map((id) => only(api, id)));
    if (!kept || !always || !slow) throw new Error('not listed');

    expect(await outcome(api, { kind: 'kill' }, always)).toEqual(['done', undefined]);
    await pause(1500);
    expect((await inspected(always.id)).State.Status).toBe('exited');
    expect((await outcome(api, { kind: 'kill' }, always))[0]).toBe('gone');
    expect((await outcome(api, { kind: 'kill' }, { ...always, id: 'f'.repeat(64) }))[0]).toBe('gone');

    // The first process of a container has no default action for SIGTERM: it takes the time-out.
    const [stopped] = await api.act({ kind: 'stop', timeOutSeconds: 1 }, [slow]);
    expect(stopped?.outcome).toBe('done');
    expect(stopped?.ms).toBeGreaterThan(900);
    expect(stopped?.ms).toBeLessThan(8000);
    expect((await outcome(api, { kind: 'stop' }, slow))[0]).toBe('gone');

    const { Pid } = (await inspected(kept.id)).State;
    expect(await outcome(api, { kind: 'restart', timeOutSeconds: 0 }, kept)).toEqual(['done', undefined]);
    const { State } = await inspected(kept.id);
    expect(State.Running).toBe(true);
    expect(State.Pid).not.toBe(Pid);

    expect(await outcome(api, { kind: 'pause' }, kept)).toEqual(['done', undefined]);
    expect((await only(api, kept.id)).state).toBe('paused');
    expect((await outcome(api, { kind: 'pause' }, kept))[0]).toBe('done');
    expect(await outcome(api, { kind: 'unpause' }, kept)).toEqual(['done', undefined]);
    expect((await only(api, kept.id)).state).toBe('running');
    expect((await api.list()).containers.map(({ name }) => name)).toEqual(['kept']);
    api.close();
  });

  it('sets a memory limit, and says why not in the words of Docker', async () => {
    const id = await run('free');
    const eater = await run('eater', {
      Cmd: [
        '/bin/sh',
        '-c',
        "x=$(/bin/busybox head -c 30000000 /dev/zero | /bin/busybox tr '\\0' x); /bin/sleep 86400 & wait",
      ],
    });
    const api = await open(config);
    const container = await only(api, id);
    const limit = (memoryBytes: number): ContainerAction => ({ kind: 'set-memory-limit', memoryBytes });
    expect(await outcome(api, limit(64 * mib), container)).toEqual(['done', undefined]);
    expect(memoryLimitOf(container.pid ?? 0)).toBe(64 * mib);
    // Higher again, where an old limit of memory and swap would stand in the way.
    const limited = await only(api, id);
    expect(limited.limits?.memoryBytes).toBe(64 * mib);
    expect(await outcome(api, limit(256 * mib), limited)).toEqual(['done', undefined]);
    expect(memoryLimitOf(container.pid ?? 0)).toBe(256 * mib);
    expect(await outcome(api, limit(mib), limited)).toEqual(['failed', 'The least memory limit is 6 MiB.']);

    const fat = await only(api, eater);
    await until(() => rssBytesOf(fat.pid ?? 0) > 30_000_000, 20_000);
    if (api.facts.cgroupVersion === 1) {
      const [result] = await api.act(limit(8 * mib), [fat]);
      expect(result?.outcome).toBe('failed');
      expect(result?.message).toMatch(/limit|memory/i);
      expect((await inspected(eater)).State.Running).toBe(true);
    }
    api.close();
  });

  it('disables a restart policy: a container that crashes then stays dead', async () => {
    const ids = await Promise.all(
      ['comes-back', 'stays-dead'].map((name) =>
        run(name, { HostConfig: { RestartPolicy: { Name: 'always' } } }),
      ),
    );
    const api = await open(config);
    const [back, dead] = await Promise.all(ids.map((id) => only(api, id)));
    if (!back || !dead) throw new Error('not listed');
    expect(await outcome(api, { kind: 'disable-restart' }, dead)).toEqual(['done', undefined]);
    expect((await only(api, dead.id)).restartPolicy).toEqual({ name: 'no' });
    for (const { pid } of [back, dead]) process.kill(pid ?? Number.NaN, 'SIGKILL');
    await vi.waitUntil(
      async () => {
        const { RestartCount, State } = await inspected(back.id);
        return RestartCount > 0 && State.Running && State.Pid !== back.pid;
      },
      { timeout: 20_000 },
    );
    await pause(500);
    expect((await inspected(dead.id)).State.Status).toBe('exited');

    const once = await run('once', { HostConfig: { AutoRemove: true } });
    const [result] = await api.act({ kind: 'disable-restart' }, [await only(api, once)]);
    expect(result).toMatchObject({ outcome: 'done', ms: 0 });
    api.close();
  });

  it('says for each container what became of it when the connection is cut in the middle', async () => {
    const names = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
    const ids = await Promise.all(names.map((name) => run(name)));
    const { sshd, connection } = await attached(config);
    const api = await ContainerApi.open(connection, { socketPath: dockerd().socketPath, sudo: false });
    const targets = await Promise.all(ids.map((id) => only(api, id)));
    const told: ContainerResult[] = [];
    let results: readonly ContainerResult[];
    let cut = Promise.resolve();
    try {
      results = await api.act({ kind: 'kill' }, targets, {
        onResult: (result) => {
          told.push(result);
          if (told.length > 1) return;
          cut = dockerd()
            .standStill()
            .then(() => pause(500))
            .then(() => sshd.kill9());
        },
      });
      await cut;
    } finally {
      dockerd().goOn();
    }
    expect(results.map(({ container }) => container.name)).toEqual(names);
    expect(told).toHaveLength(6);
    const count = (wanted: string): number => results.filter((one) => one.outcome === wanted).length;
    expect(count('done')).toBeGreaterThanOrEqual(1);
    expect(count('unknown')).toBeGreaterThanOrEqual(1);
    expect(count('unknown')).toBeLessThanOrEqual(2);
    expect(count('not-sent')).toBeGreaterThanOrEqual(2);
    expect(count('done') + count('unknown') + count('not-sent')).toBe(6);
    await pause(500);
    for (const { container, outcome: became } of results) {
      const { Running } = (await inspected(container.id)).State;
      if (became === 'done') expect(Running).toBe(false);
      if (became === 'not-sent') expect(Running).toBe(true);
    }
    await expect(api.list()).rejects.toThrow(/did not answer|connection/i);
  });

  it('sends nothing more once it is cancelled', async () => {
    const ids = await Promise.all(['c1', 'c2', 'c3', 'c4'].map((name) => run(name)));
    const api = await open(config);
    const targets = await Promise.all(ids.map((id) => only(api, id)));
    const cancel = new AbortController();
    await dockerd().standStill();
    let results: readonly ContainerResult[];
    try {
      setTimeout(() => cancel.abort(), 300);
      results = await api.act({ kind: 'kill' }, targets, { signal: cancel.signal });
    } finally {
      dockerd().goOn();
    }
    const outcomes = results.map(({ outcome: became }) => became);
    expect(outcomes.filter((became) => became === 'unknown')).toHaveLength(way === 'socket' ? 2 : 1);
    expect(outcomes.slice(2)).toEqual(['not-sent', 'not-sent']);
    await pause(1000);
    for (const { id } of targets.slice(2)) expect((await inspected(id)).State.Running).toBe(true);
    // The API is as good as before.
    expect((await api.list()).containers.length).toBeGreaterThanOrEqual(2);
    api.close();
  });
});

describe('the API of this machine', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is that of the setting, whatever DOCKER_HOST says here', async () => {
    const id = await run('only-one');
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:9');
    vi.stubEnv('DOCKER_CERT_PATH', '/no/such/folder');
    const local = await localTransport().connect(neverAsked, new AbortController().signal);
    connections.push(local);
    const { socketPath } = dockerd();
    const direct = await ContainerApi.open(local, { socketPath, sudo: false });
    const dialled = await ContainerApi.open(
      {
        ...methodsOf(local),
        openUnixSocket: () => Promise.reject(new ConnectionError('socket', 'user', 'no')),
      },
      { socketPath, sudo: false },
    );
    expect([direct.place.way, dialled.place.way]).toEqual(['socket', 'dial-stdio']);
    for (const api of [direct, dialled])
      expect((await api.list()).containers.map((container) => container.id)).toEqual([id]);
  });
});

describe('a user without rights', () => {
  beforeEach(({ skip }) => {
    const obstacle = privateUsersObstacle();
    skip(obstacle !== undefined, obstacle);
  });

  it('is told which right is missing; with it, or with sudo, the API opens', async () => {
    const id = await run('one');
    const { socketPath } = dockerd();
    const host = await startSshdWithUsers({
      users: [{ name: 'plain' }, { name: 'dev', groups: ['docker'] }, { name: 'boss', groups: ['sudo'] }],
      sudoers: 'boss ALL=(ALL) NOPASSWD: ALL\n',
    });
    try {
      chmodSync(dirname(socketPath), 0o711);
      chmodSync(socketPath, 0o660);
      chownSync(socketPath, 0, host.gidOf('docker'));
      const as = async <T>(
        user: string,
        sudo: boolean,
        use: (api: ContainerApi) => Promise<T>,
      ): Promise<T> => {
        const connection = await connect(host.optionsFor(user));
        try {
          return await use(await ContainerApi.open(connection, { socketPath, sudo }));
        } finally {
          connection.close();
        }
      };
      await expect(as('plain', false, (api) => api.list())).rejects.toMatchObject({
        name: 'ConnectionError',
        phase: 'socket',
        remedy: 'user',
        message: `The Docker API on the host cannot be reached: plain may not open ${socketPath}, only root and the members of the group docker may.`,
        advice:
          'Have plain put into the group docker (this equals the rights of root) and connect again, or allow sudo for this host.',
      });
      const seen = (api: ContainerApi): Promise<[string, string[]]> =>
        api.list().then(({ containers }) => [api.place.way, containers.map((container) => container.id)]);
      expect(await as('dev', false, seen)).toEqual(['socket', [id]]);
      expect(await as('boss', true, seen)).toEqual(['sudo dial-stdio', [id]]);
    } finally {
      await host.stop();
    }
  });
});

/** Of an object whose methods are not its own, so that no spreading copies them. */
function methodsOf(connection: Connection): Connection {
  return {
    exec: (command) => connection.exec(command),
    openUnixSocket: (path) => connection.openUnixSocket(path),
    close: () => connection.close(),
    closed: connection.closed,
  };
}

/** What is resident of a process, in bytes. */
function rssBytesOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
