import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/paths.mjs';

const corpus = path.join(root, 'test', 'fixtures', 'oom');
const folder = mkdtempSync(path.join(tmpdir(), 'headless-oom-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly errors: string;
  readonly printed: {
    readonly events: readonly Record<string, unknown>[];
    readonly problems: readonly string[];
  };
}

/** @param input written to standard input. */
async function oom(file: string, input: Buffer | string = ''): Promise<Outcome> {
  const child = spawn('npm', ['run', '-s', 'headless', '--', 'oom', file], { cwd: root, stdio: 'pipe' });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  // It may have ended before it has read all.
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors, printed: JSON.parse(out) as Outcome['printed'] };
}

function written(name: string, content: Buffer | string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('headless oom', () => {
  const log = path.join(corpus, 'global-plain', 'kmsg.txt');

  it('prints the events of a file', async () => {
    const { code, errors, printed } = await oom(log);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(printed).toMatchObject({
      events: [
        {
          kernelTime: 85.283745,
          kind: 'kernel',
          scope: 'global',
          trigger: { name: 'containerd', pid: 328, order: 0 },
          victims: [{ pid: 882, name: 'jupyter-noteboo', uid: 0, oomScoreAdj: 0 }],
          complete: true,
          missing: [],
        },
      ],
      problems: [],
    });
    expect(printed.events[0]).not.toHaveProperty('time');
  });

  it('prints those of standard input, in UTF-8 and UTF-16', async () => {
    const expected = (await oom(log)).printed;
    const text = readFileSync(log, 'utf8');
    expect((await oom('-', text)).printed).toEqual(expected);
    expect((await oom('-', Buffer.from(`\ufeff${text}`, 'utf16le'))).printed).toEqual(expected);
  });

  it('prints no event of a log without one', async () => {
    expect(await oom('-', '[    1.000000] a page allocation failure: order:0\n')).toEqual({
      code: 0,
      errors: '',
      printed: { events: [], problems: [] },
    });
  });

  it.each([
    ['is missing', () => path.join(folder, 'none'), /no such file/],
    ['is a directory', () => folder, /is a directory/],
    ['is empty', () => written('empty', ''), /is empty/],
    ['is compressed', () => written('log.gz', gzipSync('[    1.000000] a\n')), /gzip -dc/],
    ['is not text', () => written('binary', Buffer.alloc(4096, 3)), /is not text/],
  ])('says so where the log %s', async (_, file, reason) => {
    const { code, errors, printed } = await oom(file());
    expect(code).toBe(1);
    expect(errors).toMatch(reason);
    expect(errors.trimEnd().split('\n')).toEqual(printed.problems);
    expect(printed.events).toEqual([]);
  });

  it('reads on behind a line that is too long, and says so', async () => {
    const text = `${'x'.repeat(1_000_000)}\n${readFileSync(log, 'utf8')}`;
    const { code, printed } = await oom('-', text);
    expect(code).toBe(1);
    expect(printed.events).toHaveLength(1);
    expect(printed.problems).toEqual([expect.stringContaining('64 KiB')]);
  });
});
