import { markdownTable } from '../markdownTable';
import type { OurRun } from './ourWay';
import type { Recovery } from './recovery';
import type { Rescued, RescuePair } from './rescuing';
import { patienceMs, type SshRun } from './sshWay';
import type { Step } from './step';

interface Row {
  readonly name: string;
  readonly ours: string;
  readonly ssh: string;
  readonly ratio: string;
}

/** @returns Markdown: what the machine did, the two ways beside each other, and each step of them. */
export function report({ ours, bySsh }: RescuePair, title: string): string {
  const recoveries = [ours?.recovery, bySsh?.recovery] as const;
  return [
    `### ${title}`,
    '',
    ...markdownTable(
      {
        'seconds since it began': ({ name }: Row) => name,
        ours: (row) => row.ours,
        '`ssh HOST docker kill`': (row) => row.ssh,
        ratio: ({ ratio }) => ratio,
      },
      [
        rowOf('all containers stand still', ours?.recovery.frozenMs, undefined),
        timeRow('the first container is dead', recoveries, ({ firstDeadMs }) => firstDeadMs),
        timeRow('**all containers are dead**', recoveries, ({ allDeadMs }) => allDeadMs),
        rowOf('the person is told', ours?.run.resultsMs, bySsh?.run.resultsMs),
        rowOf('the person is told what memory came back', ours?.run.measuredMs, undefined),
        timeRow('PSI memory full is below 10 %', recoveries, ({ calmMs }) => calmMs),
        timeRow('its avg10 is', recoveries, ({ calmAvg10Ms }) => calmAvg10Ms),
        plainRow('PSI memory full before, % (median)', recoveries, fullText),
        plainRow('file pages before, MB (median)', recoveries, ({ fileBeforeBytes }) => mb(fileBeforeBytes)),
        plainRow('MemAvailable before, MB', recoveries, (seen) => mb(seen.availableBeforeBytes)),
        plainRow('MemAvailable after, MB', recoveries, (seen) => mb(seen.availableAfterBytes)),
        plainRow('OOM kills', recoveries, ({ oomKills }) => String(oomKills)),
      ],
    ),
    '',
    ...(ours ? ourText(ours) : []),
    ...(bySsh ? sshText(bySsh) : []),
  ].join('\n');
}

function ourText({ run, recovery, containers }: Rescued<OurRun>): string[] {
  const { returned } = run;
  return [
    `Ours: ${run.summary}`,
    `Measured by the extension: MemAvailable ${mb(returned?.availableBeforeBytes)} → ${mb(returned?.availableAfterBytes)} MB, the containers held ${mb(returned?.targetsBytes)} MB.`,
    ...endText(recovery, containers),
    '',
    ...stepLines(run.steps),
    '',
    ...run.progress.map(({ ms, text }) => `- progress, ${seconds(ms)} s: ${text}`),
    '',
  ];
}

function sshText({ run, recovery, containers }: Rescued<SshRun>): string[] {
  const { failures, timedOut } = run;
  return [
    `ssh: ${timedOut ? 'timed out' : 'returned'}${failures > 0 ? `, failed and tried again ${failures} times` : ''}.`,
    ...endText(recovery, containers),
    '',
    ...stepLines(run.steps),
  ];
}

function endText({ last, lateMs }: Recovery, containers: readonly string[]): string[] {
  return [
    `In the end (${seconds(last?.ms)} s): ${last?.containers ?? '?'} containers with a process. Docker says: ${containers.join('; ')}.`,
    `The observer, locked in memory, was run at most ${seconds(lateMs)} s late.`,
  ];
}

/** One line for each kind of step, with the first and the last time of it. */
function stepLines(steps: readonly Step[]): string[] {
  const kinds = new Map<string, Step[]>();
  for (const step of steps) {
    const { what, outcome = 'sent' } = step;
    const kind = `${what}: ${outcome.split(':')[0] ?? ''}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), step]);
  }
  return [...kinds].map(([kind, all]) => {
    const [first, last] = [all[0]?.ms, all.at(-1)?.ms];
    return `- ${kind}, ${all.length} ×: ${seconds(first)}${all.length > 1 ? ` to ${seconds(last)}` : ''} s`;
  });
}

type Two = readonly [Recovery | undefined, Recovery | undefined];

/** What did not happen counts as all of the patience. */
function timeRow(name: string, [ours, ssh]: Two, ms: (recovery: Recovery) => number | undefined): Row {
  const [one, other] = [ours && ms(ours), ssh && ms(ssh)];
  if (one === undefined || !ssh || other !== undefined) return rowOf(name, one, other);
  const ratio = `< ${(one / patienceMs).toFixed(3)}`;
  return { name, ours: seconds(one), ssh: `> ${patienceMs / 1000}`, ratio };
}

function rowOf(name: string, ours: number | undefined, ssh: number | undefined): Row {
  const ratio = ours === undefined || ssh === undefined ? '' : (ours / ssh).toFixed(3);
  return { name, ours: seconds(ours), ssh: seconds(ssh), ratio };
}

function plainRow(name: string, [ours, ssh]: Two, text: (recovery: Recovery) => string): Row {
  return { name, ours: ours ? text(ours) : '', ssh: ssh ? text(ssh) : '', ratio: '' };
}

function fullText({ fullBeforePercent }: Recovery): string {
  return fullBeforePercent.toFixed(0);
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '–' : (ms / 1000).toFixed(2);
}

function mb(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 1024 / 1024).toFixed(0);
}
