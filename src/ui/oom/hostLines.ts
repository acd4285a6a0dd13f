import type { KillLoop } from '../../core/oomEvents/aftermath';
import { loopText } from '../../core/oomEvents/aftermathText';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import { noLogReasonText, witnessLedgerText } from '../../core/oomEvents/witnessText';
import type { WitnessLedger } from '../../core/oomEvents/witnesses';
import type { Translate } from '../../core/translate';
import { formatBytes } from '../../core/units';
import type { KernelLogState } from '../../monitor/kernelLog';
import type { LogLookupState } from '../../monitor/logLookup';
import { cleanText } from '../../transport/cleanText';
import { momentText } from './momentText';
import type { TreeLine } from './treeLine';

/** What is known of the kills of a host besides the events. */
export interface HostKills {
  readonly isConnected: boolean;
  readonly logState: KernelLogState | undefined;
  /** Whether `sudo -n` may be used there. */
  readonly sudoAllowed: boolean;
  readonly ledger: WitnessLedger | undefined;
  /** Oldest first. */
  readonly loops: readonly KillLoop[];
  readonly events: ReadonlyMap<string, HostOomEvent>;
  readonly lookup: LogLookupState;
  readonly nowMs: number;
}

const mostLoops = 3;
/** A loop that ended longer ago does not stand above the newest kills; its own kills go on to tell it. */
const loopShownMs = 24 * 60 * 60_000;
const longestLine = 200;

/** The rows above the events of a host: what can be seen there, loops, the ledger of witnesses, the lookup. */
export function hostLines(host: HostKills, t: Translate): TreeLine[] {
  return [...noteLines(host, t), ...loopLines(host, t), ...ledgerLines(host, t), ...lookupLines(host, t)];
}

function noteLines({ events, isConnected, logState, sudoAllowed }: HostKills, t: Translate): TreeLine[] {
  const note = (label: string): TreeLine => ({ id: 'note', icon: 'info', label });
  if (!isConnected)
    return [note(events.size > 0 ? t('Not connected: these are kept of earlier') : t('Not connected'))];
  if (!logState) return [note(t('Kernel log not read yet'))];
  switch (logState.kind) {
    case 'denied':
      return [deniedLine(sudoAllowed, t)];
    case 'ended':
      return [note(t('Kernel log is not followed now'))];
    case 'reading':
      return events.size === 0 ? [note(t('No kill in the kernel log'))] : [];
  }
}

/** What is seen without the log, and what would be needed to see more. */
function deniedLine(sudoAllowed: boolean, t: Translate): TreeLine {
  if (sudoAllowed) {
    return {
      id: 'note',
      icon: 'lock',
      label: t('Kernel log not readable: sudo asks for a password there'),
      tooltip: t(
        'Kills are seen by the kernel’s counters only, which tell how many and in which cgroup, but not who was killed. To see more: let sudo run without a password there, log in as root, or add your user to the group adm or systemd-journal.',
      ),
    };
  }
  return {
    id: 'note',
    icon: 'lock',
    label: t('Kernel log not readable: needs root, or the group adm or systemd-journal'),
    tooltip: t(
      'Kills are seen by the kernel’s counters only, which tell how many and in which cgroup, but not who was killed. To see more: allow sudo for this host, log in as root, or add your user to the group adm or systemd-journal.',
    ),
    context: 'needsSudo',
    opens: 'allow-sudo',
  };
}

function loopLines({ events, loops, nowMs }: HostKills, t: Translate): TreeLine[] {
  return loops
    .map((loop) => ({ loop, last: events.get(loop.keys.at(-1) ?? '')?.atMs }))
    .filter(({ last }) => last === undefined || nowMs - last <= loopShownMs)
    .slice(-mostLoops)
    .reverse()
    .map(({ loop, last }): TreeLine => {
      const label = loopText(loop, t);
      return {
        id: `loop ${loop.name} ${loop.keys[0] ?? ''}`,
        icon: 'sync',
        label,
        ...(last !== undefined && { description: t('last at {0}', momentText(last, nowMs)) }),
        tooltip: loop.cgroup === undefined ? label : `${label}\n${cleanText(loop.cgroup, longestLine)}`,
      };
    });
}

function ledgerLines({ ledger }: HostKills, t: Translate): TreeLine[] {
  if (!ledger || ((ledger.counted ?? 0) === 0 && ledger.explained === 0)) return [];
  const { counted, withoutLog, reasons } = ledger;
  const text = witnessLedgerText(ledger, t);
  // What a narrow side bar cuts off is what matters less.
  const row =
    counted !== undefined && withoutLog > 0
      ? {
          label:
            counted === 1
              ? t('1 kill without a log line')
              : t('{0} of {1} kills without a log line', withoutLog, counted),
          description: reasons.map((reason) => noLogReasonText(reason, t)).join('; '),
        }
      : { label: t('Kills: {0}', text) };
  return [
    {
      id: 'ledger',
      icon: withoutLog > 0 ? 'warning' : 'law',
      ...row,
      tooltip: `${text}\n${t('Kills since the start of the machine: those that its counter (oom_kill of /proc/vmstat) tells, and those that its logs explain.')}`,
    },
  ];
}

function lookupLines({ lookup }: HostKills, t: Translate): TreeLine[] {
  switch (lookup.kind) {
    case 'none':
      return [];
    case 'running': {
      const what = cleanText(lookup.what, longestLine);
      const label =
        lookup.of === undefined
          ? t('Looking for earlier kills: {0}', what)
          : t('Looking for earlier kills: {0} ({1} of {2})', what, lookup.done, lookup.of);
      return [{ id: 'lookup', icon: 'sync~spin', label }];
    }
    case 'done': {
      const label = lookupText(lookup, t);
      const notes = lookup.notes.map((note) => cleanText(note, longestLine));
      return [
        {
          id: 'lookup',
          icon: 'history',
          label,
          ...(notes[0] !== undefined && { description: notes[0] }),
          tooltip: [label, ...notes].join('\n'),
        },
      ];
    }
    case 'failed':
      return [
        {
          id: 'lookup',
          icon: 'error',
          label: t('Earlier kills not found: {0}', cleanText(lookup.message, longestLine)),
        },
      ];
  }
}

/** How much was read in search of earlier kills. */
export function lookupText(
  { boots, files, bytes }: Pick<Extract<LogLookupState, { kind: 'done' }>, 'boots' | 'files' | 'bytes'>,
  t: Translate,
): string {
  return t(
    'Searched for earlier kills: {0}, {1}, {2}',
    boots === 1 ? t('journal of 1 boot') : t('journal of {0} boots', boots),
    files === 1 ? t('1 log file') : t('{0} log files', files),
    formatBytes(bytes),
  );
}
