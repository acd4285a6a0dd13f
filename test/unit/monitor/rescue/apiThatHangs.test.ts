import { afterEach, expect, it } from 'vitest';
import type { Container } from '../../../../src/core/containers/container';
import { ContainerApi } from '../../../../src/monitor/docker/containerApi';
import { runRescue } from '../../../../src/monitor/rescue/killContainers';
import type { KillingApi } from '../../../../src/monitor/rescue/rescueEvent';
import type { RescueLane } from '../../../../src/monitor/rescue/rescuePlan';
import { startFakeApi, type FakeApi } from '../docker/fakeApi';

let fake: FakeApi | undefined;
afterEach(async () => {
  await fake?.stop();
});

const containers = ['1', '2', '3'].map((digit): Container => {
  const id = digit.repeat(64);
  return { id, name: digit, image: '', state: 'running', status: '', restartPolicy: undefined, labels: {} };
});

/** A kernel that kills at once, and a runtime that starts them again. */
const lane: RescueLane = {
  isRoot: true,
  leaseMs: 300_000,
  ended: new Promise(() => undefined),
  mayTake: () => true,
  ...{ freeze: answer, thaw: answer, killGroup: answer, state: answer },
};

function answer(): ReturnType<RescueLane['state']> {
  const state = { version: 2, freezer: 'thawed', processes: 0, currentBytes: undefined } as const;
  const value = { kind: 'group', before: 'thawed', state, killedBy: 'cgroup.kill', signalled: 1 } as const;
  return Promise.resolve({ kind: 'answered', value, hostUptimeMs: 1, sentAtMs: 1, receivedAtMs: 1 });
}

it('an API whose requests to kill hang is still asked to disable the restart policies', async () => {
  const version = { Version: '28.0.0', ApiVersion: '1.48' };
  fake = await startFakeApi((request, response) => {
    if (request.url === '/version') response.end(JSON.stringify(version));
    else if (request.url?.includes('/kill') !== true) response.end('{}');
  });
  const { connection, socketPath, asked } = fake;
  const api = await ContainerApi.open(connection, { socketPath, sudo: false });
  const act = async (
    kind: 'kill' | 'disable-restart',
    id: string,
    signal?: AbortSignal,
  ): ReturnType<KillingApi['kill']> => {
    const wanted = containers.filter((container) => container.id === id);
    const [result] = await api.act({ kind }, wanted, signal && { signal });
    return result ?? { outcome: 'not-sent' };
  };
  const results = await runRescue(
    containers.map(({ id }) => ({ id, cgroup: `/docker/${id}` })),
    {
      lane,
      api: {
        kill: (id) => act('kill', id),
        disableRestart: (id, cancel) => act('disable-restart', id, cancel),
      },
      signal: new AbortController().signal,
      cut: connection.closed,
      limits: { apiMs: 50, roundMs: 20, disabledQuietMs: 0, wholeMs: 5000 },
    },
  );
  expect(results.map(({ outcome, restartPolicy }) => [outcome, restartPolicy])).toEqual(
    containers.map(() => ['killed', 'disabled']),
  );
  expect(asked.filter((text) => text.endsWith('/update'))).toHaveLength(3);
  // Two hang, and the third was not sent.
  expect(asked.filter((text) => text.includes('/kill'))).toHaveLength(2);
});
