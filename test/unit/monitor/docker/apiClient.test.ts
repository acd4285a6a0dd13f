import type { RequestListener, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AnswerTooLong } from '../../../../src/monitor/docker/apiChannel';
import { ApiClient, NotAnswered } from '../../../../src/monitor/docker/apiClient';
import { startFakeApi, type FakeApi } from './fakeApi';

const apis: FakeApi[] = [];

afterEach(async () => {
  for (const api of apis.splice(0)) await api.stop();
});

async function start(
  listener: RequestListener,
  options: { mostChannels?: number } = {},
): Promise<{ api: FakeApi; client: ApiClient }> {
  const api = await startFakeApi(listener, options);
  apis.push(api);
  return { api, client: new ApiClient(api.connection, api.dial) };
}

const ok: RequestListener = (_request, response) => response.end('{}');

describe('requests to an API', () => {
  it('go over two channels at most, which stay open', async () => {
    let now = 0;
    let most = 0;
    const { api, client } = await start((_request, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.end('{}');
      }, 5);
    });
    const acts = Array.from({ length: 20 }, (_, index) => client.act({ path: `/act/${index}` }));
    for (const { status } of await Promise.all(acts)) expect(status).toBe(200);
    expect(most).toBe(2);
    expect((await client.read('/read', 100)).body).toBe('{}');
    expect(api.opened()).toBe(2);
    expect(client.channels).toBe(2);
    expect(api.asked).toHaveLength(21);
    client.close();
    await vi.waitUntil(() => api.sockets.size === 0);
  });

  it('that read and hang leave a channel to those that act, which go first', async () => {
    const hanging: ServerResponse[] = [];
    const { api, client } = await start((request, response) => {
      if (request.url === '/hangs') hanging.push(response);
      else response.end('{}');
    });
    await client.warm(2);
    const reads = [client.read('/hangs', 100), client.read('/later', 100)];
    await vi.waitUntil(() => hanging.length === 1);
    expect((await client.act({ path: '/kill' })).status).toBe(200);
    hanging[0]?.end('{}');
    await Promise.all(reads);
    expect(api.asked).toEqual(['GET /hangs', 'POST /kill', 'GET /later']);
    expect(api.opened()).toBe(2);
  });

  it('start a second program only where the first is busy with what only reads', async () => {
    const hanging: ServerResponse[] = [];
    const api = await startFakeApi((request, response) => {
      if (request.url === '/hangs') hanging.push(response);
      else setTimeout(() => response.end('{}'), 5);
    });
    apis.push(api);
    const client = new ApiClient(api.connection, api.dial, true);
    await Promise.all(['/1', '/2', '/3', '/4'].map((path) => client.act({ path })));
    expect(api.opened()).toBe(1);
    const read = client.read('/hangs', 100);
    await client.act({ path: '/kill' });
    expect(api.opened()).toBe(2);
    hanging[0]?.end('{}');
    expect((await read).status).toBe(200);
  });

  it('that may go beside others do not wait for those that hang, which stay two at a time', async () => {
    const { api, client } = await start((request, response) => {
      if (request.url?.startsWith('/kill') !== true) response.end('{}');
    });
    const kills = ['/kill/1', '/kill/2', '/kill/3'].map((path) =>
      client.act({ path }).catch(() => undefined),
    );
    await vi.waitUntil(() => api.asked.length === 2);
    const updates = ['/update/1', '/update/2'].map((path) => client.act({ path }, undefined, true));
    expect((await Promise.all(updates)).map(({ status }) => status)).toEqual([200, 200]);
    expect(api.asked).toEqual(['POST /kill/1', 'POST /kill/2', 'POST /update/1', 'POST /update/2']);
    expect(api.opened()).toBe(3);
    api.cut();
    await Promise.all(kills);
  });

  it('that may go beside others start a program of their own beside one that hangs', async () => {
    const api = await startFakeApi((request, response) => {
      if (request.url !== '/kill') response.end('{}');
    });
    apis.push(api);
    const client = new ApiClient(api.connection, api.dial, true);
    const kill = client.act({ path: '/kill' }).catch(() => undefined);
    await vi.waitUntil(() => api.asked.length === 1);
    expect((await client.act({ path: '/update' }, undefined, true)).status).toBe(200);
    expect(api.opened()).toBe(2);
    api.cut();
    await kill;
  });

  it('do with one channel where the host refuses a second one', async () => {
    const { api, client } = await start(ok, { mostChannels: 1 });
    const acts = ['/1', '/2', '/3', '/4'].map((path) => client.act({ path }));
    expect((await Promise.all(acts)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(api.opened()).toBe(1);
  });

  it('fail with what the host says where it opens none', async () => {
    const { client } = await start(ok, { mostChannels: 0 });
    await expect(client.act({ path: '/1' })).rejects.toMatchObject({ phase: 'socket', message: 'refused' });
  });

  it('are repeated once where the other side gave the channel up, unless twice is more than once', async () => {
    let drop = false;
    const { api, client } = await start((request, response) => {
      if (drop) request.socket.destroy();
      else response.end('{}');
      drop = false;
    });
    const dropNext = async (once: boolean): Promise<unknown> => {
      await client.read('/first', 100);
      drop = true;
      return client.act({ path: '/act', ...(once && { once: true }) }).catch((error: unknown) => error);
    };
    expect(await dropNext(false)).toMatchObject({ status: 200 });
    expect(api.asked.splice(0)).toEqual(['GET /first', 'POST /act', 'POST /act']);
    expect(await dropNext(true)).toMatchObject({ name: 'NotAnswered', sent: true });
    expect(api.asked).toEqual(['GET /first', 'POST /act']);
  });

  it('say whether they were sent when the connection is cut', async () => {
    const { api, client } = await start(() => undefined);
    await client.warm(2);
    const acts = ['/1', '/2', '/3'].map((path) =>
      client.act({ path }).catch((error: unknown) => (error instanceof NotAnswered ? error.sent : error)),
    );
    await vi.waitUntil(() => api.asked.length === 2);
    api.cut();
    expect(await Promise.all(acts)).toEqual([true, true, false]);
    await expect(client.read('/4', 100)).rejects.toMatchObject({
      sent: false,
      message: 'The host has hung up.',
    });
    expect([...api.asked].sort()).toEqual(['POST /1', 'POST /2']);
  });

  it('are not sent once cancelled, and what was sent may still be answered', async () => {
    const answers: ServerResponse[] = [];
    const { api, client } = await start((_request, response) => answers.push(response));
    await client.warm(2);
    const cancel = new AbortController();
    const acts = ['/1', '/2', '/3'].map((path) => client.act({ path }, cancel.signal));
    const third = expect(acts[2]).rejects.toMatchObject({ sent: false });
    await vi.waitUntil(() => answers.length === 2);
    cancel.abort();
    await third;
    for (const answer of answers) answer.end('{}');
    expect((await Promise.all(acts.slice(0, 2))).map(({ status }) => status)).toEqual([200, 200]);
    await expect(client.act({ path: '/4' }, cancel.signal)).rejects.toMatchObject({ sent: false });
    expect([...api.asked].sort()).toEqual(['POST /1', 'POST /2']);
  });

  it('take no more of an answer than they want', async () => {
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024, 'x');
    const { client } = await start((_request, response) => {
      const more = (): void => {
        while (sent < 100 * 1024 ** 2 && !response.destroyed) {
          sent += piece.length;
          if (!response.write(piece)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    await expect(client.read('/list', 1024 ** 2)).rejects.toBeInstanceOf(AnswerTooLong);
    expect(sent).toBeLessThan(10 * 1024 ** 2);
  });

  it('fail where what comes is not HTTP, and go on over another channel', async () => {
    const { client } = await start((request, response) => {
      if (request.url === '/odd') request.socket.end('\u001b[2J\u0000 not HTTP at all\r\n\r\n');
      else response.end('{}');
    });
    await expect(client.read('/odd', 100)).rejects.toBeInstanceOf(NotAnswered);
    expect((await client.read('/good', 100)).status).toBe(200);
  });

  it('go on where the other side closes after each answer', async () => {
    const { api, client } = await start((_request, response) => {
      response.setHeader('connection', 'close');
      response.end('{}');
    });
    for (const path of ['/1', '/2', '/3']) expect((await client.act({ path })).status).toBe(200);
    expect(api.asked).toHaveLength(3);
  });
});
