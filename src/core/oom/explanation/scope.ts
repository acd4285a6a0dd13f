import { formatBytes } from '../../units';
import type { OomEvent } from '../event';
import { limitReached } from './cgroupLimit';
import { groupText } from './ownerText';
import { usableRamOf } from './memoryUse';
import { sentence } from './words';
import type { Translate } from '../../translate';

/** Whose memory ran out: which limit of which group, or the machine's. */
export function scopeSentence(event: OomEvent, t: Translate): string {
  switch (event.scope) {
    case 'global':
      return sentence([globalText(event, t), withoutLimitText(event, t)]);
    case 'memcg':
      return sentence([event.kind === 'kernel' ? limitText(event, t) : pressureText(event, t)]);
    case 'cpuset':
      return sentence([
        t('The shortage was that of the memory nodes of a cpuset, not of the whole machine'),
        livedText(event, t),
      ]);
    case 'mempolicy':
      return sentence([
        t('The shortage was that of the memory nodes of a memory policy, not of the whole machine'),
        livedText(event, t),
      ]);
    case 'sysrq':
      return sentence([
        t('Nobody’s memory had run out, as far as this kill is concerned'),
        livedText(event, t),
      ]);
    case 'unknown':
      return sentence([unknownText(event, t), livedText(event, t)]);
  }
}

function globalText(event: OomEvent, t: Translate): string {
  const ram = usableRamOf(event.memory);
  if (event.kind !== 'kernel') return t('It watches the memory of the whole machine');
  return ram === undefined
    ? t('The shortage was that of the whole machine, not of a group with a limit')
    : t(
        'The shortage was that of the whole machine, which has {0} of memory, not of a group with a limit',
        formatBytes(ram),
      );
}

/** A container that dies of a shortage of the machine has not reached its own limit. */
function withoutLimitText(event: OomEvent, t: Translate): string | undefined {
  const { cgroup, kind } = event;
  if (cgroup?.task === undefined || cgroup.task === '/') return undefined;
  const group = groupText(cgroup.task, t);
  return kind === 'kernel'
    ? t('{0} lived in {1}, whose limit played no part', victimText(event, t), group)
    : t('it killed {0}', group);
}

function limitText(event: OomEvent, t: Translate): string {
  const { limit, task } = event.cgroup ?? {};
  if (limit === undefined) {
    const lived = livedText(event, t);
    const which = t('A memory cgroup reached its limit; which one is not in this text');
    return lived === undefined ? which : `${which}; ${lived}`;
  }
  const counter = limitReached(event.cgroupMemory);
  const group = groupText(limit, t);
  const reached =
    counter === undefined
      ? t('The limit of {0} was reached', group)
      : t('The {0} of {1} was reached: {2}', t(counter.what), group, formatBytes(counter.limitBytes));
  if (task === undefined) return reached;
  const victim = victimText(event, t);
  if (task === limit) return t('{0}; {1} lived in that group itself', reached, victim);
  const levels = levelsBetween(limit, task);
  const lived = groupText(task, t);
  if (levels === undefined) return t('{0}; {1} lived in {2}', reached, victim, lived);
  return levels === 1
    ? t('{0}; {1} lived in a group right below it, {2}', reached, victim, lived)
    : t('{0}; {1} lived {2} levels below it, in {3}', reached, victim, levels, lived);
}

/** How far below `ancestor` the group is; undefined: it is not. */
function levelsBetween(ancestor: string, path: string): number | undefined {
  const start = ancestor.endsWith('/') ? ancestor : `${ancestor}/`;
  if (!path.startsWith(start)) return undefined;
  return path.slice(start.length).split('/').length;
}

function pressureText({ cgroup }: OomEvent, t: Translate): string {
  const { limit, task } = cgroup ?? {};
  const watched =
    limit === undefined
      ? t('The tasks of a cgroup waited for memory for too long')
      : t('The tasks of {0} waited for memory for too long', groupText(limit, t));
  return task === undefined || task === limit
    ? watched
    : t('{0}; killed was {1}', watched, groupText(task, t));
}

function livedText(event: OomEvent, t: Translate): string | undefined {
  const { cgroup, kind } = event;
  if (cgroup?.task === undefined) return undefined;
  const group = groupText(cgroup.task, t);
  return kind === 'kernel' ? t('{0} lived in {1}', victimText(event, t), group) : t('it killed {0}', group);
}

function victimText({ victims }: OomEvent, t: Translate): string {
  return victims.length === 0 ? t('the process that was chosen') : t('the victim');
}

function unknownText({ kind }: OomEvent, t: Translate): string {
  if (kind === 'runtime')
    return t(
      'Whether the container’s own limit was reached, or the machine was short, the notice does not tell',
    );
  return t('Whose memory ran out is not in this text');
}
