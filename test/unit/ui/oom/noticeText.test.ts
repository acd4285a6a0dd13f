import { describe, expect, it } from 'vitest';
import type { KillLoop } from '../../../../src/core/oomEvents/aftermath';
import { english } from '../../../../src/core/translate';
import { noticeText } from '../../../../src/ui/oom/noticeText';
import { countedKills, killOf, noonMs } from './events';

describe('the text of a notification about kills', () => {
  it('names victim, host and cause of one', () => {
    expect(noticeText('web1', [killOf('python3', 882)], [], english)).toBe(
      'python3 (882), which held 31.0 MiB, was killed on web1: cgroup /jobs reached its limit of 32.0 MiB.',
    );
  });

  it('tells a loop and its restarter', () => {
    const event = killOf('python3', 882);
    const loop: KillLoop = {
      name: 'python3',
      cgroup: '/jobs/one',
      bootId: 'boot',
      kills: 7,
      spanMs: 240_000,
      lastAtMs: 882,
      keys: [event.key],
      by: { kind: 'systemd', unit: 'jupyter.service' },
    };
    expect(noticeText('web1', [event], [loop], english)).toContain(
      'A loop: python3: killed 7 times in 4 min, restarted by systemd (jupyter.service).',
    );
    const many = [event, killOf('python3', 883)];
    expect(noticeText('web1', many, [loop], english)).toMatch(/Restarted by systemd \(jupyter\.service\)\.$/);
  });

  it('counts many by name', () => {
    const events = [
      ...[1, 2, 3, 4, 5].map((pid) => killOf('python3', pid, { atMs: noonMs + pid * 10_000 })),
      killOf('java', 6, { atMs: noonMs + 20_000 }),
    ];
    expect(noticeText('web1', events, [], english)).toBe(
      '6 processes killed in 40 s on web1: python3 (5 times), java; cgroup /jobs reached its limit of 32.0 MiB.',
    );
  });

  it('tells what several causes have in common', () => {
    const limits = [killOf('a', 1), killOf('b', 2, { event: { cgroup: { limit: '/other' } } })];
    expect(noticeText('web1', limits, [], english)).toBe(
      '2 processes killed on web1: a, b; several cgroups reached their limits.',
    );
    const mixed = [killOf('a', 1), killOf('b', 2, { event: { scope: 'global' } })];
    expect(noticeText('web1', mixed, [], english)).toMatch(/; several causes\.$/);
  });

  it('tells those that only counters know as such', () => {
    expect(noticeText('web1', [countedKills(2)], [], english)).toBe(
      '2 processes were killed on web1 for want of memory: counted in unit web.service.',
    );
  });

  it('makes no link of a name', () => {
    const text = noticeText('web1', [killOf('[x](command:y)', 9)], [], english);
    expect(text).not.toContain('](command:');
  });
});
