import { Duplex } from 'node:stream';
import { expect, it, vi } from 'vitest';

/** Before ssh2 looks: what the crypto of VS Code's own Node (BoringSSL) has, as far as it matters here. */
await vi.hoisted(async () => {
  const { createRequire, syncBuiltinESMExports } = await import('node:module');
  const crypto = createRequire(import.meta.url)('node:crypto') as { getCiphers: () => string[] };
  const names = crypto.getCiphers().filter((name) => !/chacha20|aes-192|des-ede3/.test(name));
  crypto.getCiphers = () => names;
  syncBuiltinESMExports();
});

const { algorithmsFor } = await import('../../../src/transport/algorithms');
const { parseTarget } = await import('../../../src/transport/hostName');
const { Client } = await import('../../../src/transport/ssh2');
const { settingsFrom } = await import('../../../src/transport/sshSettings');

/** Lets ssh2 judge a list of algorithms; it throws on a name that it cannot do. */
function offer(algorithms: ReturnType<typeof algorithmsFor>): void {
  const client = new Client().on('error', () => undefined);
  const sock = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  try {
    client.connect({ sock, username: 'nobody', algorithms });
  } finally {
    client.destroy();
  }
}

it('ssh2 throws on a cipher that this crypto lacks', () => {
  expect(() => offer({ cipher: ['chacha20-poly1305@openssh.com'] })).toThrow('Unsupported algorithm');
});

it.each([
  undefined,
  'chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com',
  '+*',
  '^chacha20-poly1305@openssh.com,3des-cbc',
  '-aes128*',
])('Ciphers %s', (ciphers) => {
  const values = new Map(ciphers === undefined ? [] : [['ciphers', [ciphers]]]);
  const algorithms = algorithmsFor(settingsFrom(values, parseTarget('host')), []);
  expect(algorithms.cipher).toContain('aes256-gcm@openssh.com');
  expect(algorithms.cipher).not.toContain('chacha20-poly1305@openssh.com');
  offer(algorithms);
});

it('Ciphers chacha20-poly1305@openssh.com: nothing else is offered instead', () => {
  const values = new Map([['ciphers', ['chacha20-poly1305@openssh.com']]]);
  expect(() => algorithmsFor(settingsFrom(values, parseTarget('host')), [])).toThrow(
    'allows nothing in Ciphers',
  );
});
