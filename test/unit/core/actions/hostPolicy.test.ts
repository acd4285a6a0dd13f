import { describe, expect, it } from 'vitest';
import {
  hostPolicyOf,
  isHostNameTyped,
  isProduction,
  isReadOnly,
  type HostName,
} from '../../../../src/core/actions/hostPolicy';

const web: HostName = { target: 'root@web1.prod.example.com', label: 'Web 1' };

describe('a production host', () => {
  it.each<[HostName, readonly string[], boolean]>([
    [web, [], false],
    [web, [''], false],
    [web, ['  '], false],
    [web, ['web'], false],
    [web, ['web1.prod.example.com'], true],
    [web, ['web*'], true],
    [web, ['WEB*'], true],
    [web, ['*.prod.*'], true],
    [web, ['root@*'], true],
    [web, ['admin@*'], false],
    [web, ['Web ?'], true],
    [web, ['staging*', 'web 1'], true],
    [web, [' web* '], true],
    [{ target: 'ssh://root@db:2222', label: 'db' }, ['db'], true],
    [{ target: 'ssh://root@db:2222', label: 'x' }, ['db'], true],
    [{ target: 'ssh://db:2222', label: 'x' }, ['db'], true],
    [{ target: 'ssh://db:2222', label: 'x' }, ['d'], false],
    [{ target: 'me@[2001:db8::1]:22', label: 'x' }, ['2001:db8::1'], true],
    [{ target: 'me@2001:db8::1', label: 'x' }, ['2001:db8::1'], true],
    [{ target: 'me@[', label: 'x' }, ['y'], false],
    [{ target: 'local', label: 'This machine' }, ['local'], true],
    [{ target: 'local', label: 'This machine' }, ['*'], true],
    [{ target: '', label: '' }, ['a'], false],
  ])('%j by %j: %s', (host, patterns, expected) => {
    expect(isProduction(host, patterns)).toBe(expected);
    expect(isReadOnly(host, patterns)).toBe(expected);
  });
});

describe('read-only mode', () => {
  it.each<[boolean | readonly string[], boolean]>([
    [true, true],
    [false, false],
    [[], false],
    [['web*'], true],
    [['db*'], false],
  ])('%j: %s', (setting, expected) => {
    expect(isReadOnly(web, setting)).toBe(expected);
  });

  it('stands beside production', () => {
    expect(hostPolicyOf(web, ['web*'], false)).toEqual({ production: true, readOnly: false });
    expect(hostPolicyOf(web, [], ['*'])).toEqual({ production: false, readOnly: true });
  });
});

describe('the name that is typed', () => {
  it.each<[string, string, boolean]>([
    ['Web 1', 'Web 1', true],
    ['Web 1', ' Web 1 ', true],
    ['Web 1', 'web 1', false],
    ['Web 1', 'Web', false],
    ['Web 1', '', false],
    ['Web 1', 'yes', false],
    ['', '', false],
    [' ', ' ', false],
  ])('%j typed as %j: %s', (label, typed, expected) => {
    expect(isHostNameTyped({ target: 'web1', label }, typed)).toBe(expected);
  });
});
