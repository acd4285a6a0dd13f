import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { algorithmsFor } from '../../../src/transport/algorithms';
import { parseTarget } from '../../../src/transport/hostName';
import { settingsFrom } from '../../../src/transport/sshSettings';

/** What the installed ssh2 can do, by its own word. */
const able = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js') as Record<string, string[]>;

const settings = (values: Record<string, string> = {}): ReturnType<typeof settingsFrom> =>
  settingsFrom(
    new Map(Object.entries(values).map(([keyword, value]) => [keyword, [value]])),
    parseTarget('host'),
  );

it('names nothing that ssh2 cannot do, also where everything is asked for', () => {
  const all = algorithmsFor(
    settings({ ciphers: '+*', macs: '+*', kexalgorithms: '+*', hostkeyalgorithms: '+*' }),
    [],
  );
  expect(able.SUPPORTED_KEX).toEqual(expect.arrayContaining(all.kex as string[]));
  expect(able.SUPPORTED_CIPHER).toEqual(expect.arrayContaining(all.cipher as string[]));
  expect(able.SUPPORTED_MAC).toEqual(expect.arrayContaining(all.hmac as string[]));
  expect(able.SUPPORTED_SERVER_HOST_KEY).toEqual(expect.arrayContaining(all.serverHostKey as string[]));
  expect(all.kex).toContain('diffie-hellman-group1-sha1');
});

it('leaves SHA-1 host keys out, and puts the known types first', () => {
  expect(algorithmsFor(settings(), []).serverHostKey).not.toContain('ssh-rsa');
  expect((algorithmsFor(settings(), ['ssh-rsa']).serverHostKey as string[]).slice(0, 3)).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
  ]);
});

it.each([
  ['aes256-ctr,unheard-of', ['aes256-ctr']],
  ['-aes*', ['chacha20-poly1305@openssh.com']],
  ['^aes256-ctr', ['aes256-ctr', 'aes128-gcm@openssh.com']],
  ['chacha20-poly1305@openssh.com,aes128-ctr', ['aes128-ctr', 'chacha20-poly1305@openssh.com']],
])('Ciphers %s', (ciphers, first) => {
  const { cipher } = algorithmsFor(settings({ ciphers }), []);
  expect((cipher as string[]).slice(0, first.length)).toEqual(first);
  if (!ciphers.startsWith('^')) expect(cipher).toHaveLength(first.length);
});

it.each(['unheard-of', '-*'])('Ciphers %s leaves nothing: refused, never widened', (ciphers) => {
  expect(() => algorithmsFor(settings({ ciphers }), [])).toThrow(
    expect.objectContaining({ phase: 'config', remedy: 'user', fix: { kind: 'use-openssh' } }),
  );
});
