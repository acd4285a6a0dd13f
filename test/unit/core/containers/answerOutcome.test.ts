import { describe, expect, it } from 'vitest';
import { answerOutcomeOf } from '../../../../src/core/containers/answerOutcome';
import type { ContainerAction } from '../../../../src/core/containers/containerAction';

const id = 'a'.repeat(64);

/** What dockerd 28.2 and Podman 4.3 answer. */
const answers: readonly [ContainerAction['kind'], number, string, string][] = [
  ['kill', 204, '', 'done'],
  ['disable-restart', 200, '', 'done'],
  ['stop', 304, '', 'gone'],
  ['restart', 304, '', 'done'],
  ['kill', 404, `No such container: ${id}`, 'gone'],
  ['kill', 404, `no container with name or ID "${id}" found: no such container`, 'gone'],
  ['set-memory-limit', 404, 'Not Found', 'failed'],
  ['kill', 409, `cannot kill container: ${id}: container ${id} is not running`, 'gone'],
  [
    'kill',
    500,
    `can only kill running containers. ${id} is in state exited: container state improper`,
    'gone',
  ],
  ['pause', 409, `Container ${id} is already paused`, 'done'],
  ['pause', 500, `"${id}" is already paused: container state improper`, 'done'],
  ['unpause', 500, `"${id}" is not paused, can't unpause: container state improper`, 'done'],
  ['kill', 409, `Container ${id} is restarting, wait until the container is running`, 'failed'],
  [
    'kill',
    500,
    `cannot kill container: ${id}: tried to kill container, but did not receive an exit event`,
    'failed',
  ],
  ['kill', 403, 'is not running', 'failed'],
  ['kill', 0, '', 'failed'],
];

describe('an answer of the API', () => {
  it.each(answers)('to %s: %i %s means %s', (kind, status, message, outcome) => {
    expect(answerOutcomeOf(kind, status, message)).toBe(outcome);
  });
});
