import { errorText } from '../core/errorText';
import type { LogRecord } from '../core/oom/logRecord';
import type { KillLoop } from '../core/oomEvents/aftermath';
import { Aftermaths } from '../core/oomEvents/aftermaths';
import { EventBook, type BookChange, type FoundEvent } from '../core/oomEvents/eventBook';
import { keyOf } from '../core/oomEvents/eventKey';
import type { HostOomEvent } from '../core/oomEvents/hostEvent';
import { addsTo } from '../core/oomEvents/keptEvent';
import { killLoopsOf } from '../core/oomEvents/loops';
import { minutesBeforeOf } from '../core/oomEvents/minutesBefore';
import { Witnesses } from '../core/oomEvents/witnessCounts';
import type { WitnessLedger } from '../core/oomEvents/witnesses';
import type { Point } from '../core/point';
import type { Survey } from '../core/survey/survey';
import type { Connection } from '../transport/connection';
import { CloseLook, type LookedAtHost } from './closeLook';
import { EarlierKills } from './earlierKills';
import { Emitter } from './emitter';
import { HeldKills } from './heldKills';
import { KilledContainers, type KilledContainersHost } from './killedContainers';
import type { KernelLogState } from './kernelLog';
import { KernelLogWatch, type LoggedKill } from './kernelLogWatch';
import { KillTimes } from './killTimes';
import type { LogLookupState, LookupLimits } from './logLookup';
import type { Moment } from './moments';
import { usualTiming, type Timing } from './timing';
import { OomNewsQueue, type OomNews } from './oomNewsQueue';
import type { OomStore } from './oomStore';

export type { OomNews } from './oomNewsQueue';

/** The rest of a host, as kills need it. */
export interface OomHost extends LookedAtHost, KilledContainersHost {
  /** What the charts show from that moment on, ms since the epoch. */
  readonly pointsSince: (wallMs: number) => readonly Point[];
  /** Looks up earlier kills; tells each, and how far it has come. @throws {Error} where it could not be done. */
  readonly lookUp: (
    found: (event: FoundEvent) => void,
    told: (state: LogLookupState) => void,
    limits: LookupLimits,
    signal: AbortSignal,
  ) => Promise<void>;
}

export interface OomWatchOptions {
  readonly sudo: () => boolean;
  readonly log: (line: string) => void;
  /** Absent: nothing outlives the window. */
  readonly store?: OomStore;
  /** The host's clock and what was kept are waited for so long before a kill is told; ms. */
  readonly readyMs?: number;
  readonly timing?: Partial<Pick<Timing, 'stayedDeadMs'>>;
  /** How long the disk may take, see {@link OomNewsQueue}; ms. */
  readonly diskMs?: number;
}

/** A kill of the log. */
interface HeldKill {
  readonly found: FoundEvent;
  readonly isLive: () => boolean;
}

const usualReadyMs = 2000;

/** After a kill, processes are looked at closely for so long; ms. */
const closeLookMs = 15_000;

/** And while the counters tell of one whose place is not known yet, from sample to sample; ms. */
const followedMs = 2000;

/** Changes that come at once are told as one; ms. */
const gatherMs = 100;

/** So many cleared events are remembered where nothing is kept on disk. */
const mostCleared = 5000;

/** The kills of one host, over all of its connections and from all that tells of them. */
export class OomWatch {
  private readonly book = new EventBook();
  /** Keys of those that were told. */
  private readonly shown = new Set<string>();
  private shownEvents: ReadonlyMap<string, HostOomEvent> | undefined;
  private readonly told: Emitter<OomNews>;
  private readonly changes: Emitter<void>;
  private readonly queue: OomNewsQueue;
  private readonly kernelLog: KernelLogWatch;
  private readonly times: KillTimes;
  private readonly held: HeldKills<HeldKill>;
  private readonly earlier: EarlierKills;
  private readonly aftermaths: Aftermaths;
  private readonly witnesses: Witnesses;
  private readonly containers: KilledContainers;
  private readonly closeLook: CloseLook;
  private readonly cleared = new Set<string>();
  private counted: number | undefined;
  private currentLedger: WitnessLedger | undefined;
  private currentLoops: readonly KillLoop[] | undefined;
  private isLedgerCurrent = false;
  private gathering: NodeJS.Timeout | undefined;
  private endStore: (() => void) | undefined;

  constructor(
    private readonly host: OomHost,
    private readonly options: OomWatchOptions,
    onListenerError: (error: unknown) => void,
  ) {
    const { store, log, sudo, readyMs = usualReadyMs, diskMs, timing } = options;
    this.times = new KillTimes(host);
    this.aftermaths = new Aftermaths(timing?.stayedDeadMs ?? usualTiming.stayedDeadMs);
    this.witnesses = new Witnesses(this.aftermaths.trail);
    this.containers = new KilledContainers(host);
    this.held = new HeldKills(
      ({ found, isLive }) => this.note(found, isLive()),
      store === undefined,
      readyMs,
    );
    this.earlier = new EarlierKills(
      (told, limits, signal) => host.lookUp((found) => this.note(found, false), told, limits, signal),
      () => this.noteChange(),
    );
    this.told = new Emitter(onListenerError);
    this.changes = new Emitter(onListenerError);
    this.onEvent = this.told.event;
    this.onChange = this.changes.event;
    this.queue = new OomNewsQueue(store, (news) => this.tell(news), log, diskMs);
    this.closeLook = new CloseLook(host);
    this.kernelLog = new KernelLogWatch(
      {
        kill: (kill) => this.noteLogged(kill),
        freshLine: (bootId, kernelTimeMs) => this.times.noteFreshLine(bootId, kernelTimeMs),
      },
      sudo,
      log,
      onListenerError,
    );
    this.onLogState = this.kernelLog.onState;
    this.onLogState(() => this.noteChange());
    if (store) void this.load(store);
  }

  /** A new event, or a known one of which more is known now. */
  readonly onEvent: Emitter<OomNews>['event'];
  readonly onLogState: Emitter<KernelLogState>['event'];
  /** The ledger, the loops, the lookup or what happened after a kill may be others now, or events were cleared. */
  readonly onChange: Emitter<void>['event'];

  /** By key, oldest first. */
  get events(): ReadonlyMap<string, HostOomEvent> {
    this.shownEvents ??= new Map([...this.book.events].filter(([key]) => this.shown.has(key)));
    return this.shownEvents;
  }

  /** The counters of the boot that is watched against the logs; undefined before its first sample. */
  get ledger(): WitnessLedger | undefined {
    if (!this.isLedgerCurrent) this.currentLedger = this.witnesses.ledger(this.kernelLog.view);
    this.isLedgerCurrent = true;
    return this.currentLedger;
  }

  /** In the order of their last kills, oldest first. */
  get loops(): readonly KillLoop[] {
    this.currentLoops ??= killLoopsOf(this.events.values(), this.containers.containers);
    return this.currentLoops;
  }

  /** How the lookup of earlier kills goes, or how the last one went. */
  get lookup(): LogLookupState {
    return this.earlier.state;
  }

  /** Undefined until a kernel log was tried. */
  get logState(): KernelLogState | undefined {
    return this.kernelLog.current;
  }

  /** The last lines of the kernel log, oldest first. */
  get lastLines(): readonly LogRecord[] {
    return this.kernelLog.lastLines;
  }

  /** Follows the kernel log on this connection until `over`. Never rejects. */
  async follow(connection: Connection, bootId: string, over: AbortSignal): Promise<void> {
    if (this.times.noteFollowed(bootId)) this.held.awaitClock(this.host.wallMsOf(bootId, 0) !== undefined);
    return this.kernelLog.follow(connection, bootId, over);
  }

  /** Reads the log anew on the connection there is, e.g. because sudo is allowed now. The connection stays. */
  readAgain(): void {
    this.kernelLog.readAgain();
  }

  /**
   * Looks up earlier kills in the journal and in files, one lookup at a time: one that is under way is waited for, and is enough
   * where it goes as far. How it went is in {@link lookup}; never rejects.
   */
  lookUpEarlier(signal: AbortSignal, limits?: LookupLimits): Promise<void> {
    return this.earlier.find(signal, limits);
  }

  /** Forgets these events, or all. A log that tells of them again is not believed. */
  async clear(keys: readonly string[] = [...this.events.keys()]): Promise<void> {
    const cleared = keys.flatMap((key) => this.book.events.get(key) ?? []);
    const events = cleared.flatMap((event) => [event, ...this.namedAsLogged(event)]);
    this.forget(events.map(({ key }) => key));
    try {
      await this.options.store?.clear(events);
    } catch (error) {
      this.options.log(`OOM events could not be cleared on disk: ${errorText(error)}`);
    }
  }

  /** Takes in a sample. One that comes late adds nothing. */
  noteMoment({ sample }: Pick<Moment, 'sample'>): void {
    const { bootId, at, vmstat } = sample;
    const isLatest = this.times.noteSeen(bootId, at);
    if (this.times.isOfFollowed(bootId)) this.held.clockKnown();
    this.witnesses.noteSample(sample);
    if (!isLatest) return;
    this.noteWitnessed(at);
    if (this.counted === vmstat?.oomKill) return;
    this.counted = vmstat?.oomKill;
    this.noteChange();
  }

  /** To be called after each slice of a survey. @param uptimeMs the host's, of the slice. */
  noteSurvey(survey: Survey, uptimeMs: number): void {
    this.witnesses.noteSurvey(survey);
    const known = this.containers.known(survey.bootId);
    for (const { key, aftermath } of this.aftermaths.noteSurvey(survey, uptimeMs, known)) {
      const event = this.book.update(key, { aftermath });
      if (event) this.put({ event, isNew: false, isLive: true });
    }
    this.containers.askAbout(this.aftermaths, survey.bootId, uptimeMs);
  }

  /** Nobody watches the host any more; it may be watched again. */
  rest(): void {
    this.closeLook.end();
  }

  /** What other windows do is not looked at any more. */
  close(): void {
    this.rest();
    this.endStore?.();
    this.endStore = undefined;
    clearTimeout(this.gathering);
  }

  private async load(store: OomStore): Promise<void> {
    try {
      const events = await store.load();
      for (const event of events) {
        const change = this.book.load(event);
        if (!change) continue;
        this.shown.add(change.event.key);
        this.noteExplaining(change.event);
      }
      this.endStore = store.onChange(({ events: others, cleared }) => {
        this.forget(cleared);
        for (const event of others) this.noteKept(event);
      });
    } catch (error) {
      this.options.log(`OOM events of before could not be read: ${errorText(error)}`);
    }
    this.noteChange();
    this.held.loaded();
  }

  /** Of another window, which has put it on disk. */
  private noteKept(event: HostOomEvent): void {
    const ours = this.book.events.get(event.key);
    if (!ours && this.isSeenHere(event)) return;
    // Counters told of it here, or it has another name.
    const told = ours ? undefined : this.takenAsTold(event);
    const loaded = this.book.load(event);
    const change = loaded ?? told;
    // Both windows wrote at the same time, and what the other one wrote says less.
    if (ours && addsTo(event, ours)) this.queue.add({ event: ours, isNew: false, isLive: false });
    if (!change) return;
    this.noteExplaining(change.event);
    const news = {
      event: change.event,
      isNew: change.isNew,
      isLive: this.times.isSinceAttached(change.event),
    };
    if (told && !told.isNew) this.put(news);
    else this.tell(news);
    if (told?.also) this.put({ ...news, event: told.also, isNew: false });
  }

  /** Takes in a kill of another window's log as if this one had read it, since counters may have told of it. */
  private takenAsTold(event: HostOomEvent): BookChange | undefined {
    const [source] = event.sources;
    if (source === undefined || event.witnessed || event.event.kind !== 'kernel') return undefined;
    const told = this.book.add({ ...event, source });
    // It comes in as it is kept.
    if (told?.isNew) this.book.remove([told.event.key]);
    return told;
  }

  /** Whether our own log explains what another window, which cannot read it, has only counted. */
  private isSeenHere({ bootId, witnessed }: HostOomEvent): boolean {
    const { view } = this.kernelLog;
    return witnessed !== undefined && view.state === 'reading' && this.witnesses.covers(bootId, witnessed);
  }

  private noteExplaining(event: HostOomEvent): void {
    this.witnesses.noteEvent(event, this.times.uptimeMsOf(event));
  }

  private noteLogged({ event, bootId, isFresh }: LoggedKill): void {
    // A clone, since texts that are cut out of the log keep as much of it as came with them.
    const found: FoundEvent = {
      event: structuredClone(event),
      source: 'kernel-log',
      bootId,
      atMs: undefined,
    };
    this.held.take({ found, isLive: () => isFresh || this.times.isSinceAttached(found) });
  }

  private noteWitnessed(uptimeMs: number): void {
    for (const found of this.witnesses.found(this.kernelLog.view, uptimeMs)) this.note(found, true);
    if (this.witnesses.isFollowing(uptimeMs)) this.closeLook.goOn(followedMs);
  }

  private note(found: FoundEvent, isLive: boolean): void {
    const atMs = found.atMs ?? this.times.wallMsOf(found) ?? found.event.wallMs;
    const dated = { ...found, atMs };
    const change = this.book.add(dated);
    if (change) this.take(change, isLive);
    else if (!this.book.has(dated)) this.noteExplaining(asLogged(dated)); // older than all that is kept
  }

  private take({ event, isNew, also }: BookChange, isLive: boolean): void {
    this.noteExplaining(event);
    if (this.isCleared(event)) {
      this.book.remove([event.key]);
      return;
    }
    if (isNew && isLive) this.closeLook.begin(closeLookMs);
    this.aftermaths.noteEvent(event, this.times.uptimeMsOf(event));
    const { atMs } = event;
    const before =
      isNew && isLive && atMs !== undefined
        ? minutesBeforeOf(atMs, this.host.pointsSince(atMs - 6 * 60_000))
        : undefined;
    const whole = (before && this.book.update(event.key, { before })) ?? event;
    this.put({ event: whole, isNew, isLive });
    if (also) this.put({ event: also, isNew: false, isLive });
  }

  private put(news: OomNews): void {
    this.queue.add(news);
  }

  private tell(news: OomNews): void {
    const { key } = news.event;
    // It was cleared, or pushed out by newer ones, while it was written.
    const event = this.book.events.get(key);
    if (!event) return;
    this.shown.add(key);
    this.noteChange();
    this.told.fire({ ...news, event });
  }

  private forget(keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.book.remove(keys);
    for (const key of keys) {
      this.shown.delete(key);
      this.cleared.add(key);
    }
    for (const oldest of this.cleared) {
      if (this.cleared.size <= mostCleared) break;
      this.cleared.delete(oldest);
    }
    this.noteChange();
  }

  /** An event under the name that its line of the log has, where it is kept under another one. */
  private namedAsLogged({ event, bootId, atMs, sources, witnessed }: HostOomEvent): readonly HostOomEvent[] {
    const [source] = sources;
    if (source === undefined || bootId === undefined || witnessed) return [];
    const logged = asLogged({ event, source, bootId, atMs });
    return this.book.events.has(logged.key) ? [] : [logged];
  }

  private isCleared(event: HostOomEvent): boolean {
    return this.cleared.has(event.key) || this.options.store?.isCleared(event) === true;
  }

  private noteChange(): void {
    this.shownEvents = undefined;
    this.currentLoops = undefined;
    this.isLedgerCurrent = false;
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.changes.fire();
    }, gatherMs);
  }
}

/** Under the name that it has where nothing is known of it but this. */
function asLogged(found: FoundEvent): HostOomEvent {
  const { event, source, bootId, atMs } = found;
  return { key: keyOf(found), event, bootId, atMs, sources: [source] };
}
