import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostOomEvent } from '../../../../src/core/oomEvents/hostEvent';
import { hostEventDocument } from '../../../../src/core/oomEvents/hostEventDocument';
import { english } from '../../../../src/core/translate';
import { bootId, dayMs, kill } from './kills';

const plain: HostOomEvent = {
  key: 'key',
  event: kill(882, 5000, { name: 'python3' }),
  bootId,
  atMs: dayMs,
  sources: ['kernel-log', 'journal'],
};

const codeUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x2100 }), fc.integer({ min: 0xd800, max: 0xffff })), {
    maxLength: 300,
  })
  .map((units) => String.fromCharCode(...units));

/** The lines under a heading that is underlined, up to the next blank one. */
function under(document: string, heading: string): string[] {
  const lines = document.split('\n');
  const at = lines.indexOf(heading);
  expect(at, heading).toBeGreaterThanOrEqual(0);
  const rest = lines.slice(at + 2);
  return rest.slice(0, rest.indexOf(''));
}

describe('the document about an event of a host', () => {
  it('tells what became of the victim, the loop, and where it comes from', () => {
    const by = { kind: 'parent', pid: 880, name: 'gunicorn' } as const;
    const document = hostEventDocument(
      'web1',
      { ...plain, aftermath: { kind: 'came-back', afterMs: 2100, pid: 901, by } },
      {
        loop: {
          name: 'python3',
          cgroup: '/box',
          bootId,
          kills: 7,
          spanMs: 240_000,
          lastAtMs: 5000,
          keys: [],
          by,
        },
        ledger: {
          bootId,
          counted: 3,
          explained: 2,
          withoutLog: 1,
          notCounted: 0,
          reasons: ['log-overwritten'],
        },
      },
      english,
    );
    expect(document).toMatch(/^OOM kill on web1\n=+\n\nKilled: python3 \(pid 882\)\n-+\n/);
    expect(under(document, 'Afterwards').join(' ')).toBe(
      'It came back after 2 s as pid 901, started by its parent gunicorn (pid 880). It is one of a loop. python3: killed 7 times in 4 min, restarted by its parent gunicorn (pid 880).',
    );
    expect(under(document, 'Sources').join(' ')).toBe(
      'Told by: kernel log, journal. Kills of this boot: 3 counted, 2 explained, 1 without a log line: the log was overwritten.',
    );
    expect(under(document, 'Figures')[0]).toMatch(/^Killed by: +kernel$/);
    expect(document).not.toContain('The minutes before');
  });

  it('tells what only counters know as facts, and names nobody for certain', () => {
    const document = hostEventDocument(
      'web1',
      {
        ...plain,
        event: { ...plain.event, victims: [] },
        sources: ['counters'],
        witnessed: {
          count: 2,
          fromCount: 4,
          toCount: 6,
          fromMs: 60_000,
          toMs: 62_000,
          cgroups: [{ path: '/system.slice/web.service', kills: 2 }],
          gone: [{ pid: 77, name: 'worker', rssBytes: 200 * 2 ** 20 }],
        },
      },
      {},
      english,
    ).replaceAll('\n', ' ');
    expect(document).toContain('2 processes were killed, no log line');
    expect(document).toContain(
      '(oom_kill) rose from 4 to 6 between 1 min and 1 min 2 s after the machine’s start',
    );
    expect(document).toContain('It rose in: the unit web.service (/system.slice/web.service), by 2.');
    expect(document).toContain('each may have ended by itself: worker (pid 77, held 200 MiB).');
    expect(document).not.toContain('Figures');
    expect(document).not.toContain('Who asked for memory');
  });

  it('draws the minutes before from where the host was watched', () => {
    const gap = [null, null];
    const before = {
      fromMs: dayMs - 20_000,
      stepMs: 5000,
      availableBytes: [...gap, 3, 2, 1],
      pageCacheBytes: [...gap, 3, 3, 3],
      memoryFullPercent: [...gap, null, null, null],
    };
    const lines = hostEventDocument('web1', { ...plain, before }, {}, english).split('\n');
    const at = lines.indexOf('The minutes before');
    expect(lines.slice(at + 2, at + 5)).toEqual([
      'From 2026-01-01 23:59:50 UTC to 2026-01-02 00:00:05 UTC.',
      '',
      'Available memory: 3 B at first, 1 B in the end.',
    ]);
  });

  it('is harmless and bounded whatever a host is called', () => {
    const harmful =
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;
    fc.assert(
      fc.property(codeUnits, (text) => {
        const document = hostEventDocument(
          text,
          {
            ...plain,
            sources: ['counters'],
            aftermath: {
              kind: 'came-back',
              afterMs: 1,
              pid: 1,
              by: { kind: 'container', id: text, policy: text },
            },
            witnessed: {
              count: 1,
              fromCount: 0,
              toCount: 1,
              fromMs: 0,
              toMs: 1,
              cgroups: [{ path: `/${text}`, kills: 1 }],
              gone: [{ pid: 1, name: text, cgroup: text }],
            },
          },
          {
            loop: {
              name: text,
              cgroup: text,
              bootId,
              kills: 3,
              spanMs: 1,
              lastAtMs: 1,
              keys: [],
              by: undefined,
            },
          },
          english,
        );
        expect(document).not.toMatch(harmful);
        expect(document.length).toBeLessThan(10_000);
      }),
      { numRuns: 40, examples: [['\u001b[2J\u202e\n'.repeat(20_000)]] },
    );
  });
});
