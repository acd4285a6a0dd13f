import { availableOf, type Available } from '../core/memory';
import type { HostFacts } from '../core/hostFacts';
import { History } from '../core/history';
import type { OomEvent } from '../core/oom/event';
import { OomReader } from '../core/oom/reader';
import { ratesBetween, type Rates } from '../core/rates';
import { sampleOf, type Sample } from '../core/sample';
import { ConnectionError, type Connection, type Prompts, type Transport } from '../transport/connection';
import { backOffMs } from './backOff';
import { Emitter } from './emitter';
import { HostClock } from './hostClock';
import { KernelLog, type KernelLogState } from './kernelLog';
import { Session } from './session';

/** How a host is doing. Times are ms of our monotonic clock (`performance.now()`). */
export type MonitorState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Asked and not answered since `sinceMs`. The connection stays: on a thrashing host it is the only one that works. */
  | { readonly kind: 'silent'; readonly sinceMs: number }
  | {
      readonly kind: 'reconnecting';
      readonly error: ConnectionError;
      readonly attempt: number;
      /** When the next attempt starts; undefined while one is under way. */
      readonly nextAttemptAtMs: number | undefined;
    }
  /** Somebody has to act first: a changed host key, no accepted key, not a Linux host. */
  | { readonly kind: 'failed'; readonly error: ConnectionError }
  | { readonly kind: 'stopped' };

/** One sample and what follows from it and the one before. */
export interface Moment {
  /** Our time of day (ms since the epoch) at which the host's kernel gave these figures. */
  readonly wallMs: number;
  /** Bytes of the answer on the wire, before encryption. */
  readonly wireBytes: number;
  readonly sample: Sample;
  readonly facts: HostFacts;
  readonly rates?: Rates;
  readonly available?: Available;
}

export interface MonitorOptions {
  /** Between two questions, in ms. */
  readonly intervalMs: number;
  /** A question that is open for longer makes the host silent, in ms. */
  readonly silentAfterMs: number;
  /** Whether the kernel log is followed too. */
  readonly kernelLog: boolean;
  /** Whether `sudo -n` may be used on this host: only what its user allowed. */
  readonly sudo: () => boolean;
  readonly log: (line: string) => void;
}

/** A kernel log reader that ended (a burst overran it) is opened again after this long. */
const kernelLogPauseMs = 30_000;

/** A host that is killed over and over is not a reason to grow without end; the oldest events go first. */
const maxOomEvents = 1000;

/**
 * Keeps one host watched: connects, asks once per interval, connects again when the connection is lost, and says how
 * it is going. It never ends of an error, only by `stop()`.
 */
export class HostMonitor {
  readonly history = new History<{ at: number; moment: Moment }>();
  /** By boot id and the event's id. */
  readonly oomEvents = new Map<string, OomEvent>();
  private readonly states: Emitter<MonitorState>;
  private readonly moments: Emitter<Moment>;
  private readonly oom: Emitter<OomEvent>;
  private readonly kernelLogStates: Emitter<KernelLogState>;
  private readonly clock = new HostClock();
  private current: MonitorState = { kind: 'stopped' };
  private running: AbortController | undefined;
  private session: Session | undefined;
  private last: Moment | undefined;
  private logState: KernelLogState | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly prompts: Prompts,
    private readonly options: MonitorOptions,
  ) {
    const report = (error: unknown): void =>
      options.log(
        `listener failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    this.states = new Emitter(report);
    this.moments = new Emitter(report);
    this.oom = new Emitter(report);
    this.kernelLogStates = new Emitter(report);
    this.onState = this.states.event;
    this.onMoment = this.moments.event;
    this.onOomEvent = this.oom.event;
    this.onKernelLogState = this.kernelLogStates.event;
  }

  readonly onState: Emitter<MonitorState>['event'];
  readonly onMoment: Emitter<Moment>['event'];
  /** A new event, or a known one (same id) that has become more complete. */
  readonly onOomEvent: Emitter<OomEvent>['event'];
  readonly onKernelLogState: Emitter<KernelLogState>['event'];

  get state(): MonitorState {
    return this.current;
  }

  get latest(): Moment | undefined {
    return this.last;
  }

  /** What the host is; undefined before the first connection. */
  get facts(): HostFacts | undefined {
    return this.session?.facts ?? this.last?.facts;
  }

  get kernelLogState(): KernelLogState | undefined {
    return this.logState;
  }

  /** The live connection, for actions; undefined while there is none. */
  get connection(): Connection | undefined {
    return this.session?.connection;
  }

  /** Our time of day of a moment on the host's clock, in ms since the epoch. */
  wallMsOf(hostUptimeMs: number): number {
    return this.clock.toWallMs(hostUptimeMs);
  }

  /** Starts, or starts again after `failed` or `stopped`. */
  start(): void {
    if (this.running) return;
    const running = new AbortController();
    this.running = running;
    void this.run(running.signal).finally(() => {
      if (this.running === running) this.running = undefined;
    });
  }

  /** Ends the watching and closes the connection. */
  stop(): void {
    this.running?.abort();
    this.running = undefined;
    this.session?.close();
    this.session = undefined;
    this.setState({ kind: 'stopped' });
  }

  private setState(state: MonitorState): void {
    this.current = state;
    this.states.fire(state);
  }

  /** The end of an old connection's reader, which may come late, says nothing about that of the next connection. */
  private setKernelLogState(session: Session, state: KernelLogState): void {
    if (this.session !== undefined && this.session !== session) return;
    this.logState = state;
    this.kernelLogStates.fire(state);
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    this.setState({ kind: 'connecting' });
    while (!signal.aborted) {
      const error = await this.attempt(signal, () => (failures = 0));
      if (isAborted(signal)) return;
      this.session = undefined;
      this.options.log(`${error.phase}: ${error.message}`);
      if (error.remedy !== 'retry') {
        this.setState(error.remedy === 'user' ? { kind: 'failed', error } : { kind: 'stopped' });
        return;
      }
      failures += 1;
      const pauseMs = backOffMs(failures);
      this.setState({
        kind: 'reconnecting',
        error,
        attempt: failures,
        nextAttemptAtMs: performance.now() + pauseMs,
      });
      await pause(pauseMs, signal);
      if (isAborted(signal)) return;
      this.setState({ kind: 'reconnecting', error, attempt: failures, nextAttemptAtMs: undefined });
    }
  }

  /** One connection from its beginning to its end; resolves with why it ended. */
  private async attempt(signal: AbortSignal, onLive: () => void): Promise<ConnectionError> {
    let session: Session | undefined;
    // Over at once when the monitor is stopped: closing a host that does not answer takes a moment, to be passed silently.
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end, { once: true });
    try {
      session = await Session.open(this.transport, this.prompts, signal);
      signal.throwIfAborted();
      this.session = session;
      onLive();
      const ended = session.ended.finally(end);
      if (this.options.kernelLog) void this.followKernelLog(session, over.signal);
      return await Promise.race([ended, this.ask(session, over.signal)]);
    } catch (error) {
      if (error instanceof ConnectionError) return error;
      const message = error instanceof Error ? error.message : String(error);
      return new ConnectionError('connection', 'retry', `Unexpected: ${message}.`, '', { cause: error });
    } finally {
      signal.removeEventListener('abort', end);
      session?.close();
    }
  }

  /** Asks once per interval, but never before the last question is answered. Rejects only on a mistake of ours. */
  private async ask(session: Session, over: AbortSignal): Promise<never> {
    let due = performance.now();
    while (!isAborted(over)) {
      const silence = setTimeout(() => {
        this.setState({ kind: 'silent', sinceMs: session.askedAtMs ?? performance.now() });
      }, this.options.silentAfterMs);
      const stopWaiting = (): void => clearTimeout(silence);
      over.addEventListener('abort', stopWaiting, { once: true });
      const { capture, bytes } = await session.capture();
      over.removeEventListener('abort', stopWaiting);
      stopWaiting();
      if (isAborted(over)) break;
      this.received(sampleOf(capture), session.facts, bytes, capture.receivedAtMs);
      if (isAborted(over)) break; // by a listener
      if (this.current.kind !== 'live') this.setState({ kind: 'live' });
      // The next tick of the grid: a late answer skips questions, it does not queue them.
      due +=
        this.options.intervalMs * Math.max(1, Math.ceil((performance.now() - due) / this.options.intervalMs));
      await pause(due - performance.now(), over);
    }
    return new Promise<never>(() => undefined); // why it is over, the session tells
  }

  private received(sample: Sample, facts: HostFacts, wireBytes: number, receivedAtMs: number): void {
    const receivedWallMs = Date.now() - (performance.now() - receivedAtMs);
    this.clock.observe(sample.bootId, sample.at, receivedWallMs - sample.answerDelayMs, receivedWallMs);
    const rates = this.last && ratesBetween(this.last.sample, sample, facts.pageSizeBytes);
    const available =
      sample.meminfo && availableOf(sample.meminfo, facts.zones, facts.pageSizeBytes, facts.minFreeKbytes);
    const wallMs = this.clock.toWallMs(sample.at);
    const moment: Moment = {
      wallMs,
      wireBytes,
      sample,
      facts,
      ...(rates && { rates }),
      ...(available && { available }),
    };
    this.last = moment;
    this.history.push({ at: wallMs, moment });
    this.moments.fire(moment);
  }

  private async followKernelLog(session: Session, over: AbortSignal): Promise<void> {
    while (!isAborted(over)) {
      try {
        await this.readKernelLog(session);
      } catch (error) {
        this.options.log(`kernel log: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (isAborted(over) || this.logState?.kind === 'denied') return;
      await pause(kernelLogPauseMs, over);
    }
  }

  private noteOomEvent(bootId: string, event: OomEvent): void {
    const key = `${bootId} ${event.id}`;
    const known = this.oomEvents.get(key);
    if (known && !saysMore(event, known)) return;
    this.oomEvents.set(key, event);
    for (const oldest of this.oomEvents.keys()) {
      if (this.oomEvents.size <= maxOomEvents) break;
      this.oomEvents.delete(oldest);
    }
    this.oom.fire(event);
  }

  /**
   * Reads the kernel log until its reader ends. The ring buffer comes again each time; events know their id. A report
   * that is cut off is not told: the next reader gets it whole.
   */
  private async readKernelLog(session: Session): Promise<void> {
    const reader = new OomReader((event) => this.noteOomEvent(session.facts.bootId ?? '', event));
    await new Promise<void>((resolve, reject) => {
      KernelLog.open(session.connection, {
        sudo: this.options.sudo(),
        onLine: (line) => reader.push(line),
        onState: (state) => {
          this.setKernelLogState(session, state);
          if (state.kind !== 'reading') resolve();
        },
      }).catch(reject);
    });
  }
}

/** Whether `event` adds to what is known under its id. A log that is read again begins with less than is known. */
function saysMore(event: OomEvent, known: OomEvent): boolean {
  if (event.victims.length !== known.victims.length) return event.victims.length > known.victims.length;
  if (event.missing.length !== known.missing.length) return event.missing.length < known.missing.length;
  return event.outcome === 'deadlock' && known.outcome === 'no-killable-process';
}

/** Asked afresh: a listener may have stopped the monitor since the last look. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
