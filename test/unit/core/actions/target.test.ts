import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../../src/core/actions';
import { actionTargetOf, takesTarget } from '../../../../src/core/actions/target';
import { holds } from '../properties/random';
import { idOf } from './hosts';

const a = idOf('a');

describe('a target in a message', () => {
  it.each([
    { kind: 'host' },
    { kind: 'container', id: a },
    { kind: 'containers', ids: [a, idOf('b')] },
    { kind: 'containers', ids: [] },
    { kind: 'process', pid: 7, startTicks: 0 },
    { kind: 'cgroup', path: '/docker/x y\n' },
  ])('is taken: %j', (target) => {
    expect(actionTargetOf({ ...target, more: 'left out' })).toEqual(target);
  });

  it.each([
    undefined,
    null,
    'host',
    [],
    {},
    { kind: 'toString' },
    { kind: 'container' },
    { kind: 'container', id: 'a'.repeat(11) },
    { kind: 'container', id: 'a'.repeat(65) },
    { kind: 'container', id: `${'a'.repeat(20)}/../x` },
    { kind: 'container', id: '$(reboot) $(reboot)' },
    { kind: 'containers', ids: a },
    { kind: 'containers', ids: [a, 7] },
    { kind: 'containers', ids: Array.from({ length: 2001 }, () => a) },
    { kind: 'process', pid: 0, startTicks: 1 },
    { kind: 'process', pid: -1, startTicks: 1 },
    { kind: 'process', pid: 1.5, startTicks: 1 },
    { kind: 'process', pid: '7', startTicks: 1 },
    { kind: 'process', pid: 7 },
    { kind: 'cgroup', path: 'docker' },
    { kind: 'cgroup', path: `/${'x'.repeat(4096)}` },
  ])('is refused: %j', (target) => {
    expect(actionTargetOf(target)).toBeUndefined();
  });

  it('names each container once', () => {
    expect(actionTargetOf({ kind: 'containers', ids: [a, a] })).toEqual({ kind: 'containers', ids: [a] });
  });

  it('may be anything', () => {
    holds(
      fc.property(fc.anything(), (value) => {
        expect(() => actionTargetOf(value)).not.toThrow();
      }),
    );
  });

  it('goes with those actions that take it', () => {
    const taking = actions.filter((action) => takesTarget(action, { kind: 'cgroup', path: '/x' }));
    expect(taking.map(({ id }) => id)).toEqual(['freeze-containers', 'thaw-containers', 'kill-containers']);
  });
});
