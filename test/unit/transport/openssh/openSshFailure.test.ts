import { expect, it } from 'vitest';
import { connectFailure, meantForPeople } from '../../../../src/transport/openssh/openSshFailure';

/** What OpenSSH 9.2 wrote, and what becomes of it. */
it.each([
  [
    'ssh: connect to host 10.0.0.9 port 22: Connection timed out',
    { phase: 'tcp', remedy: 'retry', message: '10.0.0.9 port 22 did not answer the connection in time.' },
  ],
  [
    'ssh: connect to host web1 port 22: No route to host',
    { phase: 'tcp', remedy: 'retry', message: 'web1 port 22 cannot be reached: No route to host.' },
  ],
  [
    'ssh: Could not resolve hostname web9: Name or service not known',
    { phase: 'resolve', remedy: 'retry', message: 'The name web9 was not found.' },
  ],
  [
    'Unable to negotiate with 10.0.0.9 port 22: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1',
    {
      phase: 'handshake',
      remedy: 'user',
      message:
        'ssh and web1 (10.0.0.9 port 22) have no key exchange method in common; the server offers diffie-hellman-group1-sha1.',
    },
  ],
  [
    'ann@web1: Permission denied (publickey,gssapi-with-mic).',
    {
      phase: 'authentication',
      remedy: 'user',
      message: 'Logging in as ann@web1 failed; the server accepts publickey, gssapi-with-mic.',
    },
  ],
  [
    "Permissions 0644 for '/k/id' are too open.\nann@web1: Permission denied (publickey).",
    {
      phase: 'authentication',
      remedy: 'user',
      message:
        'Logging in as ann@web1 failed; ssh does not use /k/id, its mode is 0644; the server accepts publickey.',
      advice: 'Take the rights of others to /k/id away (chmod 600).',
    },
  ],
  [
    'Received disconnect from 10.0.0.9 port 22:2: Too many authentication failures\nDisconnected from 10.0.0.9 port 22',
    { phase: 'authentication', remedy: 'user', message: 'web1 ended the login after too many tries.' },
  ],
  [
    'kex_exchange_identification: Connection closed by remote host\nConnection closed by 10.0.0.9 port 22',
    { phase: 'handshake', remedy: 'retry', message: 'web1 closed the connection.' },
  ],
  [
    '/home/ann/.ssh/config: line 3: Bad configuration option: nosuchkeyword',
    { phase: 'config', remedy: 'user' },
  ],
  [
    '',
    { phase: 'connection', remedy: 'retry', message: 'ssh could not connect to web1: it does not say why.' },
  ],
])('%s', (words, expected) => {
  expect(connectFailure('web1', words, false)).toMatchObject(expected);
});

it('a proxy that fails: its own words, not those with which ssh misses it', () => {
  const words =
    'cloudflared: not logged in\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535';
  expect(connectFailure('web1', words, true).message).toContain('failed: cloudflared: not logged in.');
});

it('a host on the way that cannot lead on is told with where it should have led', () => {
  const words =
    'debug1: channel_connect_stdio_fwd: 10.0.0.8:22\nchannel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\nkex_exchange_identification: Connection closed by remote host';
  expect(connectFailure('web1', words, true)).toMatchObject({
    phase: 'channel',
    message:
      'A host on the way to web1 could not connect to 10.0.0.8:22: connect failed: Connection refused.',
  });
});

it('a name or file that could be more than a name gets into no command', () => {
  const words =
    'Offending ED25519 key in /home/ann/$(id)/known_hosts:3\nHost key for web1;id has changed and you have requested strict checking.';
  const error = connectFailure('web1', words, false);
  expect(error).toMatchObject({ phase: 'host-key', remedy: 'user', fix: undefined });
  expect(error.advice).not.toContain('ssh-keygen');
});

it('a flood of hostile words is cleaned, bounded and read in no time', () => {
  const flood =
    `\u001b]0;x\u0007${'Permission denied ('.repeat(20_000)}${'a'.repeat(100_000)} timed out\n`.repeat(3);
  const start = performance.now();
  const error = connectFailure('web1', flood, true);
  expect(performance.now() - start).toBeLessThan(500);
  expect(error.message.length).toBeLessThan(700);
  expect(`${error.message}${String(error.cause)}`).not.toContain('\u001b');
});

it('what -v adds is not for people', () => {
  expect(
    meantForPeople(
      'OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\ndebug1: Reading configuration data x\nclient_loop: send disconnect: Broken pipe\n',
    ),
  ).toBe('client_loop: send disconnect: Broken pipe');
});
