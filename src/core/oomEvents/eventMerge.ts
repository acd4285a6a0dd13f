import type { OomEvent } from '../oom/event';
import type { Aftermath } from './aftermath';
import type { FoundEvent } from './eventBook';
import type { HostOomEvent, WitnessedKills } from './hostEvent';
import { lacksPolicy } from './startedByRuntime';

/**
 * @param counted what is known of the span that counters tell of; undefined: all.
 * @returns undefined where `found` adds nothing.
 */
export function merge(known: HostOomEvent, found: FoundEvent, counted?: number): HostOomEvent | undefined {
  const isNotice = found.event.kind === 'runtime' && known.event.kind !== 'runtime';
  const better =
    !isNotice && (saysMore(found, known) || known.event.kind === 'runtime') ? found.event : known.event;
  const other = better === known.event ? found.event : known.event;
  const event = isNotice ? better : withTimes(better, other);
  const sources = known.sources.includes(found.source) ? known.sources : [...known.sources, found.source];
  const bootId = known.bootId ?? found.bootId;
  const atMs = known.atMs ?? found.atMs;
  const witnessed = wider(betterWitness(known.witnessed, found.witnessed), found.witnessed, counted);
  const isSame =
    event === known.event &&
    sources === known.sources &&
    bootId === known.bootId &&
    atMs === known.atMs &&
    witnessed === known.witnessed;
  if (isSame) return undefined;
  return { ...known, event, sources, bootId, atMs, ...(witnessed && { witnessed }) };
}

/** A report without its kernel time, completed by one of the same kill that has it. */
function withTimes(event: OomEvent, other: OomEvent): OomEvent {
  if (event.kernelTimeMs !== undefined || other.kernelTimeMs === undefined) return event;
  const missing = event.missing.filter((part) => part !== 'kernel-time');
  return { ...event, kernelTimeMs: other.kernelTimeMs, missing, complete: missing.length === 0 };
}

/** A log that is read again begins with less than is known. */
function saysMore({ event }: FoundEvent, { event: known }: HostOomEvent): boolean {
  if (event.victims.length !== known.victims.length) return event.victims.length > known.victims.length;
  if (event.missing.length !== known.missing.length) return event.missing.length < known.missing.length;
  return event.outcome === 'deadlock' && known.outcome === 'no-killable-process';
}

/** The groups and the processes that have gone become known a little later. */
function betterWitness(
  known: WitnessedKills | undefined,
  found: WitnessedKills | undefined,
): WitnessedKills | undefined {
  if (known === undefined || found === undefined) return known ?? found;
  const kills = ({ cgroups }: WitnessedKills): number => cgroups.reduce((sum, one) => sum + one.kills, 0);
  if (kills(found) > kills(known)) return { ...found, gone: found.gone.length > 0 ? found.gone : known.gone };
  return found.gone.length > known.gone.length ? { ...known, gone: found.gone } : known;
}

/** Counters that tell of more than is known of their span. */
function wider(
  known: WitnessedKills | undefined,
  found: WitnessedKills | undefined,
  counted: number | undefined,
): WitnessedKills | undefined {
  if (known === undefined || found === undefined || counted === undefined || found.count <= counted)
    return known;
  return {
    ...known,
    count: known.count + found.count - counted,
    fromCount: Math.min(known.fromCount, found.fromCount),
    toCount: Math.max(known.toCount, found.toCount),
    fromMs: Math.min(known.fromMs, found.fromMs),
    toMs: Math.max(known.toMs, found.toMs),
  };
}

function rankOf(aftermath: Aftermath): number {
  switch (aftermath.kind) {
    case 'waiting':
      return 0;
    case 'stayed-dead':
      return 1;
    case 'came-back':
      return lacksPolicy(aftermath) ? 2 : 3;
  }
}

/** The one that knows more; what is known stays where both know as much. */
export function laterAftermath(
  known: Aftermath | undefined,
  other: Aftermath | undefined,
): Aftermath | undefined {
  if (known === undefined || other === undefined) return known ?? other;
  return rankOf(other) > rankOf(known) ? other : known;
}
