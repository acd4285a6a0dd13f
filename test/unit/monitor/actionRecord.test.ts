import { execFile } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordLine, type ActionRecord } from '../../../src/core/actions/record';
import { ActionRecordFile } from '../../../src/monitor/actionRecord';

let folder: string;

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'action-record-')), 'record');
});

afterEach(async () => {
  await rm(path.dirname(folder), { recursive: true, force: true });
});

let records = 0;

function record(host: string, name = 'web'): ActionRecord {
  return {
    version: 1,
    id: `action-${records++}`,
    stage: 'ended',
    time: '2026-01-02T03:04:05.678Z',
    endedAt: '2026-01-02T03:04:06.000Z',
    host,
    action: 'kill-containers',
    confirmedBy: { user: 'me' },
    targets: [{ kind: 'container', id: 'a'.repeat(64), name, outcome: 'done' }],
  };
}

/** Bundles a program that imports from the project's own sources. */
async function bundleOf(outfile: string, contents: string): Promise<void> {
  await build({
    stdin: { contents, resolveDir: path.resolve(import.meta.dirname, '../../..'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
}

const hostsOf = (records: readonly ActionRecord[]): string[] => records.map(({ host }) => host);

describe('the record of actions in a folder', () => {
  it('is read back, oldest first', async () => {
    const file = new ActionRecordFile(folder);
    expect(await file.newest(10)).toEqual([]);
    expect(await file.newestFile()).toBeUndefined();
    const written = ['one', 'two', 'three'].map((host) => record(host));
    for (const one of written) await file.append(one);
    expect(await file.newest(10)).toEqual(written);
    expect(hostsOf(await file.newest(2))).toEqual(['two', 'three']);
    expect(await file.newest(0)).toEqual([]);
    expect(await new ActionRecordFile(folder).newestFile()).toBe(await file.append(record('four')));
  });

  it('has of each action what was written last, be it that it has only begun', async () => {
    const file = new ActionRecordFile(folder, { longestFileBytes: 700 });
    const [first, second, third] = ['one', 'two', 'three'].map((host) => record(host));
    if (!first || !second || !third) throw new Error('three records');
    const began = { ...second, stage: 'begun' } as const;
    for (const one of [{ ...first, stage: 'begun' } as const, began, third, first]) await file.append(one);
    expect((await readdir(folder)).length).toBeGreaterThan(1);
    expect(await file.newest(10)).toEqual([began, third, first]);
    expect(await file.newest(2)).toEqual([third, first]);
  });

  it('keeps what was written before a process that writes is killed', async () => {
    const script = path.join(path.dirname(folder), 'killed.mjs');
    await bundleOf(
      script,
      `
        import { ActionRecordFile } from './src/monitor/actionRecord';
        const [folder, text] = process.argv.slice(2);
        await new ActionRecordFile(folder).append(JSON.parse(text));
        process.kill(process.pid, 'SIGKILL');
      `,
    );
    const began = { ...record('one'), stage: 'begun' } as const;
    const ended = promisify(execFile)(process.execPath, [script, folder, JSON.stringify(began)]);
    await expect(ended).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(await new ActionRecordFile(folder).newest(10)).toEqual([began]);
  });

  it('is for its owner alone', async () => {
    const written = await new ActionRecordFile(folder).append(record('one'));
    expect((await stat(written)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('takes names of any kind', async () => {
    const file = new ActionRecordFile(folder);
    const names = [`a"'\n\r\0\u2028\u202e$(id)`, '</script>', '\ud800', 'ü'.repeat(50_000)];
    for (const name of names) await file.append(record('host', name));
    expect((await file.newest(10)).map(({ targets }) => targets[0]?.name)).toEqual(names);
    const written = await readFile(path.join(folder, 'actions-000001.jsonl'), 'utf8');
    expect(written.split('\n')).toHaveLength(names.length + 1);
  });

  it('skips a line that a crash cut off, and keeps what is written after it', async () => {
    const file = new ActionRecordFile(folder);
    const written = await file.append(record('one'));
    await appendFile(written, recordLine(record('cut')).slice(0, 40));
    expect(hostsOf(await file.newest(10))).toEqual(['one']);
    await file.append(record('two'));
    expect(hostsOf(await file.newest(10))).toEqual(['one', 'two']);
    expect((await readFile(written, 'utf8')).split('\n')).toHaveLength(4);
  });

  it.each([1, 30, 63, 64, 65, 200])(
    'reads lines across its blocks of 64 KiB, with names of %i KiB',
    async (size) => {
      const file = new ActionRecordFile(folder);
      const names = Array.from({ length: 5 }, (_none, index) => `${index}${'ü'.repeat(size * 512)}`);
      for (const name of names) await file.append(record('host', name));
      expect((await file.newest(10)).map(({ targets }) => targets[0]?.name)).toEqual(names);
      expect((await file.newest(2)).map(({ targets }) => targets[0]?.name)).toEqual(names.slice(-2));
    },
  );

  it('skips garbage of any size', async () => {
    const file = new ActionRecordFile(folder);
    const written = await file.append(record('one'));
    await appendFile(written, `${'x'.repeat(300_000)}\n{}\n[]\n\n`);
    await file.append(record('two'));
    expect(hostsOf(await file.newest(10))).toEqual(['one', 'two']);
  });

  it('begins another file where one is full, keeps so many, and reads across them', async () => {
    const file = new ActionRecordFile(folder, { longestFileBytes: 600, filesKept: 3 });
    for (let index = 0; index < 20; index++) await file.append(record(String(index)));
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(3);
    const kept = hostsOf(await file.newest(100));
    expect(kept.at(-1)).toBe('19');
    expect(kept.length).toBeGreaterThan(4);
    expect(kept).toEqual(
      Array.from({ length: kept.length }, (_none, index) => String(20 - kept.length + index)),
    );
    expect(hostsOf(await file.newest(4))).toEqual(['16', '17', '18', '19']);
  });

  it('leaves other files in the folder alone', async () => {
    const file = new ActionRecordFile(folder, { longestFileBytes: 1, filesKept: 1 });
    await file.append(record('one'));
    await writeFile(path.join(folder, 'actions-notes.jsonl'), 'mine');
    for (const host of ['two', 'three']) await file.append(record(host));
    expect((await readdir(folder)).sort()).toEqual(['actions-000003.jsonl', 'actions-notes.jsonl']);
    expect(hostsOf(await file.newest(10))).toEqual(['three']);
  });

  it('does not follow a link that stands in its place', async () => {
    const file = new ActionRecordFile(folder);
    const written = await file.append(record('one'));
    const elsewhere = path.join(path.dirname(folder), 'elsewhere');
    await rm(written);
    await writeFile(elsewhere, 'mine\n');
    await symlink(elsewhere, written);
    await expect(file.append(record('two'))).rejects.toThrow('ELOOP');
    expect(await readFile(elsewhere, 'utf8')).toBe('mine\n');
  });

  it('says where it cannot be written', async () => {
    await writeFile(folder, 'a file, no folder');
    await chmod(folder, 0o600);
    await expect(new ActionRecordFile(folder).append(record('one'))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  it('loses no line where several windows write and begin new files at the same time', async () => {
    const bundle = path.join(path.dirname(folder), 'writer.mjs');
    await bundleOf(
      bundle,
      `
        import { ActionRecordFile } from './src/monitor/actionRecord';
        const [folder, window, record] = process.argv.slice(2);
        const file = new ActionRecordFile(folder, { longestFileBytes: 20000, filesKept: 1000 });
        for (let index = 0; index < 100; index++)
          await file.append({ ...JSON.parse(record), id: window + '-' + index, host: window + '-' + index });
      `,
    );
    const windows = ['w1', 'w2', 'w3'];
    const text = JSON.stringify(record('host', 'x'.repeat(500)));
    await Promise.all(
      windows.map((window) => promisify(execFile)(process.execPath, [bundle, folder, window, text])),
    );
    const found = hostsOf(await new ActionRecordFile(folder).newest(1000));
    expect(found).toHaveLength(300);
    for (const window of windows) {
      const own = found.filter((host) => host.startsWith(`${window}-`));
      expect(own).toEqual(Array.from({ length: 100 }, (_none, index) => `${window}-${index}`));
    }
    expect((await readdir(folder)).length).toBeGreaterThan(5);
  });
});
