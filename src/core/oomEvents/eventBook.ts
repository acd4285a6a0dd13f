import type { OomEvent } from '../oom/event';
import { keyOf } from './eventKey';
import type { EventSource, HostOomEvent, WitnessedKills } from './hostEvent';
import { laterAftermath, merge } from './eventMerge';
import { isOverlap, isSameEvent } from './sameEvent';

/** A kill as one source tells of it. */
export interface FoundEvent {
  readonly event: OomEvent;
  readonly source: EventSource;
  readonly bootId: string | undefined;
  /** ms since the epoch by our clock, else by the log's; undefined: not known. */
  readonly atMs: number | undefined;
  /** Of the source `counters` alone. */
  readonly witnessed?: WitnessedKills;
}

export interface BookChange {
  readonly event: HostOomEvent;
  /** False: it was known, and more is known of it now. */
  readonly isNew: boolean;
  /** Counters told of several kills, one of which this event explains: what is left of that. */
  readonly also?: HostOomEvent;
}

/** Of so many of the newest events the table of tasks is kept: it is nearly all that an event weighs. */
const mostTables = 50;

/** The times of the log and of the samples, apart. */
const countedSlackMs = 2500;

/** The kills of one host, each once, however many sources tell of it. */
export class EventBook {
  readonly #events = new Map<string, HostOomEvent>();
  /** Keys by boot, so that a ring buffer full of kills is not compared each with each. */
  readonly #byPid = new Map<number, Set<string>>();
  #sorted: ReadonlyMap<string, HostOomEvent> | undefined;

  /** @param most beyond so many events, the oldest are forgotten. */
  constructor(private readonly most = 1000) {}

  /** By key, oldest first. */
  get events(): ReadonlyMap<string, HostOomEvent> {
    this.#sorted ??= new Map([...this.#events].sort(([, one], [, other]) => compareTimes(one, other)));
    return this.#sorted;
  }

  /** @returns undefined where it says nothing new, and where it is older than all that is kept. */
  add(found: FoundEvent): BookChange | undefined {
    const known = this.#find(found);
    if (known !== undefined) {
      const merged = merge(known, found, this.#countedBy(found));
      if (merged === undefined) return undefined;
      this.#put(merged);
      return { event: merged, isNew: false };
    }
    const counted = this.#countedAs(found);
    const kills = found.event.victims.length;
    if (counted?.witnessed && counted.witnessed.count <= kills) {
      const { key, bootId, atMs, sources, aftermath } = counted;
      const explained: HostOomEvent = {
        key,
        event: found.event,
        bootId,
        atMs: found.atMs ?? atMs,
        sources: [...sources, found.source],
        ...(aftermath && { aftermath }),
      };
      this.#put(explained);
      return { event: explained, isNew: false };
    }
    const { event, source, bootId, atMs, witnessed } = found;
    const added: HostOomEvent = {
      key: this.#freeKey(keyOf(found)),
      event,
      bootId,
      atMs,
      sources: [source],
      ...(witnessed && { witnessed }),
    };
    this.#put(added);
    const also = counted?.witnessed && {
      ...counted,
      witnessed: { ...counted.witnessed, count: counted.witnessed.count - kills },
    };
    if (also) this.#put(also);
    this.#forgetOldest();
    return this.#events.has(added.key) ? { event: added, isNew: true, ...(also && { also }) } : undefined;
  }

  /**
   * Takes in an event as another window, or this one before it was closed, has kept it.
   * @returns undefined where it says nothing new.
   */
  load(kept: HostOomEvent): BookChange | undefined {
    const [first, ...others] = kept.sources;
    if (first === undefined) return undefined;
    const ofKey = this.#events.get(kept.key);
    // What is known explains what the other window has only counted so far.
    if (ofKey && !ofKey.witnessed && kept.witnessed) return undefined;
    const known = this.#find(kept);
    if (known === undefined) {
      this.#put(kept);
      this.#forgetOldest();
      const isExplained = ofKey?.witnessed !== undefined && !kept.witnessed;
      return this.#events.has(kept.key) ? { event: kept, isNew: !isExplained } : undefined;
    }
    let merged = known;
    const counted = this.#countedBy(kept);
    for (const source of [first, ...others]) merged = merge(merged, { ...kept, source }, counted) ?? merged;
    const aftermath = laterAftermath(merged.aftermath, kept.aftermath);
    const before = merged.before ?? kept.before;
    if (merged === known && aftermath === known.aftermath && before === known.before) return undefined;
    merged = { ...merged, ...(aftermath && { aftermath }), ...(before && { before }) };
    this.#put(merged);
    return { event: merged, isNew: false };
  }

  /** Whether the kill is known, under whatever name. */
  has(found: FoundEvent): boolean {
    return this.#find(found) !== undefined;
  }

  /** @returns the event as it is now; undefined where there is none, and where nothing changes. */
  update(key: string, change: Pick<HostOomEvent, 'aftermath' | 'before'>): HostOomEvent | undefined {
    const known = this.#events.get(key);
    if (known === undefined) return undefined;
    const changed = { ...known, ...change };
    if (JSON.stringify(changed) === JSON.stringify(known)) return undefined;
    this.#put(changed);
    return changed;
  }

  remove(keys: Iterable<string>): void {
    for (const key of keys) {
      const event = this.#events.get(key);
      if (event === undefined) continue;
      this.#events.delete(key);
      this.#byPid.get(pidOf(event.event))?.delete(key);
      this.#sorted = undefined;
    }
  }

  #find(found: Pick<FoundEvent, 'event' | 'bootId' | 'atMs' | 'witnessed'>): HostOomEvent | undefined {
    const pid = pidOf(found.event);
    // A notice of a runtime and a report that is cut off name no victim, and are compared with all.
    const keys =
      pid === 0 && !found.witnessed ? this.#events.keys() : [...this.#keysOf(pid), ...this.#keysOf(0)];
    for (const key of keys) {
      const known = this.#events.get(key);
      if (known && isSameEvent(found, known)) return known;
    }
    return undefined;
  }

  /** What counters told before a line of the log came, late, that explains it. */
  #countedAs({ event, source, bootId, atMs }: FoundEvent): HostOomEvent | undefined {
    if (source === 'counters' || event.kind !== 'kernel' || event.victims.length === 0) return undefined;
    if (bootId === undefined || atMs === undefined) return undefined;
    for (const key of this.#keysOf(0)) {
      const known = this.#events.get(key);
      if (!known?.witnessed || known.bootId !== bootId || known.atMs === undefined) continue;
      const { fromMs, toMs } = known.witnessed;
      if (atMs >= known.atMs - (toMs - fromMs) - countedSlackMs && atMs <= known.atMs + countedSlackMs)
        return known;
    }
    return undefined;
  }

  /** What other counts tell of the span of these; undefined: all of it. */
  #countedBy({ bootId, witnessed }: Pick<FoundEvent, 'bootId' | 'witnessed'>): number | undefined {
    if (!witnessed) return undefined;
    let [count, fromCount, toCount] = [0, Infinity, -Infinity];
    for (const key of this.#keysOf(0)) {
      const known = this.#events.get(key);
      if (!known?.witnessed || known.bootId !== bootId || !isOverlap(known.witnessed, witnessed)) continue;
      count += known.witnessed.count;
      fromCount = Math.min(fromCount, known.witnessed.fromCount);
      toCount = Math.max(toCount, known.witnessed.toCount);
    }
    return fromCount <= witnessed.fromCount && toCount >= witnessed.toCount ? undefined : count;
  }

  /** Two kills may have one name where boot or time are not known. */
  #freeKey(key: string): string {
    for (let number = 2, free = key; ; number++) {
      if (!this.#events.has(free)) return free;
      free = `${key}-${number}`;
    }
  }

  #keysOf(pid: number): Iterable<string> {
    return this.#byPid.get(pid) ?? [];
  }

  #put(event: HostOomEvent): void {
    const before = this.#events.get(event.key);
    if (before) this.#byPid.get(pidOf(before.event))?.delete(event.key);
    this.#events.set(event.key, event);
    const pid = pidOf(event.event);
    const keys = this.#byPid.get(pid);
    if (keys) keys.add(event.key);
    else this.#byPid.set(pid, new Set([event.key]));
    this.#sorted = undefined;
  }

  #forgetOldest(): void {
    if (this.#events.size > this.most)
      this.remove([...this.events.keys()].slice(0, this.#events.size - this.most));
    const withTables = [...this.#events.values()].filter(({ event }) => event.tasks !== undefined);
    if (withTables.length <= mostTables) return;
    for (const oldest of withTables.sort(compareTimes).slice(0, -mostTables)) {
      const { tasks, ...event } = oldest.event;
      if (tasks !== undefined) this.#put({ ...oldest, event });
    }
  }
}

function pidOf({ victims }: OomEvent): number {
  return victims[0]?.pid ?? 0;
}

/** Within a boot by the kernel's clock, which does not jump. */
function compareTimes(one: HostOomEvent, other: HostOomEvent): number {
  const [kernel, otherKernel] = [one.event.kernelTimeMs, other.event.kernelTimeMs];
  if (
    one.bootId !== undefined &&
    one.bootId === other.bootId &&
    kernel !== undefined &&
    otherKernel !== undefined
  )
    return kernel - otherKernel;
  return (one.atMs ?? 0) - (other.atMs ?? 0);
}
