import { cleanLine, codeBlock, codeSpan } from '../checkup/cleanText';
import { dateAndTime } from '../checkup/clock';
import { permissionTitles, type Permission } from '../permissions/permission';
import { english } from '../translate';
import type { TimedStep } from './connectStep';
import { phaseGroups, type PhaseGroup } from './phaseRows';
import { withoutHome } from './withoutHome';

/** What a check of a connection has found. Times are of one monotonic clock, in ms. */
export interface ConnectionCheck {
  /** What was typed, or the label of the host. */
  readonly name: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly steps: readonly TimedStep[];
  /** Absent: it went all the way. */
  readonly failure?: CheckFailure;
  /** What is seen on the host and what not; absent where it was not asked. */
  readonly permissions?: readonly Permission[];
}

export interface CheckFailure {
  /** As `Phase` of the transport has it. */
  readonly phase: string;
  readonly happened: string;
  /** What to do; may be empty. */
  readonly advice: string;
}

/** What is ours and not the host's. */
export interface CheckContext {
  /** e.g. `Remote Memory Diagnostics 0.1.0`, `VS Code 1.90.0`. */
  readonly programs: readonly string[];
  /** Folder of the user at this machine, told as `~`. */
  readonly home: string;
  /** Of the report, ms since the epoch. */
  readonly wallMs: number;
}

const signs: Readonly<Record<Permission['state'], string>> = { no: '✗', unknown: '?', yes: '✓', absent: '–' };

/**
 * A check of a connection as a Markdown document to paste into an issue, in English. Whatever a server sent is within code,
 * cleaned and bounded.
 */
export function connectionReport(check: ConnectionCheck, context: CheckContext): string {
  const { failure, permissions, steps } = check;
  const phase = failure && phaseName(failure.phase, steps);
  const end = phase === undefined ? undefined : { phase, atMs: check.endedAtMs };
  const groups = phaseGroups(steps, check.startedAtMs, end);
  const parts = [
    `# Connection check of ${codeSpan(check.name)}`,
    'It names hosts, addresses, users and key files, and the fingerprints of keys: look it over before you publish it. ' +
      'Passphrases, passwords and answers are not in it.',
    [...context.programs, dateAndTime(context.wallMs)].map(cleanLine).join(', '),
    ...(failure && phase !== undefined ? failureParts(failure, phase, steps) : ['**The connection works.**']),
    '## Phases',
    'Each with its own time; where a person was asked, that time stands by itself.',
    codeBlock(groups.flatMap(groupLines)).join('\n'),
    ...(permissions ? permissionParts(permissions) : []),
  ];
  return withoutHome(`${parts.join('\n\n')}\n`, context.home);
}

function failureParts(
  { happened, advice }: CheckFailure,
  phase: string,
  steps: readonly TimedStep[],
): readonly string[] {
  const hops = steps.flatMap(({ step }) => (step.kind === 'hop' && step.hop.count > 1 ? [step.hop] : []));
  const last = hops.at(-1);
  const where = last ? ` of hop ${last.number} of ${last.count}` : '';
  return [
    `**It failed in the phase “${phase}”${where}.** What happened, and what to do:`,
    codeBlock([happened, ...(advice === '' ? [] : [advice])].map(bounded)).join('\n'),
  ];
}

function groupLines({ title, rows }: PhaseGroup, index: number): readonly string[] {
  const lines = rows.map(
    ({ phase, ms, facts }) => `${milliseconds(ms)}  ${phase.padEnd(14)}  ${bounded(facts)}`,
  );
  return [...(title === undefined ? [] : [...(index > 0 ? [''] : []), cleanLine(title)]), ...lines];
}

function permissionParts(permissions: readonly Permission[]): readonly string[] {
  const lines = permissions.map(
    ({ id, state, why }) =>
      `${signs[state]} ${permissionTitles[id]}: ${english(why.text, ...(why.args ?? []))}`,
  );
  return ['## Permissions on the host', codeBlock(lines.map(bounded)).join('\n')];
}

/** `   12.3 ms`, `  4210.0 ms`. */
function milliseconds(ms: number): string {
  return `${ms.toFixed(1).padStart(9)} ms`;
}

/** The phase of an error in the words of the report; a handshake has two of them. */
function phaseName(phase: string, steps: readonly TimedStep[]): string {
  switch (phase) {
    case 'config':
      return 'configuration';
    case 'handshake':
      return steps.at(-1)?.step.kind === 'connected' ? 'version' : 'key exchange';
    case 'host-key':
      return 'host key';
    default:
      return phase;
  }
}

/** One line, of the host or of ours, cut where it is longer than anybody reads. */
function bounded(text: string): string {
  const pieces = [];
  for (let rest = text.replace(/\s+/g, ' ').slice(0, 1200); rest !== ''; rest = rest.slice(240)) {
    pieces.push(cleanLine(rest.slice(0, 240)));
  }
  return pieces.join('');
}
