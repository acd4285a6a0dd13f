import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../src/transport/connection';
import { checkConfiguredUser, parseTarget } from '../../../src/transport/hostName';

describe('parseTarget', () => {
  it.each([
    ['alias', { host: 'alias' }],
    [' web-1.example.com ', { host: 'web-1.example.com' }],
    ['me@host', { user: 'me', host: 'host' }],
    ['me@host:2222', { user: 'me', host: 'host', port: 2222 }],
    ['host:22', { host: 'host', port: 22 }],
    ['me@example.com@bastion', { user: 'me@example.com', host: 'bastion' }],
    ['DOMAIN\\me@host', { user: 'DOMAIN\\me', host: 'host' }],
    ['::1', { host: '::1' }],
    ['[::1]', { host: '::1' }],
    ['[::1]:22', { host: '::1', port: 22 }],
    ['me@[fe80::1%eth0]:2022', { user: 'me', host: 'fe80::1%eth0', port: 2022 }],
    ['ssh://me@host:2222/', { user: 'me', host: 'host', port: 2222 }],
    ['SSH://host', { host: 'host' }],
    ['a_b', { host: 'a_b' }],
  ])('%s', (text, parts) => {
    expect(parseTarget(text)).toEqual({ typed: text.trim(), ...parts });
  });

  const hostile = [
    '-oProxyCommand=x',
    'a b',
    'a\tb',
    'a\nb',
    "a'b",
    'a"b',
    'a`id`',
    '$(id)',
    'a;b',
    'a|b',
    'a&b',
    'a<b',
    'a>b',
  ];
  const users = ['-l@h', 'a b@h', 'a;b@h', '`id`@h', '$HOME@h', "a'b@h", 'a\\@h', '@h', 'a\u0007@h'];
  const rest = [
    '',
    'a\u0000b',
    'a\u001b[0m',
    'a\u202eb',
    'a{b}',
    'a(b)',
    'a\\b',
    '*',
    'h:0',
    'h:65536',
    'h:',
    'h:x',
    '[::1',
    '[::1]x',
  ];
  it.each([...hostile, ...hostile.map((host) => `me@${host}`), ...users, ...rest])('refuses %j', (text) => {
    let error: unknown;
    try {
      parseTarget(text);
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ phase: 'config', remedy: 'user' });
    expect((error as ConnectionError).message).not.toMatch(/\p{C}/u);
  });
});

describe('User of the SSH configuration', () => {
  it.each(['me', 'a b', 'Jane van der Doe', 'DOMAIN\\Jane Doe', 'a-b'])('may be %j', (user) => {
    expect(() => checkConfiguredUser(user, 'web')).not.toThrow();
  });

  it.each([
    '',
    '-x',
    'a -oProxyCommand=x',
    'a\tb',
    'a\nb',
    'a\u2028b',
    'a;b',
    '$HOME',
    'a\\',
    'x'.repeat(257),
  ])('cannot be %j, and is named', (user) => {
    expect(() => checkConfiguredUser(user, 'web')).toThrow(
      /^User of the SSH configuration of web cannot be used: .*\.$/,
    );
  });
});
