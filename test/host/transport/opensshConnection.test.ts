import { buildSync } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/transport/connection';
import type { OpenSshOptions } from '../../../src/transport/openssh/openSsh';
import { markSessions, sessionProcesses } from '../lab/sessions';
import { trust } from '../lab/trust';
import { until } from '../lab/until';
import { startSshd, type Sshd } from '../sshd';
import { optionsFor, run, textOf } from './attaching';
import {
  endsWithItsServer,
  errorOf,
  multiplexes,
  reachesUnixSockets,
  runsCommands,
  withServer,
  type Way,
} from './connectionContract';
import { connectOpenSsh, sshPrograms } from './opensshAttaching';

const mark = `openssh-${process.pid}`;

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd({ config: [markSessions(mark)] });
  trust(sshd);
});
afterAll(() => sshd.stop());

/** The processes of our sessions that are not sshd itself. */
function commands(): string[] {
  return sessionProcesses(mark)
    .map(({ command }) => command)
    .filter((command) => !command.startsWith('sshd'));
}

const ways: [name: string, multiplexing: boolean][] = [
  ['all channels over one ssh program', true],
  ['one ssh program for each channel, as on Windows (here on Linux, with multiplexing turned off)', false],
];

describe.each(ways)('%s', (_name, multiplexing) => {
  const over = (server: Sshd, extra?: readonly string[]): OpenSshOptions => ({
    ...optionsFor(server, extra),
    multiplexing,
  });
  let connection: Connection;
  beforeAll(async () => {
    connection = await connectOpenSsh(over(sshd));
  });
  afterAll(() => connection.close());

  const way: Way = { connection: () => connection, connectTo: (server) => connectOpenSsh(over(server)) };
  runsCommands(way);
  endsWithItsServer(way);

  it('a terminal is a dumb one, gives the exit code, and is hung up with its channel', async () => {
    const channel = await connection.execInTerminal?.(
      'test -t 0 && test -t 1 && test -t 2 && echo "$TERM"; exit 3',
    );
    expect(channel && (await textOf(channel.stream))).toBe('dumb\r\n');
    expect(await channel?.exit).toEqual({ code: 3 });

    const endless = await connection.execInTerminal?.(`echo ready; while :; do sleep 61; done`);
    if (endless) await once(endless.stream, 'data');
    expect(commands().some((command) => command.includes('sleep 61'))).toBe(true);
    endless?.close();
    await until(() => !commands().some((command) => command.includes('sleep 61')));
  });

  it('a terminal is refused where the server gives none, and other commands go on', async () => {
    await withServer(['PermitTTY no'], async (strict) => {
      const denied = await connectOpenSsh(over(strict));
      expect(await errorOf(denied.execInTerminal?.('true') ?? Promise.resolve())).toMatchObject({
        phase: 'channel',
        remedy: 'retry',
      });
      expect((await run(denied, 'echo on')).out).toBe('on\n');
      denied.close();
    });
  });

  it('ends by close(): no reason, channels end, nothing more can be opened, and no ssh program is left', async () => {
    await withServer([], async (server) => {
      const options = over(server);
      const short = await connectOpenSsh(options);
      const channel = await short.exec('cat');
      expect(sshPrograms(options.configFile ?? '').length).toBeGreaterThan(0);
      short.close();
      expect(await short.closed).toBeUndefined();
      expect(await channel.exit).toEqual({});
      expect(await errorOf(short.exec('true'))).toMatchObject({ phase: 'connection' });
      expect(await errorOf(short.openUnixSocket('/run/any.sock'))).toMatchObject({ phase: 'connection' });
      await until(() => sshPrograms(options.configFile ?? '').length + server.sessionPids().length === 0);
    });
  });

  it('leaves no ssh program and no file behind when we are killed', async () => {
    await withServer([markSessions(`${mark}-killed`)], async (server) => {
      const options = over(server);
      const source = path.resolve(import.meta.dirname, '../../../src/transport/openssh/openSsh.ts');
      const bundle = server.file('openssh.cjs');
      buildSync({
        entryPoints: [source],
        bundle: true,
        platform: 'node',
        format: 'cjs',
        outfile: bundle,
        external: ['*.node', 'cpu-features'],
      });
      const code = `require(${JSON.stringify(bundle)}).openSshTransport(${JSON.stringify(options)})
        .connect({}, new AbortController().signal)
        .then((connection) => connection.exec('cat'))
        .then(() => console.log('up')); setInterval(() => {}, 1e6)`;
      const folder = server.file('tmp');
      mkdirSync(folder);
      const env = { ...process.env, TMPDIR: folder };
      const parent = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'], env });
      await once(parent.stdout, 'data');
      expect(sshPrograms(options.configFile ?? '').length).toBeGreaterThan(0);
      parent.kill('SIGKILL');
      await until(() => sshPrograms(options.configFile ?? '').length === 0);
      await until(() => sessionProcesses(`${mark}-killed`).length + server.sessionPids().length === 0);
      if (multiplexing) expect(readdirSync(folder)).toEqual([]);
    });
  });
});

describe('over one ssh program', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connectOpenSsh(optionsFor(sshd));
  });
  afterAll(() => connection.close());

  const way: Way = {
    connection: () => connection,
    connectTo: (server) => connectOpenSsh(optionsFor(server)),
  };
  multiplexes(way);
  reachesUnixSockets(way, () => sshd);

  it('output that nobody reads stops the command, not the memory; read later, it is whole', async () => {
    const bytes = 24 << 20;
    const channel = await connection.exec(`head -c ${bytes} /dev/zero; echo done >&2`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(channel.stderr()).toBe('');
    let size = 0;
    for await (const chunk of channel.stream) size += (chunk as Buffer).length;
    expect(size).toBe(bytes);
    expect(channel.stderr()).toBe('done\n');
  });

  it('input that the command does not read stops the writer; read later, it is whole', async () => {
    const channel = await connection.exec('read -r go; wc -c');
    channel.stream.write('go\n');
    const bytes = 16 << 20;
    channel.stream.end(Buffer.alloc(bytes));
    expect((await textOf(channel.stream)).trim()).toBe(String(bytes));
  });

  it("is not ended by a frozen server, whatever the user's ServerAlive says, and close() does not wait for one", async () => {
    await withServer([], async (server) => {
      const frozen = await connectOpenSsh(
        optionsFor(server, ['ServerAliveInterval 1', 'ServerAliveCountMax 1']),
      );
      const channel = await frozen.exec('cat');
      channel.stream.write('up\n');
      await once(channel.stream, 'data'); // it runs, and is no sshd any more that would be stopped too
      server.signalSessions('SIGSTOP');
      channel.stream.write('late\n');
      const answer = once(channel.stream, 'data');
      await new Promise((resolve) => setTimeout(resolve, 2500));
      server.signalSessions('SIGCONT');
      expect(String((await answer)[0])).toBe('late\n');

      server.signalSessions('SIGSTOP');
      const start = performance.now();
      frozen.close();
      expect(await frozen.closed).toBeUndefined();
      expect(performance.now() - start).toBeLessThan(2000);
    });
  });

  it('answers the server that looks whether anybody is there', async () => {
    await withServer(['ClientAliveInterval 1', 'ClientAliveCountMax 1'], async (server) => {
      const quiet = await connectOpenSsh(optionsFor(server));
      const channel = await quiet.exec('cat');
      await new Promise((resolve) => setTimeout(resolve, 2500));
      channel.stream.write('still here\n');
      expect(String((await once(channel.stream, 'data'))[0])).toBe('still here\n');
      quiet.close();
    });
  });

  it('takes no session of its own, and is one ssh program for seven channels', async () => {
    await withServer(['MaxSessions 7'], async (server) => {
      const options = optionsFor(server);
      const seven = await connectOpenSsh(options);
      for (let i = 0; i < 7; i++) await seven.exec('cat');
      expect(sshPrograms(options.configFile ?? '')).toHaveLength(1);
      seven.close();
    });
  });
});

it('without multiplexing a Unix socket is refused in words', async () => {
  const single = await connectOpenSsh({ ...optionsFor(sshd), multiplexing: false });
  const error = await errorOf(single.openUnixSocket('/run/any.sock'));
  expect(error).toMatchObject({ phase: 'socket', remedy: 'user' });
  expect(error.message).toContain('cannot share a connection');
  single.close();
});
