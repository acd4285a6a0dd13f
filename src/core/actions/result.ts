import type { ActionId } from '../actions';
import type { ContainerOutcome } from '../containers/containerAction';
import { formatBytes } from '../units';
import type { PlannedTarget } from './plan';
import type { MemoryReturned } from './memoryReturned';
import { hostText } from './words';
import type { Translate } from '../translate';

/**
 * What became of one target: `done` – it was hit, and the host or the runtime says so; `ending` – it was killed, and was
 * still there when that was looked at last; `gone` – it had ended before, or the pid was another process's, and nothing was
 * hit; `failed` – it was refused, and the target is what it was; `not-done` – nothing was sent for it; `unknown` – something
 * was sent, and no answer came.
 */
export type TargetOutcome = 'done' | 'ending' | 'gone' | 'failed' | 'not-done' | 'unknown';

/** How a target was hit. */
export type SentBy = 'api' | 'cgroup' | 'signal';

export interface TargetResult {
  /** `PlannedTarget.key`. */
  readonly key: string;
  readonly outcome: TargetOutcome;
  /** Why, in the words of the host (to be cleaned before they are shown) or of the connection. */
  readonly reason?: string;
  readonly by?: SentBy;
  /** What was sent in the terms of the way, e.g. `kill` by the API, `cgroup.kill`, `SIGTERM, SIGKILL`. Absent: nothing. */
  readonly sent?: string;
  /** Our clock, ms since the epoch: when it was sent, and when the answer came or was given up. */
  readonly sentAtMs?: number;
  readonly endedAtMs?: number;
}

/** The same in the terms of the container API. */
export function outcomeOfContainer(outcome: ContainerOutcome): TargetOutcome {
  return outcome === 'not-sent' ? 'not-done' : outcome;
}

/** The same in the terms of the rescue lane. */
export function outcomeOfRescue(
  outcome: 'killed' | 'ending' | 'gone' | 'refused' | 'not-killed' | 'unknown',
): TargetOutcome {
  if (outcome === 'killed') return 'done';
  if (outcome === 'refused') return 'failed';
  return outcome === 'not-killed' ? 'not-done' : outcome;
}

/**
 * The results of all selected targets in the order of the plan: one that is missing was not done, or is unknown.
 * @param missing what is true of those that no result came for: `not-done` after a cancel, `unknown` after a cut.
 */
export function resultsOf(
  targets: readonly PlannedTarget[],
  results: readonly TargetResult[],
  missing: 'not-done' | 'unknown',
): TargetResult[] {
  const came = new Map(results.map((result) => [result.key, result]));
  return targets
    .filter(({ selected }) => selected)
    .map(({ key }) => came.get(key) ?? { key, outcome: missing });
}

/** How many targets came to each outcome. */
export function countsOf(
  results: readonly Pick<TargetResult, 'outcome'>[],
): Readonly<Record<TargetOutcome, number>> {
  const counts = { done: 0, ending: 0, gone: 0, failed: 0, 'not-done': 0, unknown: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** `ok`: all are done or gone. `partly`: some are, or have yet to end. `failed`: none is. */
export function verdictOf(results: readonly TargetResult[]): 'ok' | 'partly' | 'failed' {
  const { done, ending, gone } = countsOf(results);
  if (done + gone === results.length) return 'ok';
  return done + gone + ending > 0 ? 'partly' : 'failed';
}

/** So many targets are named in a sentence. */
const mostNamed = 5;

/**
 * What became of an action in a few sentences, e.g. `Killed 2 of 3 containers on web. Done: “a”, “b”. Refused: “db”
 * (permission denied). 1.1 GiB came back that only they held. Available memory rose by 1.2 GiB, from 30 MiB to 1.2 GiB.`
 * @param hostLabel the host's name for people.
 * @param returned undefined where nothing was measured, or the action gives nothing back.
 */
export function summaryOf(
  action: ActionId,
  targets: readonly PlannedTarget[],
  results: readonly TargetResult[],
  hostLabel: string,
  t: Translate,
  returned?: MemoryReturned,
): string {
  const counts = countsOf(results);
  const host = hostText(hostLabel);
  const names = new Map(targets.map(({ key, name }) => [key, name]));
  const named = (outcome: TargetOutcome): string => {
    const all = results.filter((result) => result.outcome === outcome);
    // Those with the same reason stand together before it.
    const byReason = new Map<string, string[]>();
    for (const { key, reason = '' } of all.slice(0, mostNamed))
      byReason.set(reason, [...(byReason.get(reason) ?? []), `“${hostText(names.get(key) ?? key)}”`]);
    const shown = [...byReason].map(([reason, some]) =>
      reason === '' ? some.join(', ') : `${some.join(', ')} (${hostText(reason, 200).replace(/\.$/, '')})`,
    );
    const more = all.length - mostNamed;
    return [...shown, ...(more > 0 ? [t('and {0} more', more)] : [])].join(', ');
  };
  const sentences = [headlineOf(action, results, host, t)];
  if (counts.done > 0) sentences.push(t('Done: {0}.', named('done')));
  if (counts.ending > 0) sentences.push(t('Killed, and has yet to end: {0}.', named('ending')));
  if (counts.gone > 0) sentences.push(t('Had ended already: {0}.', named('gone')));
  if (counts.failed > 0) sentences.push(t('Refused: {0}.', named('failed')));
  if (counts['not-done'] > 0) sentences.push(t('Not done: {0}.', named('not-done')));
  if (counts.unknown > 0)
    sentences.push(t('No answer came, so it is not known what became of {0}.', named('unknown')));
  if (returned) sentences.push(...returnedSentences(returned, t));
  return sentences.join(' ');
}

/** What each action has done, with one target and with several: `{0}` of `{1}` on the host `{2}`. */
const headlines: Readonly<Partial<Record<ActionId, readonly [one: string, many: string]>>> = {
  'disable-restart-policy': [
    'Disabled the restart policy of {0} of {1} container on {2}.',
    'Disabled the restart policies of {0} of {1} containers on {2}.',
  ],
  'freeze-all-containers': ['Froze {0} of {1} container on {2}.', 'Froze {0} of {1} containers on {2}.'],
  'freeze-containers': ['Froze {0} of {1} container on {2}.', 'Froze {0} of {1} containers on {2}.'],
  'kill-all-containers': ['Killed {0} of {1} container on {2}.', 'Killed {0} of {1} containers on {2}.'],
  'kill-containers': ['Killed {0} of {1} container on {2}.', 'Killed {0} of {1} containers on {2}.'],
  'kill-process': ['Killed {0} of {1} process on {2}.', 'Killed {0} of {1} processes on {2}.'],
  'restart-containers': ['Restarted {0} of {1} container on {2}.', 'Restarted {0} of {1} containers on {2}.'],
  'set-memory-limit': [
    'Set the memory limit of {0} of {1} container on {2}.',
    'Set the memory limits of {0} of {1} containers on {2}.',
  ],
  'stop-containers': ['Stopped {0} of {1} container on {2}.', 'Stopped {0} of {1} containers on {2}.'],
  'terminate-process': ['Ended {0} of {1} process on {2}.', 'Ended {0} of {1} processes on {2}.'],
  'thaw-containers': ['Thawed {0} of {1} container on {2}.', 'Thawed {0} of {1} containers on {2}.'],
};

/** How many of its targets an action has hit, e.g. `Killed 3 of 4 containers on web.` @param host fit to be shown. */
export function headlineOf(
  action: ActionId,
  results: readonly Pick<TargetResult, 'outcome'>[],
  host: string,
  t: Translate,
): string {
  const [one, many] = headlines[action] ?? ['Done: {0} of {1} on {2}.', 'Done: {0} of {1} on {2}.'];
  return t(results.length === 1 ? one : many, countsOf(results).done, results.length, host);
}

/** What the measured memory is, and what it is compared with. */
export function returnedSentences(returned: MemoryReturned, t: Translate): string[] {
  const { availableBeforeBytes: before, availableAfterBytes: after, gainBytes, targetsBytes } = returned;
  const sentences: string[] = [];
  if (targetsBytes !== undefined)
    sentences.push(
      returned.measuredAfterMs === undefined
        ? t('They alone held {0}; what came back was not measured.', formatBytes(targetsBytes))
        : t('{0} came back that only they held.', formatBytes(targetsBytes)),
    );
  if (returned.unreadTargets > 0)
    sentences.push(
      targetsBytes === undefined
        ? t('How much of it they held was not read.')
        : t('Not in it are {0} of them, which were not read.', returned.unreadTargets),
    );
  if (gainBytes !== undefined && before !== undefined && after !== undefined) {
    const values = [formatBytes(Math.abs(gainBytes)), formatBytes(before), formatBytes(after)];
    sentences.push(
      gainBytes >= 0
        ? t('Available memory rose by {0}, from {1} to {2}.', ...values)
        : t('Available memory fell by {0}, from {1} to {2}.', ...values),
    );
  }
  if (returned.others === 'took')
    sentences.push(t('Other programs took memory meanwhile, so less of it is seen as available.'));
  if (returned.others === 'gave')
    sentences.push(t('Other memory became available meanwhile, which is in the figure too.'));
  const { swapGainBytes } = returned;
  if (swapGainBytes !== undefined && swapGainBytes > 0)
    sentences.push(t('{0} of swap became free.', formatBytes(swapGainBytes)));
  return sentences;
}
