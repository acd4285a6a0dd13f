import { describe, expect, it } from 'vitest';
import type { Container } from '../../../../src/core/containers/container';
import type { ContainerAction } from '../../../../src/core/containers/containerAction';
import { actionRequestOf } from '../../../../src/monitor/docker/actionRequest';
import { runtimeFactsOf } from '../../../../src/monitor/docker/apiAnswers';

const id = 'a'.repeat(64);
const container: Container = {
  id,
  name: 'web',
  image: 'busybox',
  state: 'running',
  status: 'Up',
  restartPolicy: { name: 'always' },
  limits: {},
  labels: {},
};

function requestOf(action: ContainerAction, version = 'docker 28.2.2', of = container): unknown {
  const [name, Version] = version.split(' ');
  const components = name === 'podman' ? [{ Name: 'Podman Engine' }] : [];
  const facts = runtimeFactsOf({ Version, Components: components }, { SwapLimit: true });
  if (!facts) throw new Error('no facts');
  return actionRequestOf(action, of, facts);
}

describe('the request of an action', () => {
  it.each<[ContainerAction, object]>([
    [{ kind: 'kill' }, { path: `/containers/${id}/kill?signal=SIGKILL` }],
    [{ kind: 'stop' }, { path: `/containers/${id}/stop` }],
    [{ kind: 'stop', timeOutSeconds: 2.4 }, { path: `/containers/${id}/stop?t=2` }],
    [{ kind: 'stop', timeOutSeconds: -5 }, { path: `/containers/${id}/stop?t=0` }],
    [{ kind: 'stop', timeOutSeconds: Number.NaN }, { path: `/containers/${id}/stop` }],
    [
      { kind: 'restart', timeOutSeconds: 1e9 },
      { path: `/containers/${id}/restart?t=3600`, once: true },
    ],
    [{ kind: 'pause' }, { path: `/containers/${id}/pause` }],
    [{ kind: 'unpause' }, { path: `/containers/${id}/unpause` }],
    [
      { kind: 'set-memory-limit', memoryBytes: 2 ** 26 },
      { path: `/containers/${id}/update`, body: { Memory: 2 ** 26, MemorySwap: -1 } },
    ],
    [
      { kind: 'disable-restart' },
      { path: `/containers/${id}/update`, body: { RestartPolicy: { Name: 'no' } } },
    ],
  ])('%j', (action, request) => {
    expect(requestOf(action)).toEqual(request);
  });

  it('is none for a container that is removed when it ends: it has no policy', () => {
    expect(
      requestOf({ kind: 'disable-restart' }, undefined, { ...container, autoRemove: true }),
    ).toMatchObject({
      outcome: 'done',
    });
  });

  it("is one of Podman's own API where the compatible one has none", () => {
    expect(
      requestOf({ kind: 'set-memory-limit', memoryBytes: 2 ** 26, swapBytes: 0 }, 'podman 4.3.1'),
    ).toEqual({
      path: `/v4.3.0/libpod/containers/${id}/update`,
      body: { memory: { limit: 2 ** 26, swap: 2 ** 26 } },
    });
    expect(requestOf({ kind: 'disable-restart' }, 'podman 5.1.0')).toEqual({
      path: `/v5.1.0/libpod/containers/${id}/update?restartPolicy=no`,
      body: {},
    });
  });

  it('is none where Podman would pass it over in silence', () => {
    for (const version of ['podman 4.3.1', 'podman 5.0.9', 'podman '])
      expect(requestOf({ kind: 'disable-restart' }, version)).toMatchObject({ outcome: 'failed' });
  });
});
