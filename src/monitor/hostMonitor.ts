import type { ChartMoment } from '../core/charts';
import { availableOf } from '../core/memory';
import type { HostFacts } from '../core/hostFacts';
import { History } from '../core/history';
import { ratesBetween } from '../core/rates';
import { sampleOf, type Sample } from '../core/sample';
import { ConnectionError, type Connection, type Prompts, type Transport } from '../transport/connection';
import { backOffMs } from './backOff';
import { Emitter } from './emitter';
import { HostClock } from './hostClock';
import { OomWatch } from './oomWatch';
import { pause } from './pause';
import { Session } from './session';

/** How a host is doing. Times are ms of our monotonic clock (`performance.now()`). */
export type MonitorState =
  | { readonly kind: 'connecting'; readonly sinceMs: number }
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
  /** Detached, or a question to the person was cancelled: then `error` says which. */
  | { readonly kind: 'stopped'; readonly error?: ConnectionError };

/** One sample, what follows from it and the one before, and how it came. */
export interface Moment extends ChartMoment {
  /** Our time of day (ms since the epoch) at which the host's kernel gave these figures. */
  readonly wallMs: number;
  /** Bytes of the answer on the wire, before encryption. */
  readonly wireBytes: number;
}

export interface MonitorOptions {
  /** Between two questions, in ms; asked before each. */
  readonly intervalMs: () => number;
  /** Whether the kernel log is followed too. */
  readonly kernelLog: boolean;
  /** Whether `sudo -n` may be used on this host: only what its user allowed. */
  readonly sudo: () => boolean;
  readonly log: (line: string) => void;
}

/** A question that is open for longer, and for longer than one and a half intervals, makes the host silent. */
const silentAfterMs = 1500;

/** An attempt that failed after this long has timed out: the host is busy enough without being asked again soon. */
const timedOutMs = 10_000;
const afterTimeOutMs = 30_000;

/**
 * Keeps one host watched: connects, asks once per interval, connects again when the connection is lost, and says how
 * it is going. It never ends of an error, only by `stop()`.
 */
export class HostMonitor {
  readonly history = new History<{ at: number; moment: Moment }>();
  readonly oom: OomWatch;
  private readonly states: Emitter<MonitorState>;
  private readonly moments: Emitter<Moment>;
  private readonly clock = new HostClock();
  private current: MonitorState = { kind: 'stopped' };
  private running: AbortController | undefined;
  private session: Session | undefined;
  private last: Moment | undefined;

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
    this.oom = new OomWatch(options.sudo, options.log, report);
    this.onState = this.states.event;
    this.onMoment = this.moments.event;
  }

  readonly onState: Emitter<MonitorState>['event'];
  readonly onMoment: Emitter<Moment>['event'];

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

  /** The live connection, for actions; undefined while there is none. */
  get connection(): Connection | undefined {
    return this.session?.connection;
  }

  /** Our time of day, in ms since the epoch, of a moment on the host's clock; undefined while that is not known. */
  wallMsOf(bootId: string, hostUptimeMs: number): number | undefined {
    return this.clock.toWallMs(bootId, hostUptimeMs);
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

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    this.setState({ kind: 'connecting', sinceMs: performance.now() });
    while (!signal.aborted) {
      const startedMs = performance.now();
      const reached = { live: false };
      const error = await this.attempt(signal, () => (reached.live = true));
      if (isAborted(signal)) return;
      this.session = undefined;
      this.options.log(`${error.phase}: ${error.message}`);
      if (this.isFinal(error)) {
        this.setState(error.remedy === 'user' ? { kind: 'failed', error } : { kind: 'stopped', error });
        return;
      }
      failures = reached.live ? 1 : failures + 1;
      const timedOut = !reached.live && performance.now() - startedMs >= timedOutMs;
      const pauseMs = Math.max(backOffMs(failures), timedOut ? afterTimeOutMs : 0);
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

  /** A host that was live has no restricted shell all of a sudden: its shell could not start, or was killed. */
  private isFinal(error: ConnectionError): boolean {
    return error.remedy !== 'retry' && !(error.phase === 'channel' && this.last !== undefined);
  }

  /** One connection from its beginning to its end; resolves with why it ended. */
  private async attempt(signal: AbortSignal, onSample: () => void): Promise<ConnectionError> {
    let session: Session | undefined;
    // Over at once when the monitor is stopped: closing a host that does not answer takes a moment, to be passed silently.
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end, { once: true });
    try {
      session = await Session.open(this.transport, this.prompts, signal);
      signal.throwIfAborted();
      this.session = session;
      const ended = session.ended.finally(end);
      if (this.options.kernelLog) {
        void this.oom.follow(session.connection, session.facts.bootId ?? '', over.signal);
      }
      return await Promise.race([ended, this.ask(session, over.signal, onSample)]);
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
  private async ask(session: Session, over: AbortSignal, onSample: () => void): Promise<never> {
    let due = performance.now();
    while (!isAborted(over)) {
      const intervalMs = this.options.intervalMs();
      const silence = setTimeout(
        () => {
          this.setState({ kind: 'silent', sinceMs: session.askedAtMs ?? performance.now() });
        },
        Math.max(silentAfterMs, 1.5 * intervalMs),
      );
      const stopWaiting = (): void => clearTimeout(silence);
      over.addEventListener('abort', stopWaiting, { once: true });
      const { capture, bytes } = await session.capture();
      over.removeEventListener('abort', stopWaiting);
      stopWaiting();
      if (isAborted(over)) break;
      onSample();
      if (capture.hostUptimeMs > 0)
        this.received(sampleOf(capture), session.facts, bytes, capture.receivedAtMs);
      if (isAborted(over)) break; // by a listener
      if (this.current.kind !== 'live') this.setState({ kind: 'live' });
      // The next tick of the grid: a late answer skips questions, it does not queue them.
      due += intervalMs * Math.max(1, Math.ceil((performance.now() - due) / intervalMs));
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
    const wallMs = this.clock.toWallMs(sample.bootId, sample.at) ?? receivedWallMs;
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
}

/** Asked afresh: a listener may have stopped the monitor since the last look. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
