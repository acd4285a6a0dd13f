import { describe, expect, it } from 'vitest';
import type { MemoryReturned } from '../../../../src/core/actions/memoryReturned';
import {
  outcomeOfContainer,
  outcomeOfRescue,
  resultsOf,
  returnedSentences,
  summaryOf,
  verdictOf,
  type TargetOutcome,
  type TargetResult,
} from '../../../../src/core/actions/result';
import { container, idOf, joined, MiB, plan } from './hosts';
import { english } from '../../../../src/core/translate';

const names = ['a', 'b', 'c', 'd'];
const made = plan({
  action: 'kill-all-containers',
  target: { kind: 'host' },
  containers: names.map((name) => joined(idOf(name), container(idOf(name), { name }))),
});
const result = (name: string, outcome: TargetOutcome, reason?: string): TargetResult => ({
  key: idOf(name),
  outcome,
  ...(reason !== undefined && { reason }),
});

describe('results', () => {
  it('are one for each target, in the order of the plan, also where an answer is missing', () => {
    const came = [result('c', 'failed', 'no'), result('a', 'done')];
    expect(resultsOf(made.targets, came, 'unknown')).toEqual([
      result('a', 'done'),
      result('b', 'unknown'),
      result('c', 'failed', 'no'),
      result('d', 'unknown'),
    ]);
    const [, second] = resultsOf(made.targets, came, 'not-done');
    expect(second).toEqual(result('b', 'not-done'));
  });

  it.each<[readonly TargetOutcome[], string]>([
    [['done', 'done'], 'ok'],
    [['done', 'gone'], 'ok'],
    [['done', 'unknown'], 'partly'],
    [['gone', 'failed'], 'partly'],
    [['failed', 'not-done'], 'failed'],
    [['unknown'], 'failed'],
  ])('%j: %s', (outcomes, verdict) => {
    expect(verdictOf(outcomes.map((outcome, index) => result(names[index] ?? '', outcome)))).toBe(verdict);
  });

  it('of the API and of the rescue lane come in the same words', () => {
    expect((['done', 'gone', 'failed', 'unknown', 'not-sent'] as const).map(outcomeOfContainer)).toEqual([
      'done',
      'gone',
      'failed',
      'unknown',
      'not-done',
    ]);
    const outcomes = ['killed', 'ending', 'gone', 'refused', 'not-killed', 'unknown'] as const;
    const words = ['done', 'ending', 'gone', 'failed', 'not-done', 'unknown'];
    expect(outcomes.map(outcomeOfRescue)).toEqual(words);
  });
});

describe('the summary', () => {
  const say = (results: readonly TargetResult[], returned?: MemoryReturned): string =>
    summaryOf('kill-all-containers', made.targets, results, 'Web 1', english, returned);

  it('names each target with what became of it, and why', () => {
    const results = [
      result('a', 'done'),
      result('b', 'failed', 'permission\ndenied'),
      result('c', 'unknown'),
      result('d', 'not-done'),
    ];
    expect(say(results)).toBe(
      'Killed 1 of 4 containers on Web 1. Done: “a”. Refused: “b” (permission?denied). Not done: “d”. ' +
        'No answer came, so it is not known what became of “c”.',
    );
  });

  it('counts as hit only what has ended', () => {
    expect(say([result('a', 'ending')])).toBe(
      'Killed 0 of 1 container on Web 1. Killed, and has yet to end: “a”.',
    );
    expect(verdictOf([result('a', 'ending')])).toBe('partly');
  });

  it('of one is said of one', () => {
    expect(say([result('a', 'gone')])).toBe('Killed 0 of 1 container on Web 1. Had ended already: “a”.');
  });

  it('names at most five, and a reason once for all that have it', () => {
    const results = Array.from({ length: 9 }, (_none, index) =>
      result(names[index] ?? String(index), 'unknown', index < 2 ? 'It was cut.' : 'late'),
    );
    const [c, d] = [2, 3].map((index) => `“${names[index] ?? ''}”`);
    const last = idOf('4');
    expect(say(results)).toContain(`“a”, “b” (It was cut), ${c}, ${d}, “${last}” (late), and 4 more.`);
  });

  it('ends with the memory that came back, and what is compared', () => {
    const returned: MemoryReturned = {
      availableBeforeBytes: 30 * MiB,
      availableAfterBytes: 500 * MiB,
      gainBytes: 470 * MiB,
      swapGainBytes: 12 * MiB,
      targetsBytes: 700 * MiB,
      unreadTargets: 0,
      others: 'took',
      measuredAfterMs: 3000,
    };
    expect(say([result('a', 'done')], returned)).toBe(
      'Killed 1 of 1 container on Web 1. Done: “a”. 700 MiB came back that only they held. ' +
        'Available memory rose by 470 MiB, from 30.0 MiB to 500 MiB. ' +
        'Other programs took memory meanwhile, so less of it is seen as available. 12.0 MiB of swap became free.',
    );
    const fell = { ...returned, gainBytes: -MiB, availableAfterBytes: 29 * MiB, swapGainBytes: -1 };
    expect(returnedSentences(fell, english)[1]).toBe(
      'Available memory fell by 1.0 MiB, from 30.0 MiB to 29.0 MiB.',
    );
  });

  it('says nothing of memory that was not measured', () => {
    const nothing: MemoryReturned = {
      availableBeforeBytes: undefined,
      availableAfterBytes: 5,
      gainBytes: undefined,
      swapGainBytes: undefined,
      targetsBytes: undefined,
      unreadTargets: 0,
      others: undefined,
      measuredAfterMs: undefined,
    };
    expect(returnedSentences(nothing, english)).toEqual([]);
    expect(returnedSentences({ ...nothing, targetsBytes: MiB }, english)).toEqual([
      'They alone held 1.0 MiB; what came back was not measured.',
    ]);
  });
});
