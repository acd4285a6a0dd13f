import type { KillLoop } from '../../core/oomEvents/aftermath';
import { loopText, startedByText } from '../../core/oomEvents/aftermathText';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { Translate } from '../../core/translate';
import { formatBytes, formatDuration } from '../../core/units';
import { plainText } from '../plainText';
import { causeText, heldBytesOf, killsIn, mostNamed, victimName, victimText } from './eventFacts';

/** What a notification says of one kill, or of many: victims, cause and host; no link, whatever they are called. */
export function noticeText(
  host: string,
  events: readonly HostOomEvent[],
  loops: readonly KillLoop[],
  t: Translate,
): string {
  const [first] = events;
  if (first === undefined) return '';
  const text = events.length === 1 ? singleText(host, first, t) : burstText(host, events, t);
  const told = new Set(events.map(({ key }) => key));
  const loop = loops.filter(({ keys }) => keys.some((key) => told.has(key))).at(-1);
  if (loop === undefined) return plainText(text);
  if (events.length > 1 && loop.by !== undefined)
    return plainText(t('{0} Restarted by {1}.', text, startedByText(loop.by, t)));
  return plainText(t('{0} A loop: {1}.', text, loopText(loop, t)));
}

function singleText(host: string, found: HostOomEvent, t: Translate): string {
  const { event, witnessed } = found;
  const cause = causeText(found, t);
  if (witnessed) {
    return witnessed.count === 1
      ? t('A process was killed on {0} for want of memory: {1}.', host, cause)
      : t('{0} processes were killed on {1} for want of memory: {2}.', witnessed.count, host, cause);
  }
  const [victim] = event.victims;
  if (victim === undefined) return t('A process was killed on {0}, victim not in the log: {1}.', host, cause);
  const bytes = heldBytesOf(victim);
  const who =
    bytes === undefined
      ? victimText(victim)
      : t('{0}, which held {1},', victimText(victim), formatBytes(bytes));
  const more = event.victims.length - 1;
  return more > 0
    ? t('{0} and {1} more were killed on {2}: {3}.', who, more, host, cause)
    : t('{0} was killed on {1}: {2}.', who, host, cause);
}

function burstText(host: string, events: readonly HostOomEvent[], t: Translate): string {
  const counts = new Map<string, number>();
  for (const event of events) {
    const name = victimName(event, t);
    counts.set(name, (counts.get(name) ?? 0) + killsIn([event]));
  }
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const named = sorted
    .slice(0, mostNamed)
    .map(([name, count]) => (count === 1 ? name : t('{0} ({1} times)', name, count)))
    .join(', ');
  const rest = sorted.slice(mostNamed).reduce((sum, [, count]) => sum + count, 0);
  const who = rest > 0 ? t('{0} and {1} more', named, rest) : named;
  const times = events.flatMap(({ atMs }) => (atMs === undefined ? [] : [atMs]));
  const spanMs = times.length < 2 ? 0 : Math.max(...times) - Math.min(...times);
  const cause = commonCause(events, t);
  const kills = killsIn(events);
  return spanMs < 1000
    ? t('{0} processes killed on {1}: {2}; {3}.', kills, host, who, cause)
    : t('{0} processes killed in {1} on {2}: {3}; {4}.', kills, formatDuration(spanMs), host, who, cause);
}

function commonCause(events: readonly HostOomEvent[], t: Translate): string {
  const [cause, ...others] = new Set(events.map((event) => causeText(event, t)));
  if (cause !== undefined && others.length === 0) return cause;
  const isAtLimit = events.every(({ event }) => event.kind === 'kernel' && event.scope === 'memcg');
  return isAtLimit ? t('several cgroups reached their limits') : t('several causes');
}
