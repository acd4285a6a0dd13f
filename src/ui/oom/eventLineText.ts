import { wallText } from '../../core/oom/explanation/eventTime';
import { aftermathText } from '../../core/oomEvents/aftermathText';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { Translate } from '../../core/translate';
import { formatBytes } from '../../core/units';
import { cleanText } from '../../transport/cleanText';
import { causeText, eventName, heldBytesOf } from './eventFacts';

/** An event as one line, to be pasted elsewhere: time in UTC, host, victim, what it held, why, what became of it. */
export function eventLineText(host: string, found: HostOomEvent, t: Translate): string {
  const { event, atMs, aftermath } = found;
  const sizes = event.victims.map(heldBytesOf);
  const held = sizes.every((bytes) => bytes !== undefined) ? sizes.reduce((sum, bytes) => sum + bytes, 0) : 0;
  const parts = [
    eventName(found, t),
    held === 0 ? '' : t('held {0}', formatBytes(held)),
    causeText(found, t),
    aftermath === undefined || aftermath.kind === 'waiting' ? '' : aftermathText(aftermath, t),
  ];
  const when = wallText(atMs) ?? t('time not known');
  return `${when} ${cleanText(host, 100)}: ${parts.filter((part) => part !== '').join('; ')}`;
}
