import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionError, type Connection } from '../../../src/transport/connection';
import { startSshd, type Sshd } from '../sshd';
import { connect, failure, optionsFor, run, scripted, textOf, trust, until } from './attaching';

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

async function errorOf(promise: Promise<unknown>): Promise<ConnectionError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectionError) return error;
  throw new Error(`expected a ConnectionError, got ${String(error)}`);
}

describe('exec', () => {
  it.each([
    ['exit 0', { code: 0 }],
    ['exit 42', { code: 42 }],
    ['kill -TERM $$', { signal: 'SIGTERM' }],
    ['no-such-program-here', { code: 127 }],
  ])('%s', async (command, exit) => {
    expect(await run(connection, command)).toMatchObject(exit);
  });

  it('gives input, output and errors of a command, and its end with the end of its input', async () => {
    const input = 'x'.repeat(3 << 20);
    const result = await run(connection, 'wc -c; echo "\u001b[31mred\u001b[0m \u0007bell" >&2', input);
    expect(result.out.trim()).toBe(String(input.length));
    expect(result).toMatchObject({ code: 0, errors: 'red bell\n' });
  });

  it('8 MB on standard error do not stall it, and the last 16 KiB stay', async () => {
    const result = await run(
      connection,
      'head -c 8388608 /dev/zero | tr "\\0" e >&2; echo END >&2; echo out',
    );
    expect(result).toMatchObject({ out: 'out\n', code: 0 });
    expect(result.errors).toHaveLength(16 * 1024);
    expect(result.errors.endsWith('eee' + 'END\n')).toBe(true);
  });

  it('data stays intact over many rekeys, in both directions', async () => {
    const server = await startSshd({ config: ['RekeyLimit 1M', 'LogLevel DEBUG1'] });
    trust(server);
    const rekeyed = await connect(optionsFor(server));
    const file = server.file('random');
    const bytes = 12 << 20;

    const source = await rekeyed.exec(`head -c ${bytes} /dev/urandom | tee ${file}`);
    const chunks: Buffer[] = [];
    for await (const chunk of source.stream) chunks.push(chunk as Buffer);
    const received = Buffer.concat(chunks);
    expect(received).toHaveLength(bytes);
    expect(received.equals(readFileSync(file))).toBe(true);

    const back = await rekeyed.exec(`cmp - ${file}`);
    back.stream.resume().end(received);
    expect(await back.exit).toEqual({ code: 0 });
    // The server writes one NEWKEYS a key exchange; the first one is not a rekey.
    expect(server.log().match(/SSH2_MSG_NEWKEYS received/g)?.length).toBeGreaterThan(10);
    rekeyed.close();
    await server.stop();
  });

  it('exit resolves though nobody reads the output', async () => {
    const channel = await connection.exec('echo unread; exit 5');
    expect(await channel.exit).toEqual({ code: 5 });
    channel.close();
    await once(channel.stream, 'close');
  });

  it('close() ends a command that reads its input', async () => {
    const channel = await connection.exec('while read -r line; do echo "$line"; done');
    channel.stream.write('one\n');
    await once(channel.stream, 'data');
    channel.close();
    await channel.exit;
    channel.stream.write('late'); // no unhandled error
  });

  it('more sessions than the server allows: phase channel, and one that ends makes room', async () => {
    const narrow = await startSshd({ config: ['MaxSessions 2'] });
    trust(narrow);
    const full = await connect(optionsFor(narrow));
    const open = [await full.exec('cat'), await full.exec('cat')];
    expect(await errorOf(full.exec('true'))).toMatchObject({ phase: 'channel', remedy: 'retry' });
    open[0]?.stream.resume().end();
    expect(await open[0]?.exit).toEqual({ code: 0 });
    const tryAgain = (): Promise<string> => run(full, 'echo room').then(({ out }) => out, String);
    await expect.poll(tryAgain).toBe('room\n');
    full.close();
    await narrow.stop();
  });

  it('a line goes there and back in less than 5 ms (median)', async () => {
    const channel = await connection.exec('cat');
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const start = performance.now();
      channel.stream.write(`${i}\n`);
      await once(channel.stream, 'data');
      times.push(performance.now() - start);
    }
    channel.close();
    expect(times.sort((a, b) => a - b)[100]).toBeLessThan(5);
  });
});

describe('openUnixSocket', () => {
  it('reaches a server on a Unix socket of the host', async () => {
    const socketPath = sshd.file('echo.sock');
    const server = net.createServer((socket) => socket.pipe(socket)).listen(socketPath);
    await once(server, 'listening');
    const stream = await connection.openUnixSocket(socketPath);
    stream.end('hello');
    expect(await textOf(stream)).toBe('hello');
    server.close();
  });

  it('nobody listens: phase socket', async () => {
    expect(await errorOf(connection.openUnixSocket(sshd.file('nobody')))).toMatchObject({ phase: 'socket' });
  });

  it('forbidden by the server: phase socket', async () => {
    const strict = await startSshd({ config: ['AllowStreamLocalForwarding no'] });
    trust(strict);
    const denied = await connect(optionsFor(strict));
    expect(await errorOf(denied.openUnixSocket('/run/any.sock'))).toMatchObject({
      phase: 'socket',
      remedy: 'user',
    });
    expect((await run(denied, 'echo on')).out).toBe('on\n');
    denied.close();
    await strict.stop();
  });
});

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

  it('by a killed server: the reason is told, channels and pending questions end', async () => {
    const server = await startSshd();
    trust(server);
    const victim = await connect(optionsFor(server));
    const channel = await victim.exec('cat');
    const closed = once(channel.stream.resume(), 'close');
    server.kill9();
    expect(await victim.closed).toMatchObject({ phase: 'connection', remedy: 'retry' });
    expect(await channel.exit).toEqual({});
    await closed;
    expect(await errorOf(victim.exec('true'))).toMatchObject({ phase: 'connection' });
    await server.start();
    const again = await connect(optionsFor(server));
    expect((await run(again, 'echo back')).out).toBe('back\n');
    again.close();
    await server.stop();
  });

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
