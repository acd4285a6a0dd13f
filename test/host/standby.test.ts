import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descendants, processTable } from '../../scripts/processTable.mjs';
import type { HostMonitor } from '../../src/monitor/hostMonitor';
import { Standby } from '../../src/monitor/standby';
import type { Timing } from '../../src/monitor/timing';
import type { Connection } from '../../src/transport/connection';
import { sshTransport } from '../../src/transport/ssh';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor } from './transport/attaching';
import { trust } from './lab/trust';
import { until } from './lab/until';
import { sleep, watch } from './watching';

let sshd: Sshd;
let monitor: HostMonitor | undefined;
beforeEach(async () => {
  sshd = await startSshd();
  trust(sshd);
});
afterEach(async () => {
  monitor?.stop();
  monitor = undefined;
  await sshd.stop();
});

function watched(dockerSocket: string, act = true, timing?: Partial<Timing>): HostMonitor {
  const options = { act, dockerSocket, survey: true, kernelLog: true, ...(timing && { timing }) };
  monitor = watch(sshTransport(optionsFor(sshd)), options).monitor;
  return monitor;
}

describe('what is kept open to act on a host', () => {
  it('is opened when it is calm, told, and closed with the connection', async ({ skip }) => {
    const obstacle = dockerdObstacle();
    skip(obstacle !== undefined, obstacle);
    const dockerd = await PrivateDockerd.start();
    try {
      await dockerd.run('web');
      const { standby } = await opened(watched(dockerd.socketPath));
      expect(monitor?.containerList?.containers.map(({ name }) => name)).toEqual(['web']);
      expect(monitor?.containers?.warmChannels).toBeGreaterThan(0);
      // Program, kernel log and rescue shell: sessions; those to the API's socket come beside them.
      expect(sessions()).toBeLessThanOrEqual(4);
      await dockerd.run('db');
      await standby?.refresh();
      expect(monitor?.containerList?.containers).toHaveLength(2);
      monitor?.stop();
      expect(monitor?.rescue).toBeUndefined();
      expect(monitor?.containers).toBeUndefined();
      await until(() => descendants(sshd.pid ?? 0).length === 0, 10_000);
    } finally {
      await dockerd.stop();
    }
  });

  it('has what new containers hold read with the list, all of it together', async ({ skip }) => {
    const obstacle = dockerdObstacle();
    skip(obstacle !== undefined, obstacle);
    const dockerd = await PrivateDockerd.start();
    try {
      const { onSurvey, standby } = await opened(watched(dockerd.socketPath));
      const ids = await Promise.all(['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((name) => dockerd.run(name)));
      // In its turn hardly more than one cgroup comes in a slice.
      let together = 0;
      onSurvey(({ cgroups }) => {
        const read = ids.filter((id) => cgroups.some((path) => path.endsWith(`/${id}`)));
        together = Math.max(together, read.length);
      });
      await standby?.refresh();
      await until(() => together === ids.length, 10_000);
    } finally {
      monitor?.stop();
      await dockerd.stop();
    }
  });

  it('is a shell alone where there is no API, and says why', async () => {
    const nowhere = '/run/no-such-docker.sock';
    expect(existsSync(nowhere)).toBe(false);
    const { standby } = await opened(watched(nowhere), false);
    expect(monitor?.containers).toBeUndefined();
    await expect(standby?.openApi()).rejects.toThrow('The Docker API on the host cannot be reached');
  });

  it('is no shell while nothing may be changed, and goes when that is set', async () => {
    let mayChange = true;
    const options = { act: true, dockerSocket: '/run/no-such-docker.sock', mayChange: () => mayChange };
    monitor = watch(sshTransport(optionsFor(sshd)), options).monitor;
    await opened(monitor, false);
    const before = sessions();
    mayChange = false;
    expect(monitor.rescue).toBeUndefined();
    await until(() => sessions() < before, 10_000);
    await expect(monitor.standby?.openShell()).rejects.toThrow('Nothing may be changed on this host.');
    mayChange = true;
    await opened(monitor, false);
  });

  it('is nothing where nobody wants to act', async () => {
    const { state } = watched('/run/docker.sock', false);
    expect(state.kind).toBe('connecting');
    await until(() => monitor?.permissions !== undefined, 20_000);
    expect(monitor?.standby).toBeUndefined();
  });
});

describe('a runtime that does not answer', () => {
  it('keeps nobody waiting for its list, and nothing waits behind it', async ({ skip }) => {
    const obstacle = dockerdObstacle();
    skip(obstacle !== undefined, obstacle);
    const dockerd = await PrivateDockerd.start();
    const connection = await connect(optionsFor(sshd));
    const standby = new Standby({
      ...{ connection, launchConnection: connection, launchMemory: { way: 'plain' }, earlier: undefined },
      sudo: () => false,
      dockerSocket: () => dockerd.socketPath,
      held: () => false,
      rights: () => ({ complete: true, user: { uid: 0 } }),
      onList: () => undefined,
      log: () => undefined,
      timing: { listMs: 500 },
    });
    try {
      await dockerd.run('web');
      const before = await standby.refresh();
      await dockerd.standStill();
      for (let attempt = 0; attempt < 2; attempt++) {
        const askedAtMs = performance.now();
        await expect(standby.refresh()).rejects.toThrow('not listed within');
        expect(performance.now() - askedAtMs).toBeLessThan(2000);
      }
      expect(standby.list).toBe(before);
      const api = await standby.openApi();
      const killed = api.act({ kind: 'kill' }, before.containers);
      await sleep(300); // on its way, beside the list
      dockerd.goOn();
      expect((await killed).map(({ outcome }) => outcome)).toEqual(['done']);
      await until(() => standby.list !== before, 10_000); // the one that was not waited for
      expect((await standby.refresh()).containers).toEqual([]);
    } finally {
      dockerd.goOn();
      connection.close();
      await dockerd.stop();
    }
  });
});

describe('a connection that does not answer and is replaced', () => {
  const timing = { secondMs: 4000, graceMs: 4000 };
  const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
    for (const pid of pids) process.kill(pid, name);
  };

  /** The server's processes of the first connection stand still until the other one is live. */
  async function replaced(): Promise<{ first: Connection | undefined; servers: readonly number[] }> {
    await opened(watched('/run/no-such-docker.sock', true, timing), false);
    const first = monitor?.connection;
    const servers = sshd.sessionPids();
    signal(servers, 'SIGSTOP');
    await until(() => monitor?.connection !== first && monitor?.state.kind === 'live', 20_000);
    return { first, servers };
  }

  it('leaves no moment without a shell, and then its own is used', async () => {
    const { servers } = await replaced();
    const old = monitor?.rescue;
    const seen: (typeof old)[] = [];
    await until(() => {
      seen.push(monitor?.rescue);
      return monitor?.rescue !== old;
    }, 10_000);
    expect(seen).not.toContain(undefined);
    expect(await monitor?.rescue?.ping()).toMatchObject({ kind: 'answered' });
    expect(monitor?.rescue?.isRoot).toBe(true);
    expect(await monitor?.standby?.openShell()).toBe(monitor?.rescue);
    signal(servers, 'SIGCONT');
    await until(() => servers.every((pid) => !existsSync(`/proc/${pid}`)), 10_000);
    expect(await monitor?.rescue?.ping()).toMatchObject({ kind: 'answered' });
  });

  it('is not closed while something is done over it', async () => {
    await opened(watched('/run/no-such-docker.sock', true, timing), false);
    const first = monitor?.connection;
    const shell = monitor?.rescue;
    let isClosed = false;
    void first?.closed.then(() => (isClosed = true));
    let end: () => void = () => undefined;
    const work = monitor?.standby?.during(() => new Promise<void>((resolve) => (end = resolve)));
    const servers = sshd.sessionPids();
    signal(servers, 'SIGSTOP');
    await until(() => monitor?.connection !== first && monitor?.state.kind === 'live', 20_000);
    await sleep(timing.graceMs + 1000);
    expect(isClosed).toBe(false);
    signal(servers, 'SIGCONT');
    expect(await shell?.ping()).toMatchObject({ kind: 'answered' });
    expect(isClosed).toBe(false);
    end();
    await work;
    await until(() => isClosed, 5000);
    expect(await shell?.ping()).toMatchObject({ kind: 'not-sent' });
  });
});

async function opened(of: HostMonitor, withApi = true): Promise<HostMonitor> {
  await until(() => of.rescue?.isRoot === true && (!withApi || of.containerList !== undefined), 20_000);
  return of;
}

/** Commands that sshd runs for us. */
function sessions(): number {
  const servers = processTable().filter(({ name }) => name.startsWith('sshd'));
  const pids = new Set(sshd.sessionPids());
  return processTable().filter(
    ({ pid, parent }) => pids.has(parent) && !servers.some((one) => one.pid === pid),
  ).length;
}
