import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { algorithmFor, LoginRequests } from '../../../src/transport/loginRequests';
import { Client } from '../../../src/transport/ssh2';
import { stringFields } from '../../../src/transport/sshFields';

describe('the parts of ssh2 that it keeps to itself and that we lean on', () => {
  it('are those of version 1.17.0: look at loginRequests.ts anew before another one is taken', () => {
    const file = createRequire(import.meta.url).resolve('ssh2/package.json');
    expect((JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version).toBe('1.17.0');
  });

  it('are there when a client connects, and its own handlers are called after ours', () => {
    const client = new Client().on('error', () => undefined);
    const sock = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    client.connect({ sock, username: 'nobody' });
    try {
      const requests = new LoginRequests(
        client,
        'nobody',
        () => undefined,
        () => undefined,
      );
      const { _protocol: protocol } = client as unknown as { _protocol: Record<string, unknown> };
      expect(protocol).toMatchObject({
        _authsQueue: [],
        _cipher: { encrypt: expect.any(Function) as unknown },
        _packetRW: {
          write: {
            allocStart: 5,
            alloc: expect.any(Function) as unknown,
            finalize: expect.any(Function) as unknown,
          },
        },
      });
      const handlers = protocol._handlers as Record<string, (...args: unknown[]) => void>;
      handlers.EXT_INFO?.(protocol, [{ name: 'server-sig-algs', algs: ['rsa-sha2-256'] }]);
      expect(requests.signatureAlgorithms).toEqual(['rsa-sha2-256']);
    } finally {
      client.destroy();
    }
  });
});

describe('the algorithm to sign with', () => {
  it.each<[type: string, announced: string[] | undefined, algorithm: string | undefined]>([
    ['ssh-ed25519', undefined, 'ssh-ed25519'],
    ['ssh-rsa', ['rsa-sha2-256', 'rsa-sha2-512'], 'rsa-sha2-512'],
    ['ssh-rsa', ['rsa-sha2-256'], 'rsa-sha2-256'],
    ['ssh-rsa', undefined, 'ssh-rsa'],
    ['ssh-rsa', ['ssh-ed25519'], undefined],
    ['ssh-rsa-cert-v01@openssh.com', ['rsa-sha2-512'], 'rsa-sha2-512-cert-v01@openssh.com'],
    ['sk-ssh-ed25519@openssh.com', ['ssh-ed25519'], 'sk-ssh-ed25519@openssh.com'],
  ])('%s, where the server announces %s: %s', (type, announced, algorithm) => {
    expect(algorithmFor(stringFields(type, 'anything'), announced)).toBe(algorithm);
  });
});
