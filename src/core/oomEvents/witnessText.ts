import type { Translate } from '../translate';
import type { EventSource } from './hostEvent';
import type { NoLogReason, WitnessLedger } from './witnesses';

const reasonTexts: Readonly<Record<NoLogReason, string>> = {
  'log-not-readable': 'the log may not be read',
  'log-overwritten': 'the log was overwritten',
  'rate-limited': 'the kernel left out reports, since there were too many',
  'log-behind': 'the log is not read to its end',
  'group-kill': 'a group was killed as a whole, of which each task is counted',
  unknown: 'why is not known',
};

/** Why a kill has no line in a log, as a part of a sentence. */
export function noLogReasonText(reason: NoLogReason, t: Translate): string {
  return t(reasonTexts[reason]);
}

/** The ledger in one line: `3 counted, 2 explained, 1 without a log line: the log was overwritten`. */
export function witnessLedgerText(ledger: WitnessLedger, t: Translate): string {
  const { counted, explained, withoutLog, notCounted, reasons } = ledger;
  if (counted === undefined)
    return t('{0} explained by the log; this kernel does not count kills', explained);
  const parts = [t('{0} counted', counted), t('{0} explained', explained)];
  if (withoutLog > 0) parts.push(t('{0} without a log line', withoutLog));
  if (notCounted > 0) parts.push(t('{0} in the log that the counter does not know', notCounted));
  const line = parts.join(', ');
  if (withoutLog === 0 || reasons.length === 0) return line;
  return t('{0}: {1}', line, reasons.map((reason) => noLogReasonText(reason, t)).join('; '));
}

const sourceTexts: Readonly<Record<EventSource, string>> = {
  'kernel-log': 'kernel log',
  journal: 'journal',
  'log-file': 'log file',
  counters: 'counters',
};

/** Where an event was learnt from: `kernel log, journal`. */
export function sourcesText(sources: readonly EventSource[], t: Translate): string {
  return sources.map((source) => t(sourceTexts[source])).join(', ');
}
