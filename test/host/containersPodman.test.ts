import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ownerOf } from '../../src/core/cgroups/cgroupOwner';
import { ContainerApi } from '../../src/monitor/docker/containerApi';
import type { Connection } from '../../src/transport/connection';
import { memoryCgroupOf, memoryLimitOf } from './lab/processCgroup';
import { podmanObstacle, PrivatePodman } from './lab/podman';
import { startSshd, type Sshd } from './sshd';
import { connect, optionsFor } from './transport/attaching';
import { trust } from './lab/trust';

describe('containers of a real Podman', () => {
  let started: PrivatePodman | undefined;
  const servers: Sshd[] = [];
  const connections: Connection[] = [];

  beforeEach(({ skip }) => {
    const obstacle = podmanObstacle();
    skip(obstacle !== undefined, obstacle);
  });
  beforeAll(async () => {
    if (podmanObstacle() === undefined) started = await PrivatePodman.start();
  });
  afterAll(async () => {
    for (const connection of connections) connection.close();
    for (const sshd of servers) await sshd.stop();
    await started?.stop();
  });

  async function open(podman: PrivatePodman, config: readonly string[]): Promise<ContainerApi> {
    const sshd = await startSshd({ config });
    servers.push(sshd);
    trust(sshd);
    const connection = await connect(optionsFor(sshd));
    connections.push(connection);
    return ContainerApi.open(connection, { socketPath: podman.socketPath, sudo: false });
  }

  it.each([
    { way: 'socket', config: [] },
    { way: 'dial-stdio', config: ['AllowStreamLocalForwarding no'] },
  ])('are listed, paused, limited and killed over $way', async ({ way, config }) => {
    if (!started) throw new Error('no podman');
    const podman = started;
    const names = [`${way}-web`, `${way}-kept`];
    const [web, kept] = [
      podman.run(`${way}-web`, '--restart=always', '--label', 'io.podman.compose.project=shop'),
      podman.run(`${way}-kept`),
    ];
    const api = await open(podman, config);
    expect(api.place.way).toBe(way);
    expect(api.facts).toMatchObject({ runtime: 'podman', rootless: false, swarm: false });
    expect(api.facts.version).toMatch(/^\d+\.\d+/);

    const { containers } = await api.list();
    const target = containers.find(({ id }) => id === web);
    const other = containers.find(({ id }) => id === kept);
    if (!target || !other) throw new Error(`not listed: ${JSON.stringify(containers)}`);
    expect(target).toMatchObject({
      name: names[0],
      image: 'localhost/busybox-of-this-machine:latest',
      state: 'running',
      composeProject: 'shop',
      restartPolicy: { name: 'always' },
      pid: Number(podman.inspect(`${way}-web`, '{{.State.Pid}}')),
    });
    expect(other.restartPolicy).toEqual({ name: 'no' });
    // What joins it with the figures of the collection.
    expect(ownerOf(memoryCgroupOf(target.pid ?? 0))).toMatchObject({ kind: 'container', id: web });

    const act = async (
      action: Parameters<typeof api.act>[0],
      on = target,
    ): Promise<[string | undefined, string | undefined]> => {
      const [result] = await api.act(action, [on]);
      return [result?.outcome, result?.message];
    };
    expect(await act({ kind: 'pause' })).toEqual(['done', undefined]);
    expect(podman.inspect(`${way}-web`, '{{.State.Status}}')).toBe('paused');
    expect((await act({ kind: 'pause' }))[0]).toBe('done');
    expect(await act({ kind: 'unpause' })).toEqual(['done', undefined]);
    expect(podman.inspect(`${way}-web`, '{{.State.Status}}')).toBe('running');

    expect(await act({ kind: 'set-memory-limit', memoryBytes: 64 * 1024 ** 2 })).toEqual(['done', undefined]);
    expect(memoryLimitOf(target.pid ?? 0)).toBe(64 * 1024 ** 2);

    // Where it cannot be changed that is said, and never that it was done.
    const [outcome, message] = await act({ kind: 'disable-restart' });
    const policy = podman.inspect(`${way}-web`, '{{.HostConfig.RestartPolicy.Name}}');
    expect([outcome, policy]).toEqual(
      message?.includes('since 5.1') === true ? ['failed', 'always'] : ['done', 'no'],
    );

    expect(await act({ kind: 'kill' })).toEqual(['done', undefined]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(podman.inspect(`${way}-web`, '{{.State.Status}}')).toBe('exited');
    expect((await act({ kind: 'kill' }))[0]).toBe('gone');
    expect((await api.list()).containers.map(({ id }) => id)).not.toContain(web);
    expect(await act({ kind: 'stop', timeOutSeconds: 0 }, other)).toEqual(['done', undefined]);
    expect(await act({ kind: 'kill' }, { ...other, id: 'a'.repeat(64) })).toEqual([
      'gone',
      expect.stringContaining('no container with'),
    ]);
    api.close();
  });
});
