import { describe, expect, it } from 'vitest';
import { stateAfter, type LifeEvent, type MonitorState } from '../../../src/monitor/life';
import { ConnectionError } from '../../../src/transport/connection';

const refused = new ConnectionError('tcp', 'retry', 'The host refused the connection.');
const reset = new ConnectionError('connection', 'retry', 'The connection was reset.');
const changedKey = new ConnectionError('host-key', 'user', 'The host key has changed.');
const cancelled = new ConnectionError('authentication', 'cancelled', 'The password was not given.');

const states = {
  connecting: { kind: 'connecting', sinceMs: 10 },
  live: { kind: 'live' },
  silent: { kind: 'silent', sinceMs: 20 },
  'silent, second under way': { kind: 'silent', sinceMs: 20, second: { attempt: 1 } },
  'silent, second failed': {
    kind: 'silent',
    sinceMs: 20,
    second: { attempt: 2, error: refused, nextAttemptAtMs: 60 },
  },
  'reconnecting, pausing': { kind: 'reconnecting', error: refused, attempt: 3, nextAttemptAtMs: 70 },
  'reconnecting, under way': {
    kind: 'reconnecting',
    error: refused,
    attempt: 3,
    nextAttemptAtMs: undefined,
  },
  failed: { kind: 'failed', error: changedKey },
  stopped: { kind: 'stopped' },
  'stopped by an answer': { kind: 'stopped', error: cancelled },
} as const satisfies Record<string, MonitorState>;

const events = {
  started: { type: 'started', atMs: 100 },
  answered: { type: 'answered' },
  late: { type: 'late', sinceMs: 110 },
  lost: { type: 'lost', error: reset, nextAttemptAtMs: 120 },
  'lost beside an attempt': { type: 'lost', error: reset, nextAttemptAtMs: undefined },
  attempt: { type: 'attempt' },
  'attempt failed': { type: 'attempt-failed', error: reset, nextAttemptAtMs: 130 },
  'attempt failed for good': { type: 'attempt-failed', error: changedKey },
  'ended, to mend': { type: 'ended', error: changedKey },
  'ended, refused': { type: 'ended', error: cancelled },
  stopped: { type: 'stopped' },
} as const satisfies Record<string, LifeEvent>;

/** The very same object: nobody is told. */
const same = 'same';

const connecting: MonitorState = { kind: 'connecting', sinceMs: 100 };
const live: MonitorState = { kind: 'live' };
const stopped: MonitorState = { kind: 'stopped' };
const ends = {
  'ended, to mend': { kind: 'failed', error: changedKey },
  'ended, refused': { kind: 'stopped', error: cancelled },
  stopped,
} as const satisfies Record<string, MonitorState>;

const reconnecting = (error: ConnectionError, attempt: number, nextAttemptAtMs?: number): MonitorState => ({
  kind: 'reconnecting',
  error,
  attempt,
  nextAttemptAtMs,
});
const silent = (
  second: { attempt: number; error?: ConnectionError; nextAttemptAtMs?: number } | undefined,
): MonitorState => ({ kind: 'silent', sinceMs: 20, ...(second && { second }) });
const overFor = {
  started: connecting,
  answered: same,
  late: same,
  lost: same,
  'lost beside an attempt': same,
  attempt: same,
  'attempt failed': same,
  'attempt failed for good': same,
  'ended, to mend': same,
  'ended, refused': same,
  stopped,
} as const;

const expected: Record<keyof typeof states, Record<keyof typeof events, MonitorState | typeof same>> = {
  connecting: {
    started: same,
    answered: live,
    late: { kind: 'silent', sinceMs: 110 },
    lost: reconnecting(reset, 1, 120),
    'lost beside an attempt': reconnecting(reset, 1),
    attempt: same,
    'attempt failed': reconnecting(reset, 1, 130),
    'attempt failed for good': reconnecting(changedKey, 1),
    ...ends,
  },
  live: {
    started: same,
    answered: same,
    late: { kind: 'silent', sinceMs: 110 },
    lost: reconnecting(reset, 1, 120),
    'lost beside an attempt': reconnecting(reset, 1),
    attempt: same,
    'attempt failed': same,
    'attempt failed for good': same,
    ...ends,
  },
  silent: {
    started: same,
    answered: live,
    late: same,
    lost: reconnecting(reset, 1, 120),
    'lost beside an attempt': reconnecting(reset, 1),
    attempt: silent({ attempt: 1 }),
    'attempt failed': silent({ attempt: 1, error: reset, nextAttemptAtMs: 130 }),
    'attempt failed for good': silent({ attempt: 1, error: changedKey }),
    ...ends,
  },
  'silent, second under way': {
    started: same,
    answered: live,
    late: same,
    lost: reconnecting(reset, 1, 120),
    'lost beside an attempt': reconnecting(reset, 1),
    attempt: silent({ attempt: 2 }),
    'attempt failed': silent({ attempt: 1, error: reset, nextAttemptAtMs: 130 }),
    'attempt failed for good': silent({ attempt: 1, error: changedKey }),
    ...ends,
  },
  'silent, second failed': {
    started: same,
    answered: live,
    late: same,
    lost: reconnecting(reset, 2, 120),
    'lost beside an attempt': reconnecting(reset, 2),
    attempt: silent({ attempt: 3, error: refused }),
    'attempt failed': silent({ attempt: 2, error: reset, nextAttemptAtMs: 130 }),
    'attempt failed for good': silent({ attempt: 2, error: changedKey }),
    ...ends,
  },
  'reconnecting, pausing': {
    started: same,
    answered: live,
    late: { kind: 'silent', sinceMs: 110 },
    lost: reconnecting(reset, 1, 120),
    'lost beside an attempt': reconnecting(reset, 1),
    attempt: reconnecting(refused, 3),
    'attempt failed': reconnecting(reset, 4, 130),
    'attempt failed for good': reconnecting(changedKey, 4),
    ...ends,
  },
  'reconnecting, under way': {
    started: same,
    answered: live,
    late: { kind: 'silent', sinceMs: 110 },
    lost: reconnecting(reset, 1, 120),
    'lost beside an attempt': reconnecting(reset, 1),
    attempt: reconnecting(refused, 3),
    'attempt failed': reconnecting(reset, 4, 130),
    'attempt failed for good': reconnecting(changedKey, 4),
    ...ends,
  },
  failed: overFor,
  stopped: overFor,
  'stopped by an answer': overFor,
};

describe('stateAfter', () => {
  const names = Object.keys(states) as (keyof typeof states)[];
  describe.each(names)('%s', (name) => {
    const state: MonitorState = states[name];
    it.each(Object.keys(events) as (keyof typeof events)[])('%s', (event) => {
      const after = stateAfter(state, events[event]);
      const wanted = expected[name][event];
      if (wanted === same) expect(after).toBe(state);
      else expect(after).toStrictEqual(wanted);
    });
  });
});
