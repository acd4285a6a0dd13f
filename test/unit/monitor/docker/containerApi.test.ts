import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ContainerApi } from '../../../../src/monitor/docker/containerApi';
import { startFakeApi, type FakeApi } from './fakeApi';

const apis: FakeApi[] = [];

afterEach(async () => {
  for (const api of apis.splice(0)) await api.stop();
});

const version = { Version: '28.0.0', ApiVersion: '1.48', Components: [{ Name: 'Engine' }] };
const info = { CgroupVersion: '2', MemoryLimit: true, SwapLimit: true };

type Answers = (path: string, request: IncomingMessage, response: ServerResponse) => unknown;

const podman = { Version: '5.1.0', Components: [{ Name: 'Podman Engine' }] };

/** Answers `/version` and `/info`, and else with the JSON of what `answers` gives. */
async function open(
  answers: Answers,
  runtime: object = version,
): Promise<{ fake: FakeApi; api: ContainerApi }> {
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '';
    if (path === '/version') response.end(JSON.stringify(runtime));
    else if (path === '/info') response.end(JSON.stringify(info));
    else {
      const answer = answers(path, request, response);
      if (answer !== undefined) response.end(JSON.stringify(answer));
    }
  };
  const fake = await startFakeApi(listener);
  apis.push(fake);
  const api = await ContainerApi.open(fake.connection, { socketPath: fake.socketPath, sudo: false });
  return { fake, api };
}

const idOf = (number: number): string => number.toString(16).padStart(64, '0');
const entry = (number: number): object => ({ Id: idOf(number), Names: [`/c${number}`], State: 'running' });

describe('the containers of an API', () => {
  it('are the first 2000 of any number, of which 300 are inspected', async () => {
    const all = Array.from({ length: 10_000 }, (_, number) => entry(number));
    const { fake, api } = await open((path) =>
      path === '/containers/json' ? all : { HostConfig: { RestartPolicy: { Name: 'always' } } },
    );
    const { containers, cut } = await api.list();
    expect(cut).toBe(true);
    expect(containers).toHaveLength(2000);
    expect(containers.filter(({ restartPolicy }) => restartPolicy !== undefined)).toHaveLength(300);
    expect(fake.asked.filter((asked) => asked.endsWith('/json'))).toHaveLength(301);
    expect(fake.opened()).toBe(1);
  });

  it('are refused where the list is endless', async () => {
    const { api } = await open((_path, _request, response) => {
      const piece = Buffer.alloc(1024 ** 2, '[');
      let left = 100;
      const more = (): void => {
        while (left-- > 0 && !response.destroyed) {
          if (!response.write(piece)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
      return undefined;
    });
    await expect(api.list()).rejects.toMatchObject({
      phase: 'socket',
      message: 'The Docker API on the host did not answer: The answer is longer than 8388608 bytes.',
    });
  });

  it.each([['"text"'], ['{"message":1}'], ['[[['], ['null']])('are refused where %s comes', async (text) => {
    const { api } = await open((_path, _request, response) => void response.end(text));
    await expect(api.list()).rejects.toThrow('its list of containers cannot be read');
  });

  it('are inspected again after 30 s, a change of state or an action, and not at all on a host that hardly answers', async () => {
    const state = { now: 'running' };
    const { fake, api } = await open((path) =>
      path === '/containers/json'
        ? [{ ...entry(1), State: state.now }]
        : { State: { Pid: 7 }, HostConfig: { RestartPolicy: { Name: 'always' } } },
    );
    const inspections = (): number => fake.asked.filter((asked) => asked.includes(idOf(1))).length;
    const first = await api.list({ inspect: 'known' });
    expect(first.containers[0]?.restartPolicy).toBeUndefined();
    expect(inspections()).toBe(0);
    await api.list();
    await api.list();
    expect(inspections()).toBe(1);
    state.now = 'paused';
    const known = await api.list({ inspect: 'known' });
    expect(known.containers[0]).toMatchObject({ state: 'paused', pid: 7, restartPolicy: { name: 'always' } });
    expect(inspections()).toBe(1);
    await api.list();
    expect(inspections()).toBe(2);
    await api.act({ kind: 'unpause' }, known.containers);
    expect(inspections()).toBe(3);
    await api.list();
    expect(inspections()).toBe(4);
    expect(api.latest?.containers[0]?.id).toBe(idOf(1));
  });

  it('are inspected where they are asked for, whatever is known of them, and no others', async () => {
    const { fake, api } = await open((path) =>
      path === '/containers/json' ? [entry(1), entry(2)] : { State: { Pid: 7 } },
    );
    const beforeMs = performance.now();
    const { containers, askedAtMs, readAtMs } = await api.list();
    const [one, two] = containers.map(({ inspectedAtMs = NaN }) => inspectedAtMs);
    expect(askedAtMs).toBeGreaterThanOrEqual(beforeMs);
    expect(readAtMs).toBeGreaterThan(askedAtMs);
    expect(one).toBeGreaterThanOrEqual(readAtMs);
    const again = await api.list({ inspect: new Set([idOf(1), idOf(3)]) });
    expect(fake.asked.slice(-2)).toEqual(['GET /containers/json', `GET /containers/${idOf(1)}/json`]);
    expect(again.containers.map(({ inspectedAtMs = NaN }) => inspectedAtMs > (two ?? NaN))).toEqual([
      true,
      false,
    ]);
  });

  it('of which one cannot be inspected are listed all the same', async () => {
    const { api } = await open((path, _request, response) => {
      if (path === '/containers/json') return [entry(1), entry(2), entry(3), entry(4)];
      if (path.includes(idOf(1))) response.writeHead(404);
      if (path.includes(idOf(2))) response.writeHead(500);
      if (path.includes(idOf(3))) return 'x'.repeat(2 * 1024 ** 2);
      return { State: { Pid: 9 } };
    });
    const { containers } = await api.list();
    expect(containers.map(({ name, pid }) => [name, pid])).toEqual([
      ['c1', undefined],
      ['c2', undefined],
      ['c3', undefined],
      ['c4', 9],
    ]);
  });

  it('with ids that are none get nothing sent', async () => {
    const { fake, api } = await open((path) =>
      path === '/containers/json' ? [{ ...entry(1), Id: '../../images/prune' }, { Id: 5 }, entry(2)] : {},
    );
    const { containers } = await api.list({ inspect: 'known' });
    expect(containers.map(({ id }) => id)).toEqual([idOf(2)]);
    const before = fake.asked.length;
    const forged = containers.map((container) => ({ ...container, id: 'aaaaaaaaaaaa/../x?y=1' }));
    for (const action of [{ kind: 'kill' }, { kind: 'set-memory-limit', memoryBytes: 2 ** 26 }] as const) {
      const [result] = await api.act(action, forged);
      expect(result).toMatchObject({ outcome: 'failed', message: 'It has no proper id.', ms: 0 });
    }
    expect(fake.asked).toHaveLength(before);
  });
});

describe('actions on containers', () => {
  it('give a result for each, in order, in the words of the runtime', async () => {
    const says: Readonly<Record<string, [number, string]>> = {
      [idOf(1)]: [204, ''],
      [idOf(2)]: [404, '{"message":"No such container: x"}'],
      [idOf(3)]: [409, '{"message":"container x is not running"}'],
      [idOf(4)]: [500, '{"message":"<b>no</b>\\u001b[31m space\\n$(left)"}'],
      [idOf(5)]: [404, 'Not Found'],
    };
    const { fake, api } = await open((path, _request, response) => {
      if (path === '/containers/json') return Object.keys(says).map((Id) => ({ Id, State: 'running' }));
      const [status = 0, body = ''] = says[path.split('/')[2] ?? ''] ?? [];
      response.writeHead(status).end(body);
      return undefined;
    });
    const { containers } = await api.list({ inspect: 'known' });
    const told: string[] = [];
    const results = await api.act({ kind: 'kill' }, containers, {
      onResult: ({ container }) => told.push(container.id),
    });
    expect(results.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['done', undefined],
      ['gone', 'No such container: x'],
      ['gone', 'container x is not running'],
      ['failed', '<b>no</b> space $(left)'],
      ['failed', 'Not Found'],
    ]);
    expect(told.sort()).toEqual(Object.keys(says));
    expect(fake.asked).toContain(`POST /containers/${idOf(1)}/kill?signal=SIGKILL`);
  });

  it('that set a limit read the limits right before, so that swap is not let loose', async () => {
    const bodies: string[] = [];
    let isRead = true;
    const { api } = await open((path, request, response) => {
      if (path === '/containers/json') return [entry(1)];
      if (path.endsWith('/json'))
        return isRead ? { HostConfig: { Memory: 2 ** 26, MemorySwap: 2 ** 26 } } : { HostConfig: {} };
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.end('{}'));
      return undefined;
    });
    const { containers } = await api.list({ inspect: 'known' });
    expect(containers[0]?.limits).toBeUndefined();
    const action = { kind: 'set-memory-limit', memoryBytes: 2 ** 27 } as const;
    expect(await api.act(action, containers)).toMatchObject([{ outcome: 'done' }]);
    expect(JSON.parse(bodies.join(''))).toEqual({ Memory: 2 ** 27, MemorySwap: 2 ** 27 });
    isRead = false;
    expect(await api.act(action, containers)).toMatchObject([{ outcome: 'failed' }]);
    expect(bodies).toHaveLength(1);
  });

  it('are not taken for done where Podman says so and it is not', async () => {
    const policies: Readonly<Record<string, string>> = { [idOf(1)]: 'no', [idOf(2)]: 'always' };
    const { api } = await open((path, { method }) => {
      if (path === '/containers/json') return [entry(1), entry(2)];
      if (method === 'POST') return {};
      return { HostConfig: { RestartPolicy: { Name: policies[path.split('/')[2] ?? ''] } } };
    }, podman);
    const { containers } = await api.list({ inspect: 'known' });
    const results = await api.act({ kind: 'disable-restart' }, containers);
    expect(results.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['done', undefined],
      ['failed', 'Its restart policy is still always.'],
    ]);
  });

  it('are unknown where they were sent and the connection was cut', async () => {
    const { fake, api } = await open((path) =>
      path === '/containers/json' ? [entry(1), entry(2), entry(3), entry(4)] : undefined,
    );
    await api.probe(AbortSignal.timeout(10)).catch(() => undefined);
    const { containers } = await api.list({ inspect: 'known' });
    setTimeout(() => fake.cut(), 100);
    const results = await api.act({ kind: 'kill' }, containers);
    expect(results.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'not-sent', 'not-sent']);
    expect(results[0]?.ms).toBeGreaterThan(50);
    expect(results[3]).toMatchObject({ ms: 0, message: 'The host has hung up.' });
  });
});
