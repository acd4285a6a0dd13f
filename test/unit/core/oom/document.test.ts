import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oomDocument, oomEventDocument } from '../../../../src/core/oom/document';
import { LogFinder } from '../../../../src/core/oom/documentLog';
import { textTable, wrapped } from '../../../../src/core/oom/documentTable';
import { english } from '../../../../src/core/translate';

function logOf(name: string): string {
  return readFileSync(`test/fixtures/oom/${name}/kmsg.txt`, 'utf8');
}

function documentOf(log: string, source = 'kern.log'): string {
  const finder = new LogFinder();
  finder.take(log);
  return oomDocument(finder.end(source), english);
}

/** The lines under a heading that is underlined, up to the next blank one. */
function under(document: string, heading: string): string[] {
  const lines = document.split('\n');
  const at = lines.findIndex(
    (line, index) => line === heading && /^([-=.])\1*$/.test(lines[index + 1] ?? ''),
  );
  expect(at, heading).toBeGreaterThanOrEqual(0);
  const rest = lines.slice(at + 2);
  return rest.slice(0, rest.indexOf('', 1));
}

/** Control characters but the line feed, and what hides or reorders text. */
const harmful =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

const kill = (pid: number): string =>
  `[${String(pid)}.000000] Out of memory: Killed process ${String(pid)} (p${String(pid)}) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n`;

describe('the document about a log', () => {
  it('tells one event: story, figures, tasks by memory, raw text', () => {
    const document = documentOf(`before\n${logOf('global-plain')}`);
    expect(document).toMatch(
      /^OOM kills in kern\.log\n=+\n\nOne event in \d+ lines\.\n\nKilled: jupyter-noteboo \(pid 882\)\n-+\n/,
    );
    expect(document.replaceAll('\n', ' ')).toContain('DMA32 of node 0 had 43.2 MiB free that it may use');
    expect(under(document, 'Figures')).toContain('Flags in words:   a page for a program or of a file');
    const table = document.slice(document.indexOf('* was killed')).split('\n');
    expect(table[2]).toMatch(/^ +pid +user +memory +swap +page tables +address space +oom_score_adj +name$/);
    expect(table[4]).toMatch(/^\* +882 +0 +816 MiB .* jupyter-noteboo$/);
    expect(table[5]).toMatch(/^ +343 +0 +26\.1 MiB .* dockerd$/);
    const raw = under(document, 'Raw text');
    expect(raw[0]).toContain('containerd invoked oom-killer:');
    expect(raw.join('\n')).toContain('Out of memory: Killed process 882');
    expect(raw.join('\n')).not.toContain('before');
  });

  it('begins with an overview of several events', () => {
    const lines = documentOf(logOf('memcg-docker')).split('\n');
    expect(lines[3]).toBe('3 events in 127 lines.');
    expect(lines.slice(5, 10)).toEqual([
      '#  when                    by      scope    memory  killed',
      '-  ----------------------  ------  -----  --------  -------------------------',
      '1  38.6 s after the start  kernel  memcg  63.3 MiB  jupyter-noteboo (pid 544)',
      '2  44.5 s after the start  kernel  memcg  63.5 MiB  jupyter-noteboo (pid 641)',
      '3  51.5 s after the start  kernel  memcg  63.6 MiB  jupyter-noteboo (pid 735)',
    ]);
    expect(lines).toContain('Event 3: jupyter-noteboo (pid 735)');
  });

  it('says what was looked for where nothing is found', () => {
    const document = documentOf('java.lang.OutOfMemoryError: Java heap space\n');
    expect(document).toContain('No OOM kill was found in 1 line.');
    expect(document).toContain('Looked for:');
    expect(document).toContain('What to do:');
  });

  it('is the same however the log is cut', () => {
    const log = logOf('group');
    const finder = new LogFinder();
    for (let at = 0; at < log.length; at += 997) finder.take(log.slice(at, at + 997));
    expect(oomDocument(finder.end('kern.log'), english)).toBe(documentOf(log));
  });

  it('lists many events, and tells the last ones in full', () => {
    const log = Array.from({ length: 1500 }, (_, index) => kill(index + 1)).join('');
    const document = documentOf(log);
    expect(document).toContain('1500 events in 1500 lines.');
    expect(document).toContain('500 earlier events are left out.');
    expect(document).toContain('The last 20 are told in full');
    expect(document).toMatch(/^ 501 .* p501 \(pid 501\)$/m);
    expect(document).not.toMatch(/^ 500 /m);
    expect(document.match(/^Event \d+: /gm)).toHaveLength(20);
    expect(document).toContain('Event 1500: p1500 (pid 1500)');
    expect(document.length).toBeLessThan(400_000);
  });

  it('stays small for lines of any length, with nothing in it that acts on an editor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat(3), (text, at) => {
        const line = `[    1.000000] Out of memory: Killed process 7 (${text}) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB`;
        const lines = [line, 'x'.repeat(100_000), text, logOf('global-plain')];
        lines.splice(at, 0, `\u001b]0;title\u0007\u202e${text}`);
        const document = documentOf(lines.join('\n'), text);
        expect(document).not.toMatch(harmful);
        expect(document.length).toBeLessThan(100_000);
      }),
      { numRuns: 20 },
    );
  }, 30_000);
});

describe('the document about one event', () => {
  it('has no raw text, and names the host', () => {
    const finder = new LogFinder();
    finder.take(logOf('global-plain'));
    const [event] = finder.end('x').events;
    if (event === undefined) throw new Error('no event');
    const document = oomEventDocument('web-1', { event }, english);
    expect(document).toMatch(/^OOM kill on web-1\n=+\n\nKilled: jupyter-noteboo \(pid 882\)\n/);
    expect(document).not.toContain('Raw text');
  });
});

describe('a table in plain text', () => {
  it('leaves out columns that no row tells, and marks what one row does not tell', () => {
    const rows = [
      { name: 'a', size: 5 },
      { name: 'long', size: undefined },
    ];
    const columns = [
      { title: 'name', text: ({ name }: (typeof rows)[number]) => name },
      { title: 'none', text: () => undefined },
      { title: 'size', text: ({ size }: (typeof rows)[number]) => size?.toString(), right: true as const },
    ];
    expect(textTable(columns, rows)).toEqual(['name  size', '----  ----', 'a        5', 'long     –']);
  });
});

describe('wrapping', () => {
  it('breaks at blanks, and leaves longer words whole', () => {
    expect(wrapped('aa bb cccccccc d', 5)).toEqual(['aa bb', 'cccccccc', 'd']);
    expect(wrapped('', 5)).toEqual(['']);
  });
});
