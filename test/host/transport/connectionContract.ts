/** What every way to a host promises, as tests: over ssh2, and over the system's ssh in its two ways. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { expect, it } from 'vitest';
import { ConnectionError, type Connection } from '../../../src/transport/connection';
import { trust } from '../lab/trust';
import { startSshd, type Sshd } from '../sshd';
import { run, textOf } from './attaching';

export interface Way {
  /** One that stays open over all tests. */
  readonly connection: () => Connection;
  readonly connectTo: (server: Sshd) => Promise<Connection>;
}

/** A server of the test's own, which we trust. */
export async function withServer(
  config: readonly string[],
  work: (server: Sshd) => Promise<void>,
): Promise<void> {
  const server = await startSshd({ config });
  try {
    trust(server);
    await work(server);
  } finally {
    await server.stop();
  }
}

export async function errorOf(promise: Promise<unknown>): Promise<ConnectionError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectionError) return error;
  throw new Error(`expected a ConnectionError, got ${String(error)}`);
}

export function runsCommands({ connection }: Way): void {
  it.each([
    ['exit 0', { code: 0 }],
    ['exit 42', { code: 42 }],
    ['no-such-program-here', { code: 127 }],
  ])('%s', async (command, exit) => {
    expect(await run(connection(), command)).toMatchObject(exit);
  });

  it('gives input, output and errors of a command, and its end with the end of its input', async () => {
    const input = 'x'.repeat(3 << 20);
    const result = await run(connection(), 'wc -c; echo "\u001b[31mred\u001b[0m \u0007bell" >&2', input);
    expect(result.out.trim()).toBe(String(input.length));
    expect(result).toMatchObject({ code: 0, errors: 'red bell\n' });
  });

  it('8 MB on standard error do not stall it, and the last 16 KiB stay', async () => {
    const result = await run(
      connection(),
      'head -c 8388608 /dev/zero | tr "\\0" e >&2; echo END >&2; echo out',
    );
    expect(result).toMatchObject({ out: 'out\n', code: 0 });
    expect(result.errors).toHaveLength(16 * 1024);
    expect(result.errors.endsWith('eee' + 'END\n')).toBe(true);
  });

  it('exit resolves though nobody reads the output', async () => {
    const channel = await connection().exec('echo unread; exit 5');
    expect(await channel.exit).toEqual({ code: 5 });
    channel.close();
    await once(channel.stream, 'close');
  });

  it('close() ends a command that reads its input', async () => {
    const channel = await connection().exec('echo up; while read -r line; do echo "$line"; done');
    await once(channel.stream, 'data');
    channel.close();
    await channel.exit;
    channel.stream.write('late'); // no unhandled error
  });
}

/** What needs the program of the other side to multiplex. */
export function multiplexes({ connection, connectTo }: Way): void {
  it('a command that a signal ended tells which', async () => {
    expect(await run(connection(), 'kill -TERM $$')).toMatchObject({ signal: 'SIGTERM' });
  });

  it('a line goes there and back in less than 5 ms (median)', async () => {
    const channel = await connection().exec('cat');
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

  it('data stays intact over many rekeys, in both directions', async () => {
    await withServer(['RekeyLimit 1M', 'LogLevel DEBUG1'], async (server) => {
      const rekeyed = await connectTo(server);
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
    });
  });

  it('more sessions than the server allows: phase channel, and one that ends makes room', async () => {
    await withServer(['MaxSessions 2'], async (narrow) => {
      const full = await connectTo(narrow);
      const open = [await full.exec('cat'), await full.exec('cat')];
      expect(await errorOf(full.exec('true'))).toMatchObject({ phase: 'channel', remedy: 'retry' });
      open[0]?.stream.resume().end();
      expect(await open[0]?.exit).toEqual({ code: 0 });
      const tryAgain = (): Promise<string> => run(full, 'echo room').then(({ out }) => out, String);
      await expect.poll(tryAgain, { timeout: 10_000 }).toBe('room\n');
      full.close();
    });
  });
}

/** @param host on which the connection that stays open is. */
export function reachesUnixSockets({ connection, connectTo }: Way, host: () => Sshd): void {
  it('reaches a server on a Unix socket of the host; phase socket where nobody listens', async () => {
    const socketPath = host().file('echo.sock');
    const server = net.createServer((socket) => socket.pipe(socket)).listen(socketPath);
    await once(server, 'listening');
    const stream = await connection().openUnixSocket(socketPath);
    stream.end('hello');
    expect(await textOf(stream)).toBe('hello');
    server.close();
    const nobody = connection().openUnixSocket(host().file('nobody'));
    expect(await errorOf(nobody)).toMatchObject({ phase: 'socket' });
  });

  it('a Unix socket that the server forbids: phase socket, and commands go on', async () => {
    await withServer(['AllowStreamLocalForwarding no'], async (strict) => {
      const denied = await connectTo(strict);
      expect(await errorOf(denied.openUnixSocket('/run/any.sock'))).toMatchObject({
        phase: 'socket',
        remedy: 'user',
      });
      expect((await run(denied, 'echo on')).out).toBe('on\n');
      denied.close();
    });
  });
}

export function endsWithItsServer({ connectTo }: Pick<Way, 'connectTo'>): void {
  it('ends by a killed server: the reason is told, channels and pending questions end', async () => {
    await withServer([], async (server) => {
      const victim = await connectTo(server);
      const channel = await victim.exec('cat');
      const closed = once(channel.stream.resume(), 'close');
      server.kill9();
      expect(await victim.closed).toMatchObject({ phase: 'connection', remedy: 'retry' });
      expect(await channel.exit).toEqual({});
      await closed;
      expect(await errorOf(victim.exec('true'))).toMatchObject({ phase: 'connection' });
      await server.start();
      const again = await connectTo(server);
      expect((await run(again, 'echo back')).out).toBe('back\n');
      again.close();
    });
  });
}
