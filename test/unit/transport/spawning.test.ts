import { ChildProcess, spawn } from 'node:child_process';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { localTransport } from '../../../src/transport/local';
import { runProgram } from '../../../src/transport/runProgram';
import { parseTarget } from '../../../src/transport/hostName';
import { resolveHost } from '../../../src/transport/sshConfig';

vi.mock('node:child_process', async (original) => ({
  ...(await original<typeof import('node:child_process')>()),
  spawn: vi.fn(),
}));

const refusal = (code: string): Error => Object.assign(new Error(`spawn ${code}`), { code });

/** What Node's spawn does: some errors are thrown, others are told by a child, with EMFILE by one without streams. */
const ways: Readonly<Record<string, (code: string) => void>> = {
  thrown: (code) =>
    vi.mocked(spawn).mockImplementation(() => {
      throw refusal(code);
    }),
  told: (code) =>
    vi.mocked(spawn).mockImplementation(() => {
      const child = new ChildProcess();
      process.nextTick(() => {
        child.emit('error', refusal(code));
        child.emit('error', refusal(code)); // the second one must not be unhandled
      });
      return child;
    }),
};

const { signal } = new AbortController();
beforeEach(() => {
  vi.mocked(spawn).mockReset();
});

describe.each([
  ['ENOMEM', 'thrown', 'retry'],
  ['EMFILE', 'told', 'retry'],
  ['EAGAIN', 'told', 'retry'],
  ['EACCES', 'told', 'user'],
])('%s, %s', (code, way, remedy) => {
  it('a shell on this machine: one error', async () => {
    ways[way]?.(code);
    const connection = await localTransport().connect({} as never, signal);
    await expect(connection.exec('true')).rejects.toMatchObject({ phase: 'channel', remedy });
  });

  it('the ssh program: an error, not an absent program', async () => {
    ways[way]?.(code);
    expect(await runProgram('ssh', [], { timeoutMs: 1000, signal })).toEqual({ kind: 'failed', code });
    await expect(resolveHost(parseTarget('host'), { configFile: 'none' })).rejects.toMatchObject({
      phase: 'config',
      remedy,
    });
  });
});

it('ENOENT: there is no such program', async () => {
  ways.told?.('ENOENT');
  expect(await runProgram('ssh', [], { timeoutMs: 1000, signal })).toEqual({ kind: 'absent' });
});
