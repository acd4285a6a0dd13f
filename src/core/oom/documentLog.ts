import type { DocumentedEvent, LogFindings } from './document';
import type { OomEvent } from './event';
import { LogLines } from './logLines';
import { OomReader } from './reader';

/** So many events are listed, and so many of those are kept whole: a log of a host that is killed over and over is long. */
const mostListed = 1000;
const mostDetailed = 20;

/** The lines that went by last, from which an event's own are taken. */
const keptLines = 4000;
const keptCharacters = 4_000_000;
const mostRawLines = 600;

/** Before a kill whose report is cut. */
const linesBefore = 20;

interface Listed {
  event: OomEvent;
  firstLine: number;
  raw: string[] | undefined;
}

/** Reads a log in pieces of text, and keeps what the document about it needs: bounded, however long the log is. */
export class LogFinder {
  private readonly listed = new Map<string, Listed>();
  private earlierEvents = 0;
  private count = 0;
  /** The line with number `count - recent.length` is first. */
  private recent: string[] = [];
  private recentCharacters = 0;
  private readonly reader = new OomReader((event) => this.note(event));
  private readonly lines = new LogLines((line) => this.push(line));

  /** A piece of the log, cut anywhere. */
  take(text: string): void {
    this.lines.push(text);
  }

  /** @param source where the log comes from, in words. */
  end(source: string): LogFindings {
    this.lines.end();
    this.reader.end();
    const events = [...this.listed.values()];
    return {
      source,
      lines: this.count,
      events: events.map(({ event }) => event),
      earlierEvents: this.earlierEvents,
      detailed: events
        .slice(-mostDetailed)
        .map(({ event, raw }): DocumentedEvent => (raw === undefined ? { event } : { event, raw })),
    };
  }

  private push(line: string): void {
    this.count += 1;
    this.recent.push(line);
    this.recentCharacters += line.length;
    if (this.recent.length > 2 * keptLines || this.recentCharacters > 2 * keptCharacters) this.forget();
    this.reader.push(line);
  }

  /** Keeps the second half, so that this is rarely done. */
  private forget(): void {
    let kept = 0;
    let from = this.recent.length;
    while (from > 0 && this.recent.length - from < keptLines && kept < keptCharacters) {
      from -= 1;
      kept += this.recent[from]?.length ?? 0;
    }
    this.recent = this.recent.slice(from);
    this.recentCharacters = kept;
  }

  private note(event: OomEvent): void {
    const key = [event.host, event.bootId, event.boot, event.id].join(' ');
    const known = this.listed.get(key);
    if (known !== undefined) {
      known.event = event;
      known.raw = this.rawFrom(known.firstLine);
      return;
    }
    const firstLine = this.firstLineOf(event);
    this.listed.set(key, { event, firstLine, raw: this.rawFrom(firstLine) });
    this.bound();
  }

  private bound(): void {
    const entries = [...this.listed.values()];
    const whole = entries.at(-1 - mostDetailed);
    if (whole !== undefined) {
      whole.raw = undefined;
      whole.event = withoutBulk(whole.event);
    }
    const [oldest] = this.listed.keys();
    if (entries.length <= mostListed || oldest === undefined) return;
    this.listed.delete(oldest);
    this.earlierEvents += 1;
  }

  /** The line with the event's header; without one, some lines before this one. */
  private firstLineOf({ kind, trigger }: OomEvent): number {
    if (kind !== 'kernel' || trigger === undefined)
      return Math.max(0, this.count - (kind === 'kernel' ? linesBefore : 3));
    const words = `${trigger.name} invoked oom-killer`;
    const base = this.count - this.recent.length;
    for (let index = this.recent.length - 1; index >= 0; index--) {
      if (this.recent[index]?.includes(words) === true) return base + index;
    }
    return Math.max(0, this.count - linesBefore);
  }

  private rawFrom(firstLine: number): string[] {
    const base = this.count - this.recent.length;
    const start = Math.max(0, firstLine - base);
    return this.recent.slice(start, start + mostRawLines).map(copyOf);
  }
}

/** The same line without the piece of the log that it was cut from, which an engine keeps as long as the line. */
function copyOf(line: string): string {
  return ` ${line}`.slice(1);
}

/** What the overview tells. */
function withoutBulk(event: OomEvent): OomEvent {
  const { memory, cgroupMemory, tasks, ...rest } = event;
  return memory === undefined && cgroupMemory === undefined && tasks === undefined ? event : rest;
}
