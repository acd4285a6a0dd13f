import { formatBytes } from '../../units';
import type { OomEvent, OomVictim } from '../event';
import { groupText } from './ownerText';
import { usableRamOf } from './memoryUse';
import { amountsText, nameText, sentence, taskText } from './words';
import type { Translate } from '../../translate';

/** So many victims of a group are named. */
const mostNamed = 3;

/** Who died and what that gives back, or why nobody did. */
export function killedSentence(event: OomEvent, t: Translate): string {
  const { victims } = event;
  const [victim] = victims;
  if (victim === undefined) return sentence([nobodyText(event, t)]);
  if (victims.length > 1) return sentence([manyText(event, t), sharedText(victims, t)]);
  return sentence([
    t('{0} {1}', endedText(event, victim, t), heldText(event, victim, t)),
    allocatingText(event, t),
    givesBackText(event, victim, t),
    sharedText(victims, t),
  ]);
}

function endedText(event: OomEvent, victim: OomVictim, t: Translate): string {
  const task =
    victim.uid === undefined ? taskText(victim, t) : t('{0} of user {1}', taskText(victim, t), victim.uid);
  if (event.kind === 'kernel')
    return event.orChild === true
      ? t('The kernel killed {0} or a child of it,', task)
      : t('The kernel killed {0},', task);
  // A program may ignore SIGTERM.
  return victim.signal === undefined
    ? t('{0} killed {1},', event.kind, task)
    : t('{0} sent {1} to {2},', event.kind, nameText(victim.signal), task);
}

/** What it held, as a share of the limit or of the machine, and its standing. */
function heldText(event: OomEvent, victim: OomVictim, t: Translate): string {
  const held = heldBytesOf(victim);
  const standing = [
    victim.score === undefined ? undefined : t('score {0}', victim.score),
    victim.oomScoreAdj === undefined || victim.oomScoreAdj === 0
      ? undefined
      : t('oom_score_adj {0}', victim.oomScoreAdj),
  ].filter((part) => part !== undefined);
  const tail = standing.length === 0 ? '' : ` (${standing.join(', ')})`;
  if (held === undefined) return `${t('whose sizes are not in this text')}${tail}`;
  const parts = amountsText(
    [
      [victim.anonRssBytes, t('its own')],
      [victim.fileRssBytes, t('files')],
      [victim.shmemRssBytes, t('shared memory')],
    ],
    t,
  );
  const share = shareText(event, held, t);
  const text =
    parts === ''
      ? t('which held {0} of memory', formatBytes(held))
      : t('which held {0} of memory ({1})', formatBytes(held), parts);
  return `${text}${share}${tail}`;
}

/** Undefined where the log tells no size. */
function heldBytesOf({ anonRssBytes, fileRssBytes, shmemRssBytes, rssBytes }: OomVictim): number | undefined {
  if (rssBytes !== undefined) return rssBytes;
  const known = [anonRssBytes, fileRssBytes, shmemRssBytes].filter((bytes) => bytes !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, bytes) => sum + bytes, 0);
}

function shareText({ scope, memory, cgroupMemory }: OomEvent, held: number, t: Translate): string {
  const limit = cgroupMemory?.memory?.limitBytes;
  const whole = scope === 'memcg' ? (limit === 'max' ? undefined : limit) : usableRamOf(memory);
  if (whole === undefined || whole === 0) return '';
  const percent = Math.round((held / whole) * 100);
  // Pages that are shared with others are charged to one of them only.
  if (percent > 100 || percent < 1) return '';
  const text =
    scope === 'memcg' ? t('{0} % of the limit', percent) : t('{0} % of the machine’s memory', percent);
  return `, ${text}`;
}

function allocatingText({ allocatingTask }: OomEvent, t: Translate): string | undefined {
  return allocatingTask === true
    ? t(
        'it was killed because it was the one that asked (vm.oom_kill_allocating_task), not because it was the largest',
      )
    : undefined;
}

/** Anonymous memory, page tables and swap come back for certain; pages of files are cache that could be dropped anyhow. */
function givesBackText(event: OomEvent, victim: OomVictim, t: Translate): string | undefined {
  const anon = victim.anonRssBytes;
  if (anon === undefined) return undefined;
  const bytes = anon + (victim.pgtablesBytes ?? 0);
  const swap = event.tasks?.rows.find(({ pid }) => pid === victim.pid)?.swapBytes ?? 0;
  const text = t('its end gives back about {0}', formatBytes(bytes));
  return swap > 0 ? t('{0} and {1} of swap', text, formatBytes(swap)) : text;
}

function sharedText(victims: readonly OomVictim[], t: Translate): string | undefined {
  const shared = victims.reduce((sum, { shmemRssBytes }) => sum + (shmemRssBytes ?? 0), 0);
  return shared > 0
    ? t(
        '{0} of shared memory stay until nobody uses them and files in tmpfs are deleted',
        formatBytes(shared),
      )
    : undefined;
}

function manyText(event: OomEvent, t: Translate): string {
  const { victims, cgroup, oomGroup, kind } = event;
  const held = (victim: OomVictim): number => heldBytesOf(victim) ?? 0;
  const largest = [...victims].sort((one, other) => held(other) - held(one));
  const named = largest
    .slice(0, mostNamed)
    .map((victim) => {
      const bytes = heldBytesOf(victim);
      return bytes === undefined
        ? taskText(victim, t)
        : t('{0} with {1}', taskText(victim, t), formatBytes(bytes));
    })
    .join(', ');
  const names = victims.length > mostNamed ? t('{0} and {1} more', named, victims.length - mostNamed) : named;
  const sum = victims.reduce((all, victim) => all + (victim.anonRssBytes ?? 0), 0);
  const gives = victims.every(({ anonRssBytes }) => anonRssBytes !== undefined)
    ? t('; their end gives back about {0}', formatBytes(sum))
    : '';
  const group = oomGroup ?? cgroup?.task;
  const whose =
    kind !== 'kernel'
      ? t('{0} killed {1} processes', kind, victims.length)
      : oomGroup === undefined || group === undefined
        ? t('The kernel killed {0} processes', victims.length)
        : t(
            'The kernel killed all {0} processes of {1}, which die together (memory.oom.group)',
            victims.length,
            groupText(group, t),
          );
  return `${t('{0}: {1}', whose, names)}${gives}`;
}

function nobodyText(event: OomEvent, t: Translate): string {
  switch (event.outcome) {
    case 'killed':
      return event.cgroup?.task === undefined
        ? t('{0} killed processes that it does not name', event.kind)
        : t(
            'All processes of {0} were killed; {1} does not name them',
            groupText(event.cgroup.task, t),
            event.kind,
          );
    case 'no-killable-process':
      return t(
        'Nobody was killed: every process is the kernel’s own or protected (oom_score_adj −1000), or ending already',
      );
    case 'already-exiting':
      return t('Nobody was killed: the process that was chosen was ending already');
    case 'deadlock':
      return t('Nobody could be killed, so that the system was deadlocked on memory');
    case 'panic':
      return t('Nobody was killed: the kernel stopped the whole machine (panic)');
    case 'unknown':
      return event.kind === 'kernel'
        ? t('Who was killed is not in this text')
        : event.kind === 'runtime'
          ? t('Which process was killed, the notice does not tell')
          : t('{0} could not send its signal, so that it killed nobody', event.kind);
  }
}
