import { constants, watch, type FSWatcher, type Stats } from 'node:fs';
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { HostOomEvent } from '../core/oomEvents/hostEvent';
import { isKey, keptText, mergedEvent, readKeptEvent } from '../core/oomEvents/keptEvent';
import { AtMost } from './atMost';
import { NewestTables, withoutTable } from './newestTables';
import type { OomStore, OomStoreChange } from './oomStore';
import { syncFolder, writeWhole } from './wholeFile';

/** A file that is larger is none of ours. */
const longestFileBytes = 16 * 1024 * 1024;

/** So many events and so many marks of cleared ones are kept; the oldest go first. */
const mostEvents = 1000;
const mostCleared = 2000;
/** Of so many the table of tasks is kept. */
const mostTables = 50;
/** They are counted now and then only: so many more may be there. */
const countEvery = 50;

/** What a window that ended in the middle of writing has left is removed when it is so old, in ms. */
const leftoverMs = 60_000;

/** News of other windows are gathered for so long, and looked for so often where nobody tells of them; ms. */
const gatherMs = 200;
const pollMs = 5000;

/** So many files are read or written at a time. */
const atOnce = 8;

/** What a file was when it was read or written last. */
interface Known {
  readonly stamp: string;
  /** For the age of one without a time. */
  readonly changedMs: number;
  readonly atMs: number | undefined;
  readonly hasTable: boolean;
}

/**
 * The events of one host as files in a folder, `<key>.json` each, for any number of windows. Before one is written, what it says
 * already is merged in. A cleared
 * event leaves `<key>.cleared`, an empty file, which outweighs the other one.
 */
export class OomEventFiles implements OomStore {
  private readonly known = new Map<string, Known>();
  private readonly clearedKeys = new Set<string>();
  private readonly turns = new AtMost(atOnce);
  /** The last write of each key that is under way: one after the other. */
  private readonly writing = new Map<string, Promise<void>>();
  private written = 0;
  private trimming: Promise<void> | undefined;

  constructor(private readonly folder: string) {}

  /** @throws {NodeJS.ErrnoException} where the folder is there and cannot be read. */
  async load(): Promise<readonly HostOomEvent[]> {
    const names = await this.names();
    await this.removeLeftovers(names);
    this.noteCleared(names);
    const events = await this.readEach(keysOf(names, '.json'), (key) => this.read(key));
    if (this.withTables().length > mostTables + countEvery) void this.trim().catch(() => undefined); // the next one tries again
    return events;
  }

  /** @throws {NodeJS.ErrnoException} where it cannot be written. */
  put(event: HostOomEvent): Promise<void> {
    return this.inTurn(event.key, () => this.write(event));
  }

  private inTurn(key: string, write: () => Promise<void>): Promise<void> {
    const before = this.writing.get(key) ?? Promise.resolve();
    const done = before.catch(() => undefined).then(() => this.turns.run(write));
    this.writing.set(key, done);
    const forget = (): void => {
      if (this.writing.get(key) === done) this.writing.delete(key);
    };
    done.then(forget, forget);
    return done;
  }

  /** @throws {NodeJS.ErrnoException} where the folder cannot be written. */
  async clear(events: readonly HostOomEvent[]): Promise<void> {
    await this.makeFolder();
    for (const { key } of events) this.clearedKeys.add(key);
    await Promise.all(events.map(({ key }) => this.turns.run(() => this.markCleared(key))));
    await syncFolder(this.folder);
    await this.trim();
  }

  isCleared({ key }: Pick<HostOomEvent, 'key'>): boolean {
    return this.clearedKeys.has(key);
  }

  onChange(listener: (change: OomStoreChange) => void): () => void {
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let watcher: FSWatcher | undefined;
    const look = async (): Promise<void> => {
      const change = await this.changes().catch(() => undefined); // the folder may come back
      if (over.signal.aborted || !change) return;
      if (change.events.length + change.cleared.length > 0) listener(change);
    };
    const soon = (ms: number, then?: () => void): void => {
      if (over.signal.aborted) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void look().finally(then);
      }, ms);
      timer.unref();
    };
    const poll = (): void => soon(pollMs, poll);
    const follow = async (): Promise<void> => {
      await this.makeFolder();
      if (over.signal.aborted) return;
      watcher = watch(this.folder, { persistent: false }, () => soon(gatherMs));
      watcher.on('error', () => {
        watcher?.close();
        poll();
      });
      soon(gatherMs); // what came between `load` and now
    };
    follow().catch(poll);
    return () => {
      over.abort();
      clearTimeout(timer);
      watcher?.close();
    };
  }

  /** What the folder holds that was not read or written here. */
  private async changes(): Promise<OomStoreChange> {
    const names = await this.names();
    const cleared = this.noteCleared(names);
    const events = await this.readEach(keysOf(names, '.json'), (key) => this.readIfChanged(key));
    return { events, cleared };
  }

  /** With the tables of the newest ones only, also while they are read: all of them would be hundreds of MB. */
  private async readEach(
    keys: readonly string[],
    read: (key: string) => Promise<HostOomEvent | undefined>,
  ): Promise<readonly HostOomEvent[]> {
    const events = new NewestTables(mostTables);
    const readOne = async (key: string): Promise<void> => {
      const event = await read(key);
      if (event) events.add(event, this.ageOf(key));
    };
    await Promise.all(keys.map((key) => this.turns.run(() => readOne(key))));
    return events.all;
  }

  private async names(): Promise<readonly string[]> {
    return readdir(this.folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
  }

  /** @returns those that were not known. */
  private noteCleared(names: readonly string[]): readonly string[] {
    const fresh = keysOf(names, '.cleared').filter((key) => !this.clearedKeys.has(key));
    for (const key of fresh) this.clearedKeys.add(key);
    return fresh;
  }

  private async readIfChanged(key: string): Promise<HostOomEvent | undefined> {
    if (this.writing.has(key)) return undefined; // what is there is merged in
    const now = await stat(this.fileOf(key)).catch(() => undefined);
    if (!now || this.known.get(key)?.stamp === stampOf(now)) return undefined;
    return this.read(key);
  }

  /** @returns undefined where there is none, and where it is none of ours or was cleared. */
  private async read(key: string): Promise<HostOomEvent | undefined> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants as Partial<typeof constants>;
    const flags = (O_RDONLY ?? 0) | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
    const file = await open(this.fileOf(key), flags).catch(() => undefined);
    if (!file) return undefined;
    try {
      const stats = await file.stat();
      const event =
        stats.isFile() && stats.size <= longestFileBytes
          ? readKeptEvent(await file.readFile('utf8'), key)
          : undefined;
      this.know(key, stats, event);
      return event && !this.clearedKeys.has(key) ? event : undefined;
    } catch {
      return undefined;
    } finally {
      await file.close().catch(() => undefined);
    }
  }

  private async write(event: HostOomEvent): Promise<void> {
    const { key } = event;
    if (!isKey(key)) throw new Error(`not a name of an event: ${JSON.stringify(key.slice(0, 100))}`);
    if (this.clearedKeys.has(key)) return;
    const kept = await this.read(key);
    const whole = kept ? mergedEvent(kept, event) : event;
    if (whole === kept) return;
    await this.makeFolder();
    await this.replace(whole);
    if (!kept) await syncFolder(this.folder);
    if (++this.written % countEvery === 0) void this.trim().catch(() => undefined); // the next one tries again
  }

  private async replace(event: HostOomEvent): Promise<void> {
    const { key } = event;
    const stats = await writeWhole(this.fileOf(key), path.join(this.folder, key), keptText(event));
    this.know(key, stats, event);
  }

  private async dropTable(key: string): Promise<void> {
    const kept = await this.read(key);
    if (kept?.event.tasks) await this.replace(withoutTable(kept));
  }

  private know(key: string, stats: Stats, event: HostOomEvent | undefined): void {
    const { atMs, event: { tasks } = {} } = event ?? {};
    this.known.set(key, {
      stamp: stampOf(stats),
      changedMs: stats.mtimeMs,
      atMs,
      hasTable: tasks !== undefined,
    });
  }

  /** When it happened, else when it was written; ms since the epoch. */
  private ageOf(key: string): number {
    const known = this.known.get(key);
    return known?.atMs ?? known?.changedMs ?? 0;
  }

  private withTables(): string[] {
    return [...this.known].filter(([, { hasTable }]) => hasTable).map(([key]) => key);
  }

  private async markCleared(key: string): Promise<void> {
    if (!isKey(key)) return;
    const mark = await open(path.join(this.folder, `${key}.cleared`), 'a', 0o600);
    await mark.close();
    await unlink(this.fileOf(key)).catch(() => undefined);
    this.known.delete(key);
  }

  /** Removes what is more than may be kept, events and their tables, the oldest first. */
  private trim(): Promise<void> {
    this.trimming ??= this.removeOldest().finally(() => (this.trimming = undefined));
    return this.trimming;
  }

  private async removeOldest(): Promise<void> {
    const names = await this.names();
    const keys = keysOf(names, '.json');
    if (keys.length > mostEvents) {
      for (const key of keys) if (!this.known.has(key)) await this.read(key);
      for (const key of this.oldestFirst(keys).slice(0, -mostEvents)) {
        await unlink(this.fileOf(key)).catch(() => undefined);
        this.known.delete(key);
      }
    }
    for (const key of this.oldestFirst(this.withTables()).slice(0, -mostTables))
      await this.inTurn(key, () => this.dropTable(key)).catch(() => undefined);
    const cleared = keysOf(names, '.cleared');
    if (cleared.length <= mostCleared) return;
    const marks = await Promise.all(
      cleared.map(async (key) => {
        const file = path.join(this.folder, `${key}.cleared`);
        return { file, changedMs: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 };
      }),
    );
    for (const { file } of marks.sort((one, other) => one.changedMs - other.changedMs).slice(0, -mostCleared))
      await unlink(file).catch(() => undefined);
  }

  private oldestFirst(keys: readonly string[]): readonly string[] {
    return [...keys].sort((one, other) => this.ageOf(one) - this.ageOf(other));
  }

  private async removeLeftovers(names: readonly string[]): Promise<void> {
    for (const name of names.filter((one) => one.endsWith('.tmp'))) {
      const file = path.join(this.folder, name);
      const stats = await stat(file).catch(() => undefined);
      if (stats && Date.now() - stats.mtimeMs > leftoverMs) await unlink(file).catch(() => undefined);
    }
    // Cleared by a window that ended between the two steps, or put again by one that did not know.
    const cleared = new Set(keysOf(names, '.cleared'));
    for (const key of keysOf(names, '.json'))
      if (cleared.has(key)) await unlink(this.fileOf(key)).catch(() => undefined);
  }

  private async makeFolder(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  private fileOf(key: string): string {
    return path.join(this.folder, `${key}.json`);
  }
}

/** Of the files that end so; others have no business here. */
function keysOf(names: readonly string[], ending: string): string[] {
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .filter(isKey);
}

/** Another one after each write: a renamed file is another file. */
function stampOf({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): string {
  return `${ino} ${size} ${mtimeMs}`;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
