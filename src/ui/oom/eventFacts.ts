import { ownerOf } from '../../core/cgroups/cgroupOwner';
import type { OomEvent, OomVictim } from '../../core/oom/event';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { Translate } from '../../core/translate';
import { formatBytes } from '../../core/units';
import { cleanText } from '../../transport/cleanText';
import { ownerWords } from '../surveyOwner';

/** A group kill may have hundreds of victims. */
export const mostNamed = 3;
const longestName = 40;
const longestPath = 80;

/** How many processes an event killed; 0: nobody was, or the killer found nobody. */
export function killsOf({ event, witnessed }: HostOomEvent): number {
  if (witnessed) return witnessed.count;
  return event.victims.length > 0 ? event.victims.length : event.outcome === 'killed' ? 1 : 0;
}

/** How many processes the events killed. */
export function killsIn(events: Iterable<HostOomEvent>): number {
  let sum = 0;
  for (const event of events) sum += killsOf(event);
  return sum;
}

/** `python3 (882)`. */
export function victimText({ name, pid }: Pick<OomVictim, 'name' | 'pid'>): string {
  return `${cleanText(name, longestName)} (${pid})`;
}

/** Undefined where the log does not tell it. */
export function heldBytesOf(victim: OomVictim): number | undefined {
  const { anonRssBytes, fileRssBytes, shmemRssBytes, rssBytes } = victim;
  if (rssBytes !== undefined) return rssBytes;
  if (anonRssBytes === undefined) return undefined;
  return anonRssBytes + (fileRssBytes ?? 0) + (shmemRssBytes ?? 0);
}

/** Whom an event killed or how it ended, in a few words: `python3 (882), java (17) and 4 more`. */
export function eventName(found: HostOomEvent, t: Translate): string {
  const { event, witnessed } = found;
  if (witnessed)
    return witnessed.count === 1
      ? t('A process, no log line')
      : t('{0} processes, no log line', witnessed.count);
  const named = event.victims.slice(0, mostNamed).map(victimText).join(', ');
  if (named !== '') {
    const more = event.victims.length - mostNamed;
    return more > 0 ? t('{0} and {1} more', named, more) : named;
  }
  if (event.container !== undefined) return t('Container {0}', cleanText(event.container, 12));
  return outcomeText(event, t);
}

/** The program that an event hit, or the cgroup where no program is known: what events are put together by. */
export function victimName({ event, witnessed }: HostOomEvent, t: Translate): string {
  const [victim] = event.victims;
  if (victim) return cleanText(victim.name, longestName);
  const path = witnessed?.cgroups[0]?.path ?? event.cgroup?.task ?? event.oomGroup;
  return path === undefined ? t('Victim not known') : placeName(path, t);
}

/** Whom a cgroup belongs to, without its path: `Docker container 4f3c2a1b0d9e`. */
export function placeName(path: string, t: Translate): string {
  const owner = ownerOf(path);
  const words = ownerWords(owner, t);
  if (words === undefined) return t('root cgroup');
  return `${words.kind} ${owner.kind === 'other' ? cleanText(path, longestPath) : words.name}`;
}

/** Why, in a few words: `Docker container 4f3c… reached its limit of 300 MiB`. */
export function causeText(found: HostOomEvent, t: Translate): string {
  const { event, witnessed } = found;
  if (witnessed) {
    const [group] = witnessed.cgroups;
    return group === undefined ? t('counted, no log line') : t('counted in {0}', placeName(group.path, t));
  }
  if (event.kind === 'runtime') return t('told by its container runtime');
  if (event.kind !== 'kernel') return t('killed by {0}', event.kind);
  switch (event.scope) {
    case 'global':
      return t('the whole machine ran out of memory');
    case 'memcg':
      return limitText(event, t);
    case 'cpuset':
      return t('the memory nodes of a cpuset were full');
    case 'mempolicy':
      return t('the memory nodes of a memory policy were full');
    case 'sysrq':
      return t('a person asked for it (SysRq)');
    case 'unknown':
      return t('why is not in the log');
  }
}

function limitText({ cgroup, cgroupMemory }: OomEvent, t: Translate): string {
  const limit = cgroupMemory?.memory?.limitBytes;
  const who = cgroup?.limit === undefined ? t('a memory cgroup') : placeName(cgroup.limit, t);
  return limit === undefined || limit === 'max'
    ? t('{0} reached its limit', who)
    : t('{0} reached its limit of {1}', who, formatBytes(limit));
}

function outcomeText({ outcome }: OomEvent, t: Translate): string {
  switch (outcome) {
    case 'no-killable-process':
      return t('Out of memory, no process could be killed');
    case 'already-exiting':
      return t('Out of memory, a process was ending already');
    case 'deadlock':
      return t('Deadlocked on memory');
    case 'panic':
      return t('Kernel panic: out of memory');
    case 'killed':
    case 'unknown':
      return t('Out of memory, victim not in the log');
  }
}

/** What the log should hold and does not, as words. */
export function missingText(missing: OomEvent['missing'][number], t: Translate): string {
  switch (missing) {
    case 'trigger':
      return t('who asked for memory');
    case 'scope':
      return t('whose memory ran out');
    case 'cgroup':
      return t('which cgroup');
    case 'victim':
      return t('who was killed');
    case 'sizes':
      return t('the sizes of the victim');
    case 'kernel-time':
      return t('the time');
    case 'memory-information':
      return t('the state of the memory');
    case 'task-table':
      return t('the table of tasks');
  }
}
