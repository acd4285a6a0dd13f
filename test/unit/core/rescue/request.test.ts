import { describe, expect, it } from 'vitest';
import { holdsUs, isSafeCgroup, requestLine } from '../../../../src/core/rescue/request';

const container = '/system.slice/docker-4f3c2a1b0d9e.scope';

const line = (...request: Parameters<typeof requestLine>): string => requestLine(...request).trimStart();

describe('a request to the rescue shell', () => {
  it('is one line of words', () => {
    const process = { pid: 812, starttimeTicks: 123456789012 };
    expect(line(7, { kind: 'ping' })).toBe('7 ping - - - .\n');
    expect(line(8, { kind: 'signal', process, signal: 'TERM' })).toBe('8 signal 812 123456789012 TERM .\n');
    expect(line(8, { kind: 'look', process })).toBe('8 look 812 123456789012 - .\n');
    expect(line(8, { kind: 'membership', pid: 812 })).toBe('8 membership 812 - - .\n');
    expect(line(9, { kind: 'freeze', cgroup: container, leased: true })).toBe(
      `9 freeze ${container} leased - .\n`,
    );
    expect(line(10, { kind: 'freeze', cgroup: container, leased: false })).toBe(
      `10 freeze ${container} kept - .\n`,
    );
    expect(line(11, { kind: 'thaw', cgroup: container, leasedOnly: true })).toBe(
      `11 thaw ${container} leased - .\n`,
    );
    expect(line(12, { kind: 'kill', cgroup: container })).toBe(`12 kill ${container} - - .\n`);
    expect(requestLine(7, { kind: 'ping' })).toBe(`${' '.repeat(8)}7 ping - - - .\n`);
  });

  it.each([
    '/docker/4f3c2a1b0d9e',
    '/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome\\x2dterminal.scope',
    '/kubepods.slice/kubepods-burstable.slice/cri-containerd-0a.scope',
    '/a:b_c+d@e',
    '/..a/b..',
  ])('takes the cgroup %s', (path) => {
    expect(isSafeCgroup(path)).toBe(true);
  });

  it.each([
    '',
    '/',
    'docker/x',
    '/docker/',
    '/a//b',
    '/../x',
    '/a/..',
    '/a/./b',
    '/a b',
    '/a\tb',
    '/a\nb',
    "/a'b",
    '/a"b',
    '/$(id)',
    '/`id`',
    '/a;b',
    '/a*',
    '/a?',
    '/[a]',
    '/~',
    '/é',
    '/a\u0000',
    `/${'a'.repeat(256)}`,
    '/a'.repeat(33),
  ])('refuses the cgroup %j', (path) => {
    expect(isSafeCgroup(path)).toBe(false);
    for (const kind of ['kill', 'state'] as const)
      expect(() => requestLine(1, { kind, cgroup: path })).toThrow('not fit');
    expect(() => requestLine(1, { kind: 'freeze', cgroup: path, leased: true })).toThrow('not fit');
    expect(() => requestLine(1, { kind: 'thaw', cgroup: path, leasedOnly: true })).toThrow('not fit');
  });

  it.each([
    [0, 1],
    [1, 1],
    [-5, 1],
    [1.5, 1],
    [NaN, 1],
    [2 ** 60, 1],
    [5, -1],
    [5, 0.5],
    [5, Infinity],
  ])('refuses the process %d, %d', (pid, starttimeTicks) => {
    const request = { kind: 'signal', process: { pid, starttimeTicks }, signal: 'KILL' } as const;
    expect(() => requestLine(1, request)).toThrow('not fit');
    expect(() => requestLine(1, { kind: 'look', process: request.process })).toThrow('not fit');
  });

  it.each([0, 1, -5, 1.5, NaN, 2 ** 60])('refuses to say where the process %d is', (pid) => {
    expect(() => requestLine(1, { kind: 'membership', pid })).toThrow('not fit');
  });

  it('refuses a signal of another name', () => {
    const request = {
      kind: 'signal',
      process: { pid: 5, starttimeTicks: 1 },
      signal: 'KILL; id' as 'KILL',
    } as const;
    expect(() => requestLine(1, request)).toThrow('not fit');
  });
});

describe('a group that holds us', () => {
  it('is one of ours or around it', () => {
    const own = ['/user.slice/session-1.scope', '/init.scope', '/'];
    expect(holdsUs('/user.slice', own)).toBe(true);
    expect(holdsUs('/init.scope', own)).toBe(true);
    expect(holdsUs('/user.slice/session-1.scope', own)).toBe(true);
    expect(holdsUs('/user.slice/session-1.scope/below', own)).toBe(false);
    expect(holdsUs('/user', own)).toBe(false);
    expect(holdsUs(container, own)).toBe(false);
  });
});
