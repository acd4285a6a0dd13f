import { buildSync } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/transport/connection';
import { localTransport } from '../../../src/transport/local';
import { run, scripted, textOf } from './attaching';
import { until } from '../lab/until';

let folder: string;
let connection: Connection;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'local-'));
  connection = await localTransport().connect(scripted(), new AbortController().signal);
});
afterAll(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

describe('this machine', () => {
  it.each([
    ['exit 3', { code: 3, out: '' }],
    ['kill -KILL $$', { signal: 'SIGKILL' }],
    ['cat; echo done >&2', { code: 0, out: 'input', errors: 'done\n' }],
    ['head -c 8388608 /dev/zero >&2; echo out', { code: 0, out: 'out\n' }],
  ])('%s', async (command, expected) => {
    expect(await run(connection, command, 'input')).toMatchObject(expected);
  });

  it('close() ends a command that reads its input', async () => {
    const channel = await connection.exec('while read -r line; do :; done');
    channel.close();
    expect(await channel.exit).toHaveProperty('code');
  });

  it('a command that reads its input ends when we are killed', async () => {
    const mark = path.join(folder, 'mark');
    const script = `while read -r line; do :; done; touch ${mark}`;
    const bundle = path.join(folder, 'local.cjs');
    const local = path.resolve(import.meta.dirname, '../../../src/transport/local.ts');
    buildSync({ entryPoints: [local], bundle: true, platform: 'node', format: 'cjs', outfile: bundle });
    const code = `require(${JSON.stringify(bundle)}).localTransport()
      .connect(undefined, new AbortController().signal)
      .then((connection) => connection.exec(${JSON.stringify(script)}))
      .then(() => console.log('up')); setInterval(() => {}, 1e6)`;
    const parent = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    await until(() => existsSync(mark));
  });

  it('opens a Unix socket, and says why where it cannot', async () => {
    const socketPath = path.join(folder, 'echo.sock');
    const server = net.createServer((socket) => socket.pipe(socket)).listen(socketPath);
    await once(server, 'listening');
    const stream = await connection.openUnixSocket(socketPath);
    stream.end('hello');
    expect(await textOf(stream)).toBe('hello');
    server.close();
    await expect(connection.openUnixSocket(path.join(folder, 'absent'))).rejects.toMatchObject({
      phase: 'socket',
      message: expect.stringContaining('ENOENT') as string,
    });
  });

  it('after close() nothing can be opened, and open channels have ended', async () => {
    const short = await localTransport().connect(scripted(), new AbortController().signal);
    const channel = await short.exec('cat');
    short.close();
    expect(await short.closed).toBeUndefined();
    expect(await channel.exit).toEqual({ code: 0 });
    await expect(short.exec('true')).rejects.toMatchObject({ phase: 'connection' });
    await expect(short.openUnixSocket('/x')).rejects.toMatchObject({ phase: 'connection' });
  });
});
