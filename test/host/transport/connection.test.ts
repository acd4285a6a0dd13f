import { appendFileSync, existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/transport/connection';
import { startSshd, type Sshd } from '../sshd';
import { connect, failure, optionsFor, run, scripted } from './attaching';
import {
  endsWithItsServer,
  errorOf,
  multiplexes,
  reachesUnixSockets,
  runsCommands,
  type Way,
} from './connectionContract';
import { trust } from '../lab/trust';
import { until } from '../lab/until';

let sshd: Sshd;
let connection: Connection;
beforeAll(async () => {
  sshd = await startSshd({});
  trust(sshd);
  connection = await connect(optionsFor(sshd));
});
afterAll(async () => {
  connection.close();
  await sshd.stop();
});

const way: Way = { connection: () => connection, connectTo: (server) => connect(optionsFor(server)) };

it.each([1, 5, 10, 60])('connects with a ConnectTimeout of %d s', async (seconds) => {
  const opened = await connect(optionsFor(sshd, [`ConnectTimeout ${seconds}`]));
  opened.close();
  expect(await opened.closed).toBeUndefined();
});

it('connects from BindAddress, over AddressFamily and with TCPKeepAlive as configured', async () => {
  const alone = await startSshd();
  try {
    trust(alone);
    const lines = ['BindAddress 127.0.0.2', 'AddressFamily inet', 'TCPKeepAlive no'];
    (await connect(optionsFor(alone, lines))).close();
    expect(alone.log()).toContain('Connection from 127.0.0.2 port');
    // localhost may be both 127.0.0.1 and ::1; the server listens on the first.
    const byName = [`HostName localhost`, 'HostKeyAlias the-host', 'StrictHostKeyChecking no'];
    (await connect(optionsFor(alone, [...byName, 'AddressFamily inet']))).close();
    const error = await failure(connect(optionsFor(alone, [...byName, 'AddressFamily inet6'])));
    expect(error.remedy).toBe('retry');
    expect(['tcp', 'resolve']).toContain(error.phase);
  } finally {
    await alone.stop();
  }
});

describe('exec', () => {
  runsCommands(way);
  multiplexes(way);
});

describe('openUnixSocket', () => reachesUnixSockets(way, () => sshd));

describe('the end of a connection', () => {
  it('by close(): no reason, channels end, and nothing more can be opened', async () => {
    const short = await connect(optionsFor(sshd));
    const channel = await short.exec('cat');
    short.close();
    expect(await short.closed).toBeUndefined();
    expect(await channel.exit).toEqual({});
    expect(await errorOf(short.exec('true'))).toMatchObject({ phase: 'connection' });
    expect(await errorOf(short.openUnixSocket('/run/any.sock'))).toMatchObject({ phase: 'connection' });
  });

  endsWithItsServer(way);

  it('a frozen server does not end it, and close() does not wait for one', async () => {
    const server = await startSshd();
    trust(server);
    const frozen = await connect(optionsFor(server));
    expect(server.sessionPids()).not.toEqual([]);
    server.signalSessions('SIGSTOP');
    const answer = run(frozen, 'echo late');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    server.signalSessions('SIGCONT');
    expect((await answer).out).toBe('late\n');

    server.signalSessions('SIGSTOP');
    const start = performance.now();
    frozen.close();
    expect(await frozen.closed).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(2000);
    await server.stop();
  });

  it('leaves no process behind on the host', async () => {
    const server = await startSshd();
    trust(server);
    const mark = server.file('mark');
    const brief = await connect(optionsFor(server));
    await brief.exec(`while read -r line; do :; done; touch ${mark}`);
    brief.close();
    await until(() => existsSync(mark)); // its input ended, and the loop with it
    await until(() => server.sessionPids().length === 0);
    await server.stop();
  });
});

describe('over another host', () => {
  it('one and two hops, each with its own host key check', async () => {
    const [near, mid, far] = await Promise.all([startSshd(), startSshd(), startSshd()]);
    try {
      trust(near);
      trust(mid);
      const options = optionsFor(near);
      appendFileSync(
        options.configFile ?? '',
        `${mid.sshConfig('mid')}${far.sshConfig('far', { extra: ['ProxyJump target,mid'] })}`,
      );
      const prompts = scripted({ unknownHostKey: () => Promise.resolve('save') });
      const chained = await connect({ ...options, target: 'far' }, prompts);
      expect(prompts.asked).toEqual([
        `unknownHostKey far [127.0.0.1]:${far.port} ssh-ed25519 ${far.fingerprint()}`,
      ]);
      expect((await run(chained, 'echo far')).out).toBe('far\n');
      chained.close();
      expect(await chained.closed).toBeUndefined();
      await until(
        () => near.sessionPids().length + mid.sessionPids().length + far.sessionPids().length === 0,
      );

      const again = await connect({ ...options, target: 'far' });
      mid.kill9();
      expect(await again.closed).toMatchObject({ phase: 'connection', remedy: 'retry' });

      const error = await failure(connect({ ...options, target: 'far' }));
      expect(error).toMatchObject({ phase: 'channel', remedy: 'retry' });
      expect(error.message).toContain(`could not connect to 127.0.0.1 port ${mid.port}: `);
      expect(error.advice).toContain('AllowTcpForwarding');
    } finally {
      await Promise.all([near, mid, far].map((server) => server.stop()));
    }
  });
});
