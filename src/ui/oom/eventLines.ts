import type { KillLoop } from '../../core/oomEvents/aftermath';
import { aftermathText, loopText } from '../../core/oomEvents/aftermathText';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import { goneText } from '../../core/oomEvents/hostEventDocument';
import { sourcesText } from '../../core/oomEvents/witnessText';
import type { Translate } from '../../core/translate';
import { formatBytes } from '../../core/units';
import { cleanText } from '../../transport/cleanText';
import { causeText, heldBytesOf, missingText, victimText } from './eventFacts';
import { momentText } from './momentText';
import type { TreeLine } from './treeLine';

/** A group kill may have hundreds. */
const mostVictims = 20;
const longestPath = 200;

/** The row of an event, after its name: when, why, what became of it. */
export function eventDescription(
  found: HostOomEvent,
  isUnseen: boolean,
  nowMs: number,
  t: Translate,
): string {
  const { aftermath, atMs } = found;
  return [
    isUnseen ? t('new') : '',
    atMs === undefined ? '' : momentText(atMs, nowMs),
    causeText(found, t),
    aftermath === undefined || aftermath.kind === 'waiting' ? '' : aftermathText(aftermath, t),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The rows below an event: victims, cause, who asked, where, what became of it, the table, what is missing. */
export function eventLines(found: HostOomEvent, loop: KillLoop | undefined, t: Translate): TreeLine[] {
  const { aftermath } = found;
  return [
    ...victimLines(found, t),
    line('cause', 'question', t('Cause'), causeText(found, t)),
    ...placeLines(found, t),
    ...(aftermath
      ? [line('aftermath', aftermathIcon(aftermath.kind), t('Afterwards'), aftermathText(aftermath, t))]
      : []),
    ...(loop ? [line('loop', 'sync', t('Loop'), loopText(loop, t))] : []),
    ...tableLines(found, t),
    line('sources', 'book', t('Told by'), sourcesText(found.sources, t)),
    ...missingLines(found, t),
  ];
}

function line(id: string, icon: string, label: string, description: string, opens?: 'event'): TreeLine {
  return { id, icon, label, description, tooltip: `${label}: ${description}`, ...(opens && { opens }) };
}

function victimLines({ event, witnessed }: HostOomEvent, t: Translate): TreeLine[] {
  if (witnessed) {
    return witnessed.gone.map((process, index) =>
      line(`gone ${index}`, 'circle-slash', t('Gone since'), goneText(process, t)),
    );
  }
  const more = event.victims.length - mostVictims;
  return [
    ...event.victims.slice(0, mostVictims).map((victim, index): TreeLine => {
      const bytes = heldBytesOf(victim);
      const parts = [
        bytes === undefined ? '' : t('held {0}', formatBytes(bytes)),
        victim.uid === undefined ? '' : t('user {0}', victim.uid),
        victim.oomScoreAdj === undefined || victim.oomScoreAdj === 0
          ? ''
          : `oom_score_adj ${victim.oomScoreAdj}`,
      ];
      const description = [victimText(victim), ...parts].filter((part) => part !== '').join(' · ');
      return line(`victim ${index}`, 'flame', t('Killed'), description);
    }),
    ...(more > 0 ? [line('victims', 'flame', t('Killed'), t('and {0} more', more), 'event')] : []),
  ];
}

function placeLines({ event, witnessed }: HostOomEvent, t: Translate): TreeLine[] {
  const { cgroup, trigger } = event;
  const path = (text: string): string => cleanText(text, longestPath);
  return [
    ...(trigger ? [line('trigger', 'megaphone', t('Asked for memory'), cleanText(trigger.name, 40))] : []),
    ...(cgroup?.limit === undefined ? [] : [line('limit', 'dashboard', t('Limit of'), path(cgroup.limit))]),
    ...(cgroup?.task === undefined ? [] : [line('lived', 'folder', t('Victim lived in'), path(cgroup.task))]),
    ...(event.oomGroup === undefined
      ? []
      : [line('group', 'folder', t('Killed as a whole'), path(event.oomGroup))]),
    ...(witnessed?.cgroups.map((group, index) =>
      line(`cgroup ${index}`, 'folder', t('Counted in'), t('{0}: {1}', path(group.path), group.kills)),
    ) ?? []),
  ];
}

function tableLines({ event: { tasks } }: HostOomEvent, t: Translate): TreeLine[] {
  if (!tasks || tasks.rows.length === 0) return [];
  const count = tasks.rows.length + tasks.moreRows;
  const text =
    count === 1 ? t('1 task that could have been killed') : t('{0} tasks that could have been killed', count);
  return [line('table', 'table', t('Table'), text, 'event')];
}

function missingLines({ event: { missing }, witnessed }: HostOomEvent, t: Translate): TreeLine[] {
  if (missing.length === 0 || witnessed) return [];
  return [line('missing', 'info', t('Not in the log'), missing.map((one) => missingText(one, t)).join(', '))];
}

function aftermathIcon(kind: NonNullable<HostOomEvent['aftermath']>['kind']): string {
  if (kind === 'came-back') return 'debug-restart';
  return kind === 'waiting' ? 'watch' : 'circle-slash';
}
