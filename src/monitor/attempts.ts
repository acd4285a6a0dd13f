import { errorText } from '../core/errorText';
import { ConnectionError } from '../transport/connection';
import { backOffMs } from './backOff';
import { isAborted, pause } from './pause';

/** An attempt that failed after this long has timed out: the host is busy enough without being asked again soon. */
const timedOutMs = 10_000;
const afterTimeOutMs = 30_000;

export interface AttemptOptions<T> {
  /** @throws {ConnectionError} */
  readonly open: (signal: AbortSignal) => Promise<T>;
  /** Whether another attempt would change nothing until a person acts. */
  readonly isFinal: (error: ConnectionError) => boolean;
  /** The shortest pause between two attempts at this moment, in ms. */
  readonly leastPauseMs: () => number;
  readonly onStart: () => void;
  /** An attempt has failed, and this is when the next one starts, in ms of our monotonic clock. */
  readonly onFailure: (error: ConnectionError, nextAttemptAtMs: number) => void;
}

/** Attempts to open something, one at a time, ever more rarely. */
export class Attempts<T extends { close(): void }> {
  private failures = 0;
  private notBeforeMs = 0;
  private opening = false;

  constructor(private readonly options: AttemptOptions<T>) {}

  /** Whether an attempt is under way at this moment, and no pause. */
  get underWay(): boolean {
    return this.opening;
  }

  /** What is open has worked: after the next loss pauses are short again. */
  succeeded(): void {
    this.failures = 0;
  }

  /** Somebody wants to connect now: what failed before no longer counts. */
  forget(): void {
    this.failures = 0;
    this.notBeforeMs = 0;
  }

  /** What was open is lost. A pause that goes on already is not cut short. @returns when the next attempt may start. */
  lost(): number {
    return this.putOff(0);
  }

  /** Tries until it works. @returns the final error where it does not; undefined when `signal` is aborted. */
  async next(signal: AbortSignal): Promise<T | ConnectionError | undefined> {
    for (;;) {
      await pause(this.notBeforeMs - performance.now(), signal);
      if (signal.aborted) return undefined;
      this.options.onStart();
      const startedMs = performance.now();
      const outcome = await this.attempt(signal);
      if (isAborted(signal)) {
        if (!(outcome instanceof ConnectionError)) outcome.close();
        return undefined;
      }
      if (!(outcome instanceof ConnectionError) || this.options.isFinal(outcome)) return outcome;
      const tookMs = performance.now() - startedMs;
      const timedOut = tookMs >= timedOutMs;
      const nextMs = this.putOff(Math.max(timedOut ? afterTimeOutMs : 0, this.options.leastPauseMs()));
      this.options.onFailure(outcome, nextMs);
    }
  }

  private putOff(leastPauseMs: number): number {
    this.failures += 1;
    const pauseMs = Math.max(backOffMs(this.failures), leastPauseMs);
    this.notBeforeMs = Math.max(this.notBeforeMs, performance.now() + pauseMs);
    return this.notBeforeMs;
  }

  private async attempt(signal: AbortSignal): Promise<T | ConnectionError> {
    this.opening = true;
    try {
      return await this.options.open(signal);
    } catch (error) {
      if (error instanceof ConnectionError) return error;
      const message = errorText(error);
      return new ConnectionError('connection', 'retry', `Unexpected: ${message}.`, '', { cause: error });
    } finally {
      this.opening = false;
    }
  }
}
