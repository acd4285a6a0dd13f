import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { whenServerSpeaks } from '../../../src/transport/serverVersion';

/** What is told of a server that says this, and what the one who listens for it gets. */
async function heard(...said: string[]): Promise<{ told: string[]; got: string; listeners: number }> {
  const stream = new PassThrough();
  const told: string[] = [];
  let got = '';
  whenServerSpeaks(stream, (version) => told.push(version));
  stream.write(said[0] ?? ''); // before anybody listens, as through a bastion
  await new Promise(setImmediate);
  stream.on('data', (bytes: Buffer) => (got += bytes.toString('latin1')));
  for (const piece of said.slice(1)) stream.write(piece);
  await new Promise(setImmediate);
  return { told, got, listeners: stream.listenerCount('data') };
}

describe('the version of a server', () => {
  it('is told once, in whatever pieces it comes, and nothing is lost for who listens', async () => {
    expect(await heard('SSH-2.0-Open', 'SSH_9.2 Debian\r', '\n\u0000\u0001', 'SSH-2.0-again\r\n')).toEqual({
      told: ['SSH-2.0-OpenSSH_9.2 Debian'],
      got: 'SSH-2.0-OpenSSH_9.2 Debian\r\n\u0000\u0001SSH-2.0-again\r\n',
      listeners: 1,
    });
  });

  it('may come after lines for people', async () => {
    const { told } = await heard('Welcome to SSH-land\r\nnot SSH-2.0\n', 'SSH-2.0-x\n');
    expect(told).toEqual(['SSH-2.0-x']);
  });

  it('is cleaned', async () => {
    const { told } = await heard('', `SSH-2.0-\u001b[31mred\u0007${'x'.repeat(500)}\r\n`);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^SSH-2\.0-redx+…$/);
    expect(told[0]).toHaveLength(255);
  });

  it('is not waited for without end', async () => {
    expect(await heard('', ...Array<string>(40).fill('x'.repeat(1000)))).toMatchObject({
      told: [],
      listeners: 1,
    });
  });
});
