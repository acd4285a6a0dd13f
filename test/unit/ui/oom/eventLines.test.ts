import { describe, expect, it } from 'vitest';
import type { HostOomEvent } from '../../../../src/core/oomEvents/hostEvent';
import { english } from '../../../../src/core/translate';
import { eventName } from '../../../../src/ui/oom/eventFacts';
import { eventDescription, eventLines } from '../../../../src/ui/oom/eventLines';
import { eventLineText } from '../../../../src/ui/oom/eventLineText';
import { countedKills, killOf, noonMs } from './events';

const linesOf = (event: HostOomEvent): string[] =>
  eventLines(event, undefined, english).map(({ label, description = '' }) => `${label}: ${description}`);

describe('an event in the tree', () => {
  const by = { kind: 'parent', pid: 880, name: 'gunicorn' } as const;
  const kill = killOf('python3', 882, {
    aftermath: { kind: 'came-back', afterMs: 2100, pid: 901, by },
    event: { trigger: { name: 'worker' }, missing: ['task-table'] },
  });

  it('says whom, when, why and what became of it in its row', () => {
    expect(eventName(kill, english)).toBe('python3 (882)');
    const time = new Date(noonMs + 882).toLocaleTimeString();
    expect(eventDescription(kill, true, noonMs, english)).toBe(
      `new · ${time} · cgroup /jobs reached its limit of 32.0 MiB · came back after 2 s, started by its parent gunicorn (pid 880)`,
    );
  });

  it('has its facts below it', () => {
    expect(linesOf(kill)).toEqual([
      'Killed: python3 (882) · held 31.0 MiB',
      'Cause: cgroup /jobs reached its limit of 32.0 MiB',
      'Asked for memory: worker',
      'Limit of: /jobs',
      'Victim lived in: /jobs/one',
      'Afterwards: came back after 2 s, started by its parent gunicorn (pid 880)',
      'Told by: kernel log',
      'Not in the log: the table of tasks',
    ]);
  });

  it('is told with its cgroup and who has gone where no log tells of it', () => {
    const counted = countedKills(2);
    expect(eventName(counted, english)).toBe('2 processes, no log line');
    expect(linesOf(counted)).toEqual([
      'Gone since: worker (pid 77, held 200 MiB)',
      'Cause: counted in unit web.service',
      'Counted in: /system.slice/web.service: 2',
      'Told by: counters',
    ]);
  });

  it('names three of a group and some of hundreds', () => {
    const victims = Array.from({ length: 300 }, (_, pid) => ({ pid: pid + 1, name: `w${pid}` }));
    const group = killOf('w0', 1, { event: { victims, oomGroup: '/pod' } });
    expect(eventName(group, english)).toBe('w0 (1), w1 (2), w2 (3) and 297 more');
    expect(linesOf(group).filter((line) => line.startsWith('Killed:'))).toHaveLength(21);
  });

  it('has rows that are told apart, whatever the log repeats', () => {
    const victim = { pid: 1, name: 'x' };
    const group = { path: '/a', kills: 1 };
    const gone = { pid: 1, name: 'x' };
    const counted = countedKills(2);
    const twice = [
      killOf('x', 1, { event: { victims: [victim, victim] } }),
      { ...counted, witnessed: { ...counted.witnessed, cgroups: [group, group], gone: [gone, gone] } },
    ];
    for (const event of twice) {
      const ids = eventLines(event, undefined, english).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('is one line to be pasted elsewhere', () => {
    const when = new Date(noonMs + 882).toISOString().slice(0, 19).replace('T', ' ');
    expect(eventLineText('web1', kill, english)).toBe(
      `${when} UTC web1: python3 (882); held 31.0 MiB; cgroup /jobs reached its limit of 32.0 MiB; came back after 2 s, started by its parent gunicorn (pid 880)`,
    );
    expect(eventLineText('web1', killOf('a\nb', 1, { atMs: undefined }), english)).toMatch(
      /^time not known web1: a b \(1\);/,
    );
  });
});
