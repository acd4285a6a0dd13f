import { actions } from '../actions';
import { formatBytes, formatDuration } from '../units';
import type { ActionRecord, RecordedTarget } from './record';
import { headlineOf, type SentBy, type TargetOutcome } from './result';
import { hostText } from './words';
import type { Translate } from '../translate';

const outcomeTexts: Readonly<Record<TargetOutcome, string>> = {
  done: 'done',
  ending: 'killed, has yet to end',
  gone: 'had ended already',
  failed: 'refused',
  'not-done': 'not done',
  unknown: 'not known',
};

const wayTexts: Readonly<Record<SentBy, string>> = {
  api: 'by the API',
  cgroup: 'by the kernel',
  signal: 'by signal',
};

/** A name or reason of the file is cut there to so many characters at most. */
const longestText = 300;

/**
 * The record to be read by a person: plain text, a block for each action, a line for each of its targets. Nothing in it that a
 * host has said makes a line or hides one.
 * @param records newest first.
 * @param file where they stand as they were written.
 */
export function recordText(records: readonly ActionRecord[], file: string, t: Translate): string {
  const head = t('Actions on hosts, newest first. As they were written, line by line:\n{0}', file);
  return [head, ...records.map((record) => blockOf(record, t))].join('\n\n') + '\n';
}

function blockOf(record: ActionRecord, t: Translate): string {
  const { action, confirmedBy, host, limitBytes, moreTargets, stage, targets } = record;
  const label = actions.find(({ id }) => id === action)?.label ?? action;
  const { user, window } = confirmedBy;
  const facts = [
    window === undefined
      ? t('Confirmed by {0}.', hostText(user))
      : t('Confirmed by {0} in the window {1}.', hostText(user), hostText(window)),
    ...(limitBytes === undefined ? [] : [t('New limit: {0}.', formatBytes(limitBytes))]),
    ...(stage === 'begun' ? [t('It was begun; how it ended was not written down.')] : []),
    ...targets.map((target) => targetLine(target, t)),
    ...(moreTargets === undefined ? [] : [t('… and {0} more', moreTargets)]),
    ...memoryLines(record, t),
  ];
  const title =
    stage === 'begun'
      ? t('{0} on {1}', t(label), hostText(host))
      : headlineOf(action, targets, hostText(host), t);
  return [`${timeText(record.time)}  ${title}`, ...facts].join('\n    ');
}

/** E.g. `done: “web” (35c89c6eaa85), freeze, kill by the API, 0.4 s`. */
function targetLine(target: RecordedTarget, t: Translate): string {
  const { by, endedAt, name, outcome, reason, sent, sentAt } = target;
  const identity = identityOf(target, t);
  const who = `“${hostText(name, longestText)}”${identity === undefined ? '' : ` (${identity})`}`;
  const ms = Date.parse(endedAt ?? '') - Date.parse(sentAt ?? '');
  const how = [
    ...(sent === undefined ? [] : [hostText(sent, longestText)]),
    ...(by === undefined ? [] : [t(wayTexts[by])]),
  ].join(' ');
  const parts = [
    ...(how === '' ? [] : [how]),
    ...(Number.isFinite(ms) && ms >= 0 ? [formatDuration(ms)] : []),
    ...(reason === undefined ? [] : [hostText(reason, longestText)]),
  ];
  return `${t(outcomeTexts[outcome])}: ${[who, ...parts].join(', ')}`;
}

function identityOf({ id, path, pid }: RecordedTarget, t: Translate): string | undefined {
  if (id !== undefined) return hostText(id.slice(0, 12));
  return pid === undefined ? path && hostText(path, longestText) : t('pid {0}', pid);
}

function memoryLines(record: ActionRecord, t: Translate): string[] {
  const { availableAfterBytes: after, availableBeforeBytes: before, swapGainBytes, targetsBytes } = record;
  return [
    ...(targetsBytes === undefined
      ? []
      : [t('{0} came back that only they held.', formatBytes(targetsBytes))]),
    ...(before === undefined || after === undefined
      ? []
      : [t('Available memory: {0} before, {1} after.', formatBytes(before), formatBytes(after))]),
    ...(swapGainBytes === undefined || swapGainBytes <= 0
      ? []
      : [t('{0} of swap became free.', formatBytes(swapGainBytes))]),
  ];
}

/** `2026-11-23T08:44:53.120Z` as `2026-11-23 08:44:53 UTC`. */
function timeText(time: string): string {
  return hostText(time.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC'));
}
