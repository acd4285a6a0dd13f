import type { Problem } from '../sample';
import type { SurveyCapture } from '../survey/capture';
import type { Cgroup, CgroupHappened, CgroupRates, WatchedCgroup } from './cgroup';
import { cgroupOf } from './cgroupOf';
import { cgroupRatesBetween } from './cgroupRates';
import { cgroupReadingOf, type CgroupReading } from './cgroupReading';
import { effectiveLimitOf } from './effectiveLimit';

/** More groups than these are not watched: a host may have any number. */
const mostGroups = 2000;

/** `PATH_MAX` */
const longestPath = 4096;

/** Groups are read in turn: one that was left out so often, and for so long, has gone, even if nothing told. */
const turnsKept = 3;
const leastKeptMs = 120_000;

interface Entry {
  readonly reading: CgroupReading;
  readonly cgroup: Cgroup;
  readonly rates: CgroupRates | undefined;
  readonly happened: CgroupHappened;
  /** In which turn it was read last. */
  readonly turn: number;
}

/**
 * The memory cgroups of a host, made up from what a survey brings a slice at a time. A file that is not in a slice, of a
 * group that was read in it, is what it was. Groups of a boot before are forgotten. Never throws.
 */
export class CgroupTable {
  readonly #entries = new Map<string, Entry>();
  readonly #readInTurn = new Set<string>();
  #bootId: string | undefined;
  #turn = 0;

  add(capture: SurveyCapture): void {
    if (capture.bootId !== this.#bootId) {
      this.#entries.clear();
      this.#readInTurn.clear();
      this.#turn = 0;
    }
    this.#bootId = capture.bootId;
    const unreadable = new Set(capture.unreadable);
    for (const path of capture.goneCgroups ?? []) this.#entries.delete(path);
    for (const path of new Set(capture.cgroups)) this.#read(path, capture, unreadable);
  }

  /** Undefined: not read, or it has gone. */
  get(path: string): WatchedCgroup | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    const { cgroup, rates, happened } = entry;
    const find = (other: string): Cgroup | undefined => this.#entries.get(other)?.cgroup;
    return {
      ...cgroup,
      rates,
      happened,
      effectiveMax: effectiveLimitOf(cgroup, 'max', find),
      effectiveHigh: effectiveLimitOf(cgroup, 'high', find),
    };
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How often all groups of this boot have been read, each once. */
  get turnsDone(): number {
    return this.#turn;
  }

  /** In the order in which they were seen first. */
  get all(): readonly WatchedCgroup[] {
    return [...this.#entries.keys()].flatMap((path) => this.get(path) ?? []);
  }

  /** As they were read last, without what follows from their ancestors and from earlier readings; cheap. */
  *readings(): Iterable<Cgroup> {
    for (const { cgroup } of this.#entries.values()) yield cgroup;
  }

  /** Why a file gave nothing, or which of its values were refused, by the file's path. */
  get problems(): Readonly<Record<string, Problem>> {
    const all = [...this.#entries.values()].flatMap(({ reading }) => Object.entries(reading.problems));
    return Object.fromEntries(all);
  }

  /** A turn ends when a group is read that was read in it before. */
  #noteTurn(path: string, nowMs: number): void {
    if (this.#readInTurn.has(path)) {
      this.#readInTurn.clear();
      this.#turn++;
      for (const [other, { turn, cgroup }] of this.#entries) {
        const isOld = Math.abs(nowMs - cgroup.readAtMs) > leastKeptMs;
        if (isOld && this.#turn - turn > turnsKept) this.#entries.delete(other);
      }
    }
    this.#readInTurn.add(path);
  }

  #read(path: string, capture: SurveyCapture, unreadable: ReadonlySet<string>): void {
    const last = this.#entries.get(path);
    if (last === undefined && (this.#entries.size >= mostGroups || path.length > longestPath)) return;
    const reading = cgroupReadingOf(path, capture.text, unreadable, last?.reading);
    if (reading === undefined) return;
    this.#noteTurn(path, capture.hostUptimeMs);
    const cgroup = cgroupOf(path, capture.hostUptimeMs, reading.read);
    // Read again at the same moment: the rates stay what they were.
    const sameMoment = last?.cgroup.readAtMs === cgroup.readAtMs;
    this.#entries.set(path, {
      reading,
      cgroup,
      rates: sameMoment ? last.rates : last && cgroupRatesBetween(last.cgroup, cgroup),
      happened: happenedSince(last, cgroup),
      turn: this.#turn,
    });
  }
}

function happenedSince(last: Entry | undefined, now: Cgroup): CgroupHappened {
  const before = last?.cgroup.events;
  return {
    sinceMs: last?.happened.sinceMs ?? now.readAtMs,
    oomKills: sumOf(last?.happened.oomKills, before?.oomKill, now.events?.oomKill),
    limitHits: sumOf(last?.happened.limitHits, before?.max, now.events?.max),
  };
}

/** A counter that went back is that of a group made anew under the name: all that it counted happened since. */
function sumOf(
  sum: number | undefined,
  before: number | undefined,
  after: number | undefined,
): number | undefined {
  if (after === undefined) return sum;
  if (before === undefined || sum === undefined) return sum ?? 0;
  return sum + (after >= before ? after - before : after);
}
