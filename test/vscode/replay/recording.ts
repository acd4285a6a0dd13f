import fs from 'node:fs';
import path from 'node:path';
import { MovingText } from './movingText';

/** A file as the remote program is told to read it: the first fields of the lines wanted, or a pattern of the others. */
export interface Wanted {
  readonly path: string;
  readonly keep: readonly string[];
  readonly drop: RegExp | undefined;
}

/** A fixture of a host at two moments (`later/`), carried on for as long as somebody asks. */
export class Recording {
  /** First field of `/proc/uptime` at the first moment, in ms. */
  readonly startMs: number;
  private readonly spanMs: number;
  private readonly texts = new Map<string, MovingText | undefined>();

  /** @throws {Error} where the fixture does not have both moments. */
  constructor(private readonly folder: string) {
    this.startMs = this.uptimeMs('proc/uptime');
    this.spanMs = this.uptimeMs('later/proc/uptime') - this.startMs;
  }

  /** What is read of a file at that uptime; undefined where it was not recorded. */
  textOf(wanted: Wanted, uptimeMs: number): string | undefined {
    const key = `${wanted.path} ${wanted.keep.join(' ')}`;
    if (!this.texts.has(key)) this.texts.set(key, this.load(wanted));
    return this.texts.get(key)?.at((uptimeMs - this.startMs) / this.spanMs);
  }

  private load({ path: name, keep, drop }: Wanted): MovingText | undefined {
    const chosen = (text: string): string => {
      const isWanted = (line: string): boolean =>
        keep.length > 0 ? keep.includes(line.trim().split(/\s+/)[0] ?? '') : drop?.test(line) !== true;
      return text.replace(/.*\n/g, (line) => (isWanted(line) ? line : ''));
    };
    const before = this.read(name);
    const after = this.read(path.join('later', name)) ?? before;
    return before === undefined || after === undefined
      ? undefined
      : new MovingText(name, chosen(before), chosen(after));
  }

  private uptimeMs(name: string): number {
    const seconds = Number(this.read(name)?.split(' ')[0]);
    if (!Number.isFinite(seconds)) throw new Error(`${this.folder} has no ${name}`);
    return Math.round(seconds * 1000);
  }

  private read(name: string): string | undefined {
    const file = path.join(this.folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
  }
}
