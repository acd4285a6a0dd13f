import { createServer, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { ConnectionError, type Connection } from '../../../../src/transport/connection';

export interface FakeApi {
  /** Reaches it as a connection to a host would. */
  readonly connection: Connection;
  readonly socketPath: string;
  /** `METHOD path` as they came. */
  readonly asked: string[];
  /** How many channels were opened, and those that are open. */
  readonly opened: () => number;
  readonly sockets: ReadonlySet<Socket>;
  readonly dial: () => Promise<Duplex>;
  /** Ends the connection, as the network does. */
  cut(): void;
  stop(): Promise<void>;
}

/** An API of a host that answers as `listener` says. @param mostChannels further ones are refused. */
export async function startFakeApi(
  listener: RequestListener,
  { mostChannels = Infinity } = {},
): Promise<FakeApi> {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  const socketPath = join(folder, 'docker.sock');
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  let end: (error: ConnectionError) => void = () => undefined;
  const closed = new Promise<ConnectionError>((resolve) => (end = resolve));
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    listener(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));

  const openUnixSocket = (path: string): Promise<Duplex> => {
    if (path !== socketPath || sockets.size >= mostChannels)
      return Promise.reject(new ConnectionError('socket', 'user', 'refused'));
    opened++;
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(socket));
      socket.on('error', reject);
    });
  };
  const connection: Connection = {
    exec: () => Promise.reject(new ConnectionError('channel', 'user', 'no commands here')),
    openUnixSocket,
    close: () => undefined,
    closed,
  };
  return {
    connection,
    socketPath,
    asked,
    sockets,
    opened: () => opened,
    dial: () => openUnixSocket(socketPath),
    cut: () => {
      for (const socket of sockets) socket.destroy();
      end(new ConnectionError('connection', 'retry', 'The host has hung up.'));
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
