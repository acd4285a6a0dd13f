import type { ConnectionError } from '../transport/connection';

/** A second connection beside one that does not answer. */
export interface SecondConnection {
  /** Attempts so far, the one under way included. */
  readonly attempt: number;
  /** When the next attempt starts; undefined while one is under way, and where there will be none. */
  readonly nextAttemptAtMs?: number;
  /** How the last attempt failed. */
  readonly error?: ConnectionError;
}

/** How a host is doing. Times are ms of our monotonic clock (`performance.now()`). */
export type MonitorState =
  | { readonly kind: 'connecting'; readonly sinceMs: number }
  | { readonly kind: 'live' }
  /** Asked and not answered since `sinceMs`. The connection stays: on a thrashing host it is the only one that works. */
  | { readonly kind: 'silent'; readonly sinceMs: number; readonly second?: SecondConnection }
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

/** What happens to the watching of a host. */
export type LifeEvent =
  | { readonly type: 'started'; readonly atMs: number }
  /** An answer has come, on whichever connection. */
  | { readonly type: 'answered' }
  /** A question has been open for too long, be it the first one of a connection. */
  | { readonly type: 'late'; readonly sinceMs: number }
  /** The connection is gone. */
  | { readonly type: 'lost'; readonly error: ConnectionError; readonly nextAttemptAtMs: number | undefined }
  /** An attempt to connect begins. */
  | { readonly type: 'attempt' }
  /** It has failed; without `nextAttemptAtMs` there is no further one. */
  | { readonly type: 'attempt-failed'; readonly error: ConnectionError; readonly nextAttemptAtMs?: number }
  /** Nothing goes on until a person acts; `error.remedy` says whether they refused or have something to mend. */
  | { readonly type: 'ended'; readonly error: ConnectionError }
  | { readonly type: 'stopped' };

/**
 * The state after an event; the same object where the event changes nothing. Silence never leads out of a connection:
 * only `lost` does.
 */
export function stateAfter(state: MonitorState, event: LifeEvent): MonitorState {
  if (event.type === 'stopped') return { kind: 'stopped' };
  const over = state.kind === 'stopped' || state.kind === 'failed';
  if (event.type === 'started') return over ? { kind: 'connecting', sinceMs: event.atMs } : state;
  if (over) return state;
  switch (event.type) {
    case 'answered':
      return state.kind === 'live' ? state : { kind: 'live' };
    case 'late':
      return state.kind === 'silent' ? state : { kind: 'silent', sinceMs: event.sinceMs };
    case 'lost':
      return afterLoss(state, event);
    case 'attempt':
      return afterAttempt(state);
    case 'attempt-failed':
      return afterFailure(state, event);
    case 'ended':
      return event.error.remedy === 'user'
        ? { kind: 'failed', error: event.error }
        : { kind: 'stopped', error: event.error };
  }
}

/** An attempt that goes on beside a lost connection becomes the first one to connect again. */
function afterLoss(
  state: MonitorState,
  { error, nextAttemptAtMs }: Extract<LifeEvent, { type: 'lost' }>,
): MonitorState {
  const attempt = state.kind === 'silent' ? (state.second?.attempt ?? 1) : 1;
  return { kind: 'reconnecting', error, attempt, nextAttemptAtMs };
}

function afterAttempt(state: MonitorState): MonitorState {
  if (state.kind === 'silent') {
    const { attempt = 0, error } = state.second ?? {};
    return { ...state, second: { attempt: attempt + 1, ...(error && { error }) } };
  }
  if (state.kind === 'reconnecting') return { ...state, nextAttemptAtMs: undefined };
  return state;
}

function afterFailure(
  state: MonitorState,
  { error, nextAttemptAtMs }: Extract<LifeEvent, { type: 'attempt-failed' }>,
): MonitorState {
  if (state.kind === 'silent') {
    const attempt = state.second?.attempt ?? 1;
    return {
      ...state,
      second: { attempt, error, ...(nextAttemptAtMs !== undefined && { nextAttemptAtMs }) },
    };
  }
  if (state.kind === 'connecting') return { kind: 'reconnecting', error, attempt: 1, nextAttemptAtMs };
  if (state.kind === 'reconnecting') return { ...state, error, attempt: state.attempt + 1, nextAttemptAtMs };
  return state;
}
