import { expect, it } from 'vitest';
import { ConnectionError } from '../../../../src/transport/connection';
import { apiFailureOf } from '../../../../src/ui/actions/apiFailure';
import { apiOnly, container, idOf, joined, plan } from '../../core/actions/hosts';

const failure = new ConnectionError('socket', 'user', 'It may not be opened.', 'Join the group docker.');
const killAll = { action: 'kill-all-containers', target: { kind: 'host' } } as const;

it('is why nothing is done where no target is known, or none is reached', () => {
  const unreached = plan({ ...killAll, rights: apiOnly, containers: [joined(idOf('a'), undefined)] });
  expect(unreached.refusal).toBe('out-of-reach');
  expect(apiFailureOf(unreached, failure)).toBe(failure);
  expect(apiFailureOf(plan(killAll), failure)).toBe(failure);
  const none = apiFailureOf<ConnectionError>(plan(killAll), undefined);
  expect(none).toBeUndefined();
});

it('is none where something can be done, or a person has ticked nothing', () => {
  const id = idOf('a');
  const containers = [joined(id, container(id))];
  expect(apiFailureOf(plan({ ...killAll, containers }), failure)).toBeUndefined();
  const kept = { containers, protectedContainers: ['*'] };
  const target = { kind: 'host' } as const;
  expect(apiFailureOf(plan({ action: 'freeze-all-containers', target, ...kept }), failure)).toBeUndefined();
});
