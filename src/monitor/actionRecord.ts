import { constants } from 'node:fs';
import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { readRecordLine, recordLine, type ActionRecord } from '../core/actions/record';

/** A file that has reached this gets no more lines: the next one begins. */
const longestFileBytes = 10 * 1024 * 1024;

/** So many files are kept. */
const filesKept = 5;

/** `actions-000007.jsonl` */
const fileName = /^actions-(\d{6})\.jsonl$/;

const lineFeed = 0x0a;

/** So much is read at once, from the end of a file backwards. */
const blockBytes = 64 * 1024;

export interface ActionRecordOptions {
  readonly longestFileBytes?: number;
  readonly filesKept?: number;
}

/**
 * The record of all actions, as lines of JSON in a folder: one when an action is about to be sent and one when it has ended, so
 * that a window that is closed in between has lost nothing. Several windows write to it at the same time: each line is one
 * write at the end of the file (O_APPEND), and a full file is not renamed but left for one with the next number, which
 * whoever comes first makes.
 */
export class ActionRecordFile {
  constructor(
    private readonly folder: string,
    private readonly options: ActionRecordOptions = {},
  ) {}

  /**
   * Writes one line; it is on the disk when this has resolved. The folder is made where it is missing, for its owner alone.
   * @returns path of the file that it stands in.
   * @throws {NodeJS.ErrnoException} where the folder or the file cannot be written.
   */
  async append(record: ActionRecord): Promise<string> {
    const { longestFileBytes: longest = longestFileBytes, filesKept: kept = filesKept } = this.options;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const numbers = await this.numbers();
    const last = numbers.at(-1) ?? 1;
    let file = await this.openToAppend(last);
    try {
      if ((await file.stat()).size >= longest) {
        await file.close();
        file = await this.openToAppend(last + 1);
        await this.removeOlderThan(last + 1 - kept, numbers);
        await this.write(file, record);
        return this.pathOf(last + 1);
      }
      await this.write(file, record);
      return this.pathOf(last);
    } finally {
      await file.close();
    }
  }

  /**
   * The newest actions, oldest first, each as the last of its lines tells it. A line that was cut off or is none of ours is
   * left out.
   * @throws {NodeJS.ErrnoException} where a file is there and cannot be read. No file at all: no records.
   */
  async newest(most: number): Promise<ActionRecord[]> {
    const found = new Map<string, ActionRecord>();
    for (const number of (await this.numbers()).reverse()) {
      if (found.size >= most) break;
      await addNewestOf(this.pathOf(number), most, found);
    }
    return [...found.values()].reverse();
  }

  /** The file that the next line goes into, or the one before it; undefined: nothing was written yet. */
  async newestFile(): Promise<string | undefined> {
    const last = (await this.numbers()).at(-1);
    return last === undefined ? undefined : this.pathOf(last);
  }

  private pathOf(number: number): string {
    return path.join(this.folder, `actions-${String(number).padStart(6, '0')}.jsonl`);
  }

  /** Numbers of the files that are there, in ascending order. */
  private async numbers(): Promise<number[]> {
    const names = await readdir(this.folder).catch(ifMissing<string[]>([]));
    return names
      .flatMap((name) => fileName.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((one, other) => one - other);
  }

  /** A link in its place is not followed. Windows has no such flag. */
  private async openToAppend(number: number): Promise<FileHandle> {
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants as Partial<typeof constants>;
    const flags = (O_RDWR ?? 0) | (O_APPEND ?? 0) | (O_CREAT ?? 0) | (O_NOFOLLOW ?? 0);
    return open(this.pathOf(number), flags, 0o600);
  }

  private async write(file: FileHandle, record: ActionRecord): Promise<void> {
    const isNew = (await file.stat()).size === 0;
    await appendLine(file, recordLine(record));
    if (isNew) await syncFolder(this.folder);
  }

  private async removeOlderThan(oldest: number, numbers: readonly number[]): Promise<void> {
    const old = numbers.filter((number) => number <= oldest);
    // Another window may have done so.
    await Promise.all(old.map((number) => unlink(this.pathOf(number)).catch(ifMissing(undefined))));
  }
}

/** A file that was made has its name on the disk as well. Windows opens no folder, and needs none of it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** A line that a crash cut off is ended first, so that it does not spoil this one. */
async function appendLine(file: FileHandle, line: string): Promise<void> {
  const { size } = await file.stat();
  const last = Buffer.alloc(1);
  const { bytesRead } = size > 0 ? await file.read(last, 0, 1, size - 1) : { bytesRead: 0 };
  const whole = Buffer.from(bytesRead === 1 && last[0] !== lineFeed ? `\n${line}` : line);
  const { bytesWritten } = await file.write(whole);
  if (bytesWritten < whole.length)
    throw new Error(`Only ${bytesWritten} of ${whole.length} bytes were written: the disk may be full.`);
  await file.datasync();
}

/** Adds the last line of each action in a file, newest first, until there are so many. */
async function addNewestOf(file: string, most: number, found: Map<string, ActionRecord>): Promise<void> {
  const handle = await open(file, 'r').catch(ifMissing(undefined));
  if (!handle) return;
  try {
    /** The beginning of a line whose rest has been read; bytes, since a character may be cut in two. */
    let rest: Buffer[] = [];
    let end = (await handle.stat()).size;
    while (end > 0 && found.size < most) {
      const start = Math.max(0, end - blockBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      const block = buffer.subarray(0, bytesRead);
      const firstEnd = block.indexOf(lineFeed);
      end = start;
      if (firstEnd < 0 && start > 0) {
        rest.unshift(block);
        continue;
      }
      const from = start === 0 ? 0 : firstEnd + 1;
      const text = Buffer.concat([block.subarray(from), ...rest]).toString('utf8');
      rest = [block.subarray(0, from)];
      const records = text.split('\n').flatMap((line) => readRecordLine(line) ?? []);
      for (const record of records.reverse())
        if (found.size < most && !found.has(record.id)) found.set(record.id, record);
    }
  } finally {
    await handle.close();
  }
}

/** Stands for a file or folder that is not there. */
function ifMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return instead;
    throw error;
  };
}
