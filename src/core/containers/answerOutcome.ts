import type { ContainerAction, ContainerOutcome } from './containerAction';

/** Docker: `No such container: …`. Podman: `no container with name or ID "…" found: no such container`. */
const noSuchContainer = /\bno such container\b|\bno container with\b/i;

/** Docker: `… is not running`. Podman: `can only kill running containers. … is in state exited: …`. */
const endedAlready =
  /\bis not running\b|\bin state (?:exited|stopped|removing|configured|created)\b|\bis dead\b|\bmarked for removal\b/i;

/**
 * What an answer of the API means for the container.
 * @param status of HTTP: 2xx done; 304 it is so already; 404 no such container, or in Podman no such request; 409, in Podman
 * 500, that its state does not allow it: only the words tell one that has ended from one that is what it was to become.
 * @param message of the runtime.
 */
export function answerOutcomeOf(
  kind: ContainerAction['kind'],
  status: number,
  message: string,
): Extract<ContainerOutcome, 'done' | 'gone' | 'failed'> {
  if (status >= 200 && status < 300) return 'done';
  if (status === 304) return kind === 'stop' ? 'gone' : 'done';
  if (status === 404) return noSuchContainer.test(message) ? 'gone' : 'failed';
  if (status !== 409 && status !== 500) return 'failed';
  if (kind === 'pause' && /\bis already paused\b/i.test(message)) return 'done';
  if (kind === 'unpause' && /\bis not paused\b/i.test(message)) return 'done';
  return endedAlready.test(message) ? 'gone' : 'failed';
}
