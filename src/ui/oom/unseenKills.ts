import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import { killsOf } from './eventFacts';

/** Where it is remembered over restarts, e.g. in a Memento. */
export interface Remembered {
  /** All marks, by host. */
  get(): unknown;
  set(target: string, mark: unknown): void;
}

interface HostMark {
  /** Kills up to here, ms since the epoch by our clock, have been seen or were there before the first attach. */
  readonly upToMs: number;
  /** Of events that nobody has seen yet. */
  readonly keys: ReadonlySet<string>;
  /** Of later events that have been seen before all that came until then were. */
  readonly seen: ReadonlySet<string>;
}

const mostKeys = 1000;

/** Which kills nobody has looked at yet: those that came live, and those since the window was closed. */
export class UnseenKills {
  private readonly marks: Map<string, HostMark>;
  /** Events that were judged already: that more is known of one makes it no news. */
  private readonly judged = new Set<string>();

  constructor(private readonly memory: Remembered) {
    this.marks = marksOf(memory.get());
  }

  /** A host is attached: kills before the very first time are no news. */
  attach(target: string, nowMs: number): void {
    const mark = this.marks.get(target) ?? {
      upToMs: nowMs,
      keys: new Set<string>(),
      seen: new Set<string>(),
    };
    this.put(target, mark);
  }

  /** @param isNews it has just happened. @returns whether it is one that nobody has seen. */
  note(target: string, event: HostOomEvent, isNews: boolean): boolean {
    const mark = this.marks.get(target);
    const id = `${target} ${event.key}`;
    if (!mark || killsOf(event) === 0 || this.judged.has(id)) return false;
    this.judged.add(id);
    if (mark.keys.has(event.key)) return true;
    if (mark.seen.has(event.key)) return false;
    if (!isNews && (event.atMs === undefined || event.atMs <= mark.upToMs)) return false;
    this.put(target, { ...mark, keys: new Set([...mark.keys, event.key].slice(-mostKeys)) });
    return true;
  }

  /**
   * Somebody has looked at these events of a host.
   * @param there all that the host has: others were cleared, or pushed out by newer ones.
   */
  see(target: string, events: Iterable<HostOomEvent>, there: ReadonlyMap<string, HostOomEvent>): void {
    const mark = this.marks.get(target);
    if (!mark) return;
    const looked = new Set([...events].map(({ key }) => key));
    const keys = new Set([...mark.keys].filter((key) => there.has(key) && !looked.has(key)));
    if (keys.size === mark.keys.size) return;
    const seen = new Map<string, number>();
    for (const key of [...mark.seen, ...mark.keys]) {
      const atMs = keys.has(key) ? undefined : there.get(key)?.atMs;
      if (atMs !== undefined && atMs > mark.upToMs) seen.set(key, atMs);
    }
    // Only what all of has been seen is behind the mark: an event that is told late may be older than one that was seen.
    if (keys.size > 0) this.put(target, { ...mark, keys, seen: new Set([...seen.keys()].slice(-mostKeys)) });
    else {
      const upToMs = [...seen.values()].reduce((latest, atMs) => Math.max(latest, atMs), mark.upToMs);
      this.put(target, { upToMs, keys, seen: new Set() });
    }
  }

  /** Of the events of a host, those that nobody has seen. */
  among(target: string, events: ReadonlyMap<string, HostOomEvent>): HostOomEvent[] {
    return [...(this.marks.get(target)?.keys ?? [])].flatMap((key) => events.get(key) ?? []);
  }

  isUnseen(target: string, key: string): boolean {
    return this.marks.get(target)?.keys.has(key) ?? false;
  }

  private put(target: string, mark: HostMark): void {
    this.marks.set(target, mark);
    this.memory.set(target, { upToMs: mark.upToMs, keys: [...mark.keys], seen: [...mark.seen] });
  }
}

/** What was remembered may be of an older version or broken. */
function marksOf(value: unknown): Map<string, HostMark> {
  const marks = new Map<string, HostMark>();
  if (typeof value !== 'object' || value === null) return marks;
  for (const [target, mark] of Object.entries(value) as [string, unknown][]) {
    if (typeof mark !== 'object' || mark === null || !('upToMs' in mark) || !('keys' in mark)) continue;
    const { upToMs, keys } = mark;
    if (typeof upToMs !== 'number' || !Number.isFinite(upToMs) || !Array.isArray(keys)) continue;
    const seen = 'seen' in mark && Array.isArray(mark.seen) ? mark.seen : [];
    marks.set(target, { upToMs, keys: textsOf(keys), seen: textsOf(seen) });
  }
  return marks;
}

function textsOf(values: readonly unknown[]): Set<string> {
  return new Set(values.filter((value) => typeof value === 'string').slice(-mostKeys));
}
