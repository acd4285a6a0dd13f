import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeFileSync } from 'node:fs';
import { Containers } from '../../src/monitor/containers';
import type { Connection } from '../../src/transport/connection';
import { localTransport } from '../../src/transport/local';
import { sshTransport } from '../../src/transport/ssh';
import { dockerdObstacle, PrivateDockerd } from './lab/dockerd';
import { neverAsked } from './prompts';
import { startSshd, type Sshd } from './sshd';

const never = new AbortController().signal;

describe('containers of a real dockerd', () => {
  let dockerd: PrivateDockerd | undefined;
  const servers: Sshd[] = [];
  const connections: Connection[] = [];

  beforeEach(({ skip }) => {
    const obstacle = dockerdObstacle();
    skip(obstacle !== undefined, obstacle);
  });
  beforeAll(async () => {
    if (dockerdObstacle() === undefined) dockerd = await PrivateDockerd.start();
  });
  afterAll(async () => {
    for (const connection of connections) connection.close();
    for (const sshd of servers) await sshd.stop();
    await dockerd?.stop();
  });

  async function overSsh(...config: string[]): Promise<Connection> {
    const sshd = await startSshd({ config });
    servers.push(sshd);
    writeFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
    const configFile = sshd.file('ssh_config');
    writeFileSync(configFile, sshd.sshConfig('docker-host'));
    return keep(await sshTransport({ target: 'docker-host', configFile }).connect(neverAsked, never));
  }

  function keep(connection: Connection): Connection {
    connections.push(connection);
    return connection;
  }

  const ways: Record<string, () => Promise<Connection>> = {
    'on this machine': async () => keep(await localTransport().connect(neverAsked, never)),
    'over a forwarded socket': () => overSsh(),
    'over dial-stdio where forwarding is forbidden': () => overSsh('AllowStreamLocalForwarding no'),
  };

  it.each(Object.entries(ways))('are listed and killed %s', async (_way, connect) => {
    if (!dockerd) throw new Error('no dockerd');
    const ids = [await dockerd.run('first'), await dockerd.run('second'), await dockerd.run('third')];
    const containers = new Containers(await connect(), { socketPath: dockerd.socketPath, sudo: false });
    const running = await containers.running();
    expect(running.map(({ id, name, image }) => ({ id, name, image })).sort(byName)).toEqual(
      ['first', 'second', 'third'].map((name, index) => ({
        id: ids[index],
        name,
        image: 'busybox-of-this-machine:latest',
      })),
    );

    const spared = running.filter(({ name }) => name === 'second');
    const told: string[] = [];
    const results = await containers.kill(
      running.filter(({ name }) => name !== 'second'),
      ({ container }) => told.push(container.name),
    );
    expect(results.map(({ container, error }) => [container.name, error]).sort()).toEqual([
      ['first', undefined],
      ['third', undefined],
    ]);
    expect(told.sort()).toEqual(['first', 'third']);
    expect((await containers.running()).map(({ name }) => name)).toEqual(['second']);

    // One that is not there any more does not run either.
    const gone = { id: 'a'.repeat(64), name: 'gone', image: '', status: '' };
    const mixed = await containers.kill([gone, ...spared]);
    expect(mixed.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(await containers.running()).toEqual([]);
    containers.close();
    for (const name of ['first', 'second', 'third']) await dockerd.remove(name);
  });

  it('are those of the host, whatever DOCKER_HOST says here', async () => {
    if (!dockerd) throw new Error('no dockerd');
    const id = await dockerd.run('only-one');
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:9';
    try {
      const containers = new Containers(await overSsh(), { socketPath: dockerd.socketPath, sudo: false });
      expect((await containers.running()).map((container) => container.id)).toEqual([id]);
      containers.close();
    } finally {
      delete process.env.DOCKER_HOST;
      await dockerd.remove('only-one');
    }
  });

  it('give a sentence where neither way leads to a daemon', async () => {
    const connection = await overSsh('AllowStreamLocalForwarding no');
    const containers = new Containers(connection, { socketPath: '/run/no-such/docker.sock', sudo: false });
    await expect(containers.running()).rejects.toThrow(
      /^The Docker API on the host cannot be reached: .*docker/,
    );
    containers.close();
  });
});

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
