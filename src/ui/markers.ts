import * as vscode from 'vscode';
import type { HostOomEvent } from '../core/oomEvents/hostEvent';
import type { SeenInterruption } from '../monitor/moments';
import type { Marker } from '../protocol';
import type { AttachedHost } from './hosts';
import { interruptionText } from './interruptionText';
import { causeText, eventName } from './oom/eventFacts';

/** A page is told so many kills, the latest of them, and so many of what happened to time. */
const mostOfAKind = 50;

/** What happened to a host, as its page marks it; oldest first. */
export function markersOf({ monitor }: AttachedHost): Marker[] {
  const kills = [...monitor.oom.events.values()].flatMap((event) => killMarker(event) ?? []);
  return [
    ...monitor.interruptions.slice(-mostOfAKind).map(interruptionMarker),
    ...kills.sort((a, b) => a.at - b.at).slice(-mostOfAKind),
  ].sort((a, b) => a.at - b.at);
}

function interruptionMarker({ wallMs, interruption }: SeenInterruption): Marker {
  return { at: wallMs, kind: interruption.kind, text: interruptionText(interruption) };
}

/** Undefined where nobody was killed, or not known when. */
function killMarker(found: HostOomEvent): Marker | undefined {
  const {
    atMs: at,
    event: { victims },
    witnessed,
  } = found;
  if (at === undefined) return undefined;
  const cause = causeText(found, vscode.l10n.t);
  if (witnessed) {
    const text =
      witnessed.count === 1
        ? vscode.l10n.t('The kernel killed a process to get memory back ({0}; no log line).', cause)
        : vscode.l10n.t(
            'The kernel killed {0} processes to get memory back ({1}; no log line).',
            witnessed.count,
            cause,
          );
    return { at, kind: 'kill', text };
  }
  if (victims.length === 0) return undefined;
  const names = eventName(found, vscode.l10n.t);
  const text =
    victims.length === 1
      ? vscode.l10n.t('{0} was killed to get memory back: {1}.', names, cause)
      : vscode.l10n.t('{0} were killed to get memory back: {1}.', names, cause);
  return { at, kind: 'kill', text };
}
