import type { Sample } from '../sample';
import type { Survey } from '../survey/survey';
import type { OomEvent } from '../oom/event';
import type { FoundEvent } from './eventBook';
import { explainedRises, type Logged } from './explainedRises';
import type { HostOomEvent, WitnessedKills } from './hostEvent';
import type { ProcessTrail } from './processTrail';
import { innermost, isIn, type GroupRise } from './witnessedGroups';
import type { NoLogReason, WitnessLedger } from './witnesses';

/** What is known of the kernel log that should explain what was counted. */
export interface LogView {
  readonly state: 'reading' | 'denied' | 'ended' | 'not-read';
  /** Kernel time of the oldest line that was read; undefined: none was. */
  readonly firstLineMs?: number;
  /** The kernel has said that it left out reports, or lines were lost. */
  readonly rateLimited: boolean;
}

/** A rise of the counter between two samples. Times are the host's uptime in ms. */
interface Rise {
  readonly fromCount: number;
  readonly toCount: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Kills that no line of the log has explained so far. */
  without: number;
  /** Told already, with so many groups and processes. */
  told?: WitnessedKills;
}

interface Explained {
  readonly bootId: string;
  /** Undefined: not known, so that it explains no rise. */
  readonly atMs: number | undefined;
  /** The host's uptime of the sample before the log told it. */
  readonly toldMs: number;
  readonly kills: number;
  /** A whole cgroup was killed. */
  readonly group: boolean;
}

/** The log is given so long to tell before a kill counts as one without a line; ms. */
const graceMs: Readonly<Record<LogView['state'], number>> = {
  reading: 5000,
  denied: 1000,
  ended: 30_000,
  'not-read': 30_000,
};

/** What follows of one rise is looked for so long: groups are read in turn, processes by rounds. */
const followedMs = 30_000;
const mostRises = 100;
const mostGroupRises = 500;
const mostExplained = 20_000;
const mostGone = 10;

/** The clocks of the log and of the samples, apart. */
const clockSlackMs = 2000;

/**
 * The counters that know of every kill: oom_kill of /proc/vmstat for the machine and of memory.events (memory.oom_control)
 * for each cgroup, both since 4.13. A kill that no log explains in time is told by them.
 */
export class Witnesses {
  #bootId: string | undefined;
  #last: { readonly count: number; readonly atMs: number } | undefined;
  #base: { readonly count: number; readonly atMs: number } | undefined;
  #rises: Rise[] = [];
  readonly #groups = new Map<string, { readonly count: number; readonly atMs: number }>();
  #groupRises: GroupRise[] = [];
  /** What the log has told, by the event's key. */
  readonly #explained = new Map<string, Explained>();
  /** The log has told something since the rises were explained. */
  #hasMore = false;
  /** How many of them explain a rise that is over. */
  readonly #spent = new Map<string, number>();

  /** @param trail of the same host, for the processes that have gone. */
  constructor(private readonly trail: ProcessTrail) {}

  /** To be called with each sample. One that comes late adds nothing: counters only rise. */
  noteSample({ bootId, at, vmstat }: Pick<Sample, 'bootId' | 'at' | 'vmstat'>): void {
    const count = vmstat?.oomKill;
    if (bootId !== this.#bootId) this.#forget(bootId);
    if (count === undefined || (this.#last && at <= this.#last.atMs)) return;
    const last = this.#last;
    this.#last = { count, atMs: at };
    this.#base ??= this.#last;
    if (!last) return;
    if (count < last.count) this.#base = this.#last;
    if (count > last.count) {
      this.#rises.push({
        fromCount: last.count,
        toCount: count,
        fromMs: last.atMs,
        toMs: at,
        without: count - last.count,
      });
      if (this.#rises.length > mostRises) this.#rises.shift();
    }
  }

  /** To be called after each slice of a survey. */
  noteSurvey({ bootId, cgroups }: Pick<Survey, 'bootId' | 'cgroups'>): void {
    if (bootId !== this.#bootId) return;
    const there = new Set<string>();
    for (const { path, events, readAtMs } of cgroups.readings()) {
      there.add(path);
      const count = events?.oomKill;
      const last = this.#groups.get(path);
      if (count === undefined || last?.atMs === readAtMs) continue;
      this.#groups.set(path, { count, atMs: readAtMs });
      if (!last) continue;
      // Less than before: the group was made anew, as that of a unit or a container is at each start.
      const kills = count < last.count ? count : count - last.count;
      if (kills === 0) continue;
      this.#groupRises.push({ path, kills, fromMs: last.atMs, toMs: readAtMs });
      if (this.#groupRises.length > mostGroupRises) this.#groupRises.shift();
    }
    for (const path of this.#groups.keys()) if (!there.has(path)) this.#groups.delete(path);
  }

  /** Whether the samples here began before that span and have come to its end, so that its kills are counted here too. */
  covers(bootId: string | undefined, { fromMs, toMs }: Pick<WitnessedKills, 'fromMs' | 'toMs'>): boolean {
    if (bootId === undefined || bootId !== this.#bootId || !this.#base || !this.#last) return false;
    return this.#base.atMs <= fromMs && this.#last.atMs >= toMs;
  }

  /** Whether the counter has risen and what follows from that is still looked for. */
  isFollowing(nowMs: number): boolean {
    return this.#rises.some(({ toMs }) => nowMs - toMs < followedMs);
  }

  /**
   * To be called with every event of the kernel's log, those that a person has cleared among them.
   * @param atMs the host's uptime, where that is known better than by the log's clock.
   */
  noteEvent({ key, event, bootId, witnessed }: HostOomEvent, atMs = event.kernelTimeMs): void {
    if (bootId === undefined || event.kind !== 'kernel' || witnessed || event.victims.length === 0) return;
    const known = this.#explained.get(key);
    const [oldest] = this.#explained.keys();
    if (!known && oldest !== undefined && this.#explained.size >= mostExplained) {
      this.#explained.delete(oldest);
      this.#spent.delete(oldest);
    }
    const toldMs = known?.toldMs ?? this.#last?.atMs ?? 0;
    const group = event.oomGroup !== undefined;
    this.#hasMore = true;
    this.#explained.set(key, { bootId, atMs, toldMs, kills: event.victims.length, group });
  }

  /**
   * The kills that no log has explained in time. One of them is told again when more is known of it.
   * @param nowMs the host's uptime.
   */
  found(log: LogView, nowMs: number): readonly FoundEvent[] {
    const due = new Set(this.#rises.filter(({ toMs }) => nowMs - toMs >= graceMs[log.state]));
    if (due.size === 0) return [];
    if (this.#hasMore || [...due].some(({ told }) => !told)) this.#explain(due);
    const found: FoundEvent[] = [];
    for (const rise of due) {
      const isOver = rise.told !== undefined && nowMs - rise.toMs >= followedMs;
      if (rise.without === 0 || isOver) continue;
      const witnessed = this.#witnessed(rise);
      if (!rise.told || saysMore(witnessed, rise.told)) found.push(this.#foundEvent(rise, witnessed));
    }
    // What is explained needs no more looking at; what was told may be explained by a line that comes late.
    this.#rises = this.#rises.filter((rise) => rise.without > 0);
    return found;
  }

  /** Takes the lines of the log for the rises that are due, as far as they are not those of others. */
  #explain(due: ReadonlySet<Rise>): void {
    this.#hasMore = false;
    const firstMs = (this.#base?.atMs ?? Infinity) - clockSlackMs;
    const logged: (Logged & { readonly key: string })[] = [];
    for (const [key, { bootId, atMs, toldMs, kills }] of this.#explained) {
      const left = kills - (this.#spent.get(key) ?? 0);
      if (bootId !== this.#bootId || atMs === undefined || atMs < firstMs) continue;
      if (left > 0) logged.push({ key, atMs, toldMs, kills: left });
    }
    logged.sort((one, other) => one.atMs - other.atMs);
    for (const [rise, by] of explainedRises(this.#rises, logged)) {
      if (!due.has(rise)) continue;
      for (const [{ key }, kills] of by) {
        rise.without -= kills;
        this.#spent.set(key, (this.#spent.get(key) ?? 0) + kills);
      }
    }
  }

  /** Of the boot that is watched; undefined before its first sample. */
  ledger(log: LogView): WitnessLedger | undefined {
    if (this.#bootId === undefined || !this.#last) return undefined;
    const explained = this.#explainedOfBoot();
    const counted = this.#last.count;
    const withoutLog = Math.max(0, counted - explained);
    return {
      bootId: this.#bootId,
      counted,
      explained,
      withoutLog,
      notCounted: Math.max(0, explained - counted),
      reasons: withoutLog === 0 ? [] : this.#reasons(log),
    };
  }

  #forget(bootId: string): void {
    this.#bootId = bootId;
    this.#last = this.#base = undefined;
    this.#rises = [];
    this.#groups.clear();
    this.#groupRises = [];
  }

  /** Tasks of this boot of which the kernel's log says that they were killed. */
  #explainedOfBoot(): number {
    let sum = 0;
    for (const { bootId, kills } of this.#explained.values()) if (bootId === this.#bootId) sum += kills;
    return sum;
  }

  #reasons(log: LogView): readonly NoLogReason[] {
    const hasGroup = [...this.#explained.values()].some(
      ({ bootId, group }) => group && bootId === this.#bootId,
    );
    const reasons: readonly (readonly [NoLogReason, boolean])[] = [
      ['log-not-readable', log.state === 'denied'],
      ['log-behind', log.state === 'ended' || log.state === 'not-read'],
      // The first line of a boot is of its first second.
      ['log-overwritten', log.state === 'reading' && log.firstLineMs !== undefined && log.firstLineMs > 1000],
      ['rate-limited', log.rateLimited],
      ['group-kill', hasGroup],
    ];
    const held = reasons.filter(([, holds]) => holds).map(([reason]) => reason);
    return held.length === 0 ? ['unknown'] : held;
  }

  #witnessed({ fromCount, toCount, fromMs, toMs, without: count }: Rise): WitnessedKills {
    const cgroups = innermost(this.#groupRises.filter((rise) => rise.fromMs <= toMs && rise.toMs >= fromMs));
    const paths = cgroups.map(({ path }) => path);
    const gone = this.trail
      .goneBetween(fromMs, toMs)
      .filter(
        ({ cgroup }) =>
          paths.length === 0 || cgroup === undefined || paths.some((path) => isIn(cgroup, path)),
      )
      .sort((one, other) => (other.rssBytes ?? 0) - (one.rssBytes ?? 0))
      .slice(0, mostGone)
      .map(({ pid, name, rssBytes, cgroup }) => ({
        pid,
        name,
        ...(rssBytes !== undefined && { rssBytes }),
        ...(cgroup !== undefined && { cgroup }),
      }));
    return { count, fromCount, toCount, fromMs, toMs, cgroups, gone };
  }

  #foundEvent(rise: Rise, witnessed: WitnessedKills): FoundEvent {
    rise.told = witnessed;
    return {
      event: eventOf(witnessed),
      source: 'counters',
      bootId: this.#bootId,
      atMs: undefined,
      witnessed,
    };
  }
}

/** Nothing of it is known but that it happened, and perhaps where. */
function eventOf({ cgroups, toCount, toMs }: WitnessedKills): OomEvent {
  const [only] = cgroups;
  return {
    kind: 'kernel',
    id: `${Math.trunc(toMs)}-count-${toCount}`,
    scope: 'unknown',
    ...(only && cgroups.length === 1 && { cgroup: { task: only.path } }),
    victims: [],
    outcome: 'killed',
    complete: false,
    missing: ['trigger', 'scope', ...(cgroups.length === 1 ? [] : ['cgroup' as const]), 'victim', 'sizes'],
  };
}

function saysMore(more: WitnessedKills, told: WitnessedKills): boolean {
  return more.cgroups.length > told.cgroups.length || more.gone.length > told.gone.length;
}
