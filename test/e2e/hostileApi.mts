import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as ask, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a daemon may say of a container. */
export interface HostileWords {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A daemon whose list has other names, images and labels than Docker allows; all else is the real one's. */
export class HostileApi {
  /** Paths of requests that change something, as they came. */
  readonly acted: string[] = [];

  private constructor(
    readonly socketPath: string,
    private readonly end: () => Promise<void>,
  ) {}

  /** @param realSocket of the real daemon. */
  static async start(realSocket: string, words: HostileWords): Promise<HostileApi> {
    const folder = mkdtempSync(path.join(tmpdir(), 'hostile-api-'));
    const socketPath = path.join(folder, 'docker.sock');
    const server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      if (method !== 'GET') api.acted.push(url);
      const options = { socketPath: realSocket, method, path: url, headers };
      const forwarded = ask(options, (answer) => {
        void bodyOf(answer).then((body) => {
          const { statusCode = 500 } = answer;
          const isList = url.startsWith('/containers/json') && statusCode === 200;
          const type = { 'content-type': answer.headers['content-type'] ?? 'application/json' };
          response.writeHead(statusCode, type).end(isList ? listWith(words, body) : body);
        });
      });
      forwarded.on('error', () => response.destroy());
      request.pipe(forwarded);
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const api = new HostileApi(socketPath, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    });
    return api;
  }

  stop(): Promise<void> {
    return this.end();
  }
}

function listWith({ name, image, labels }: HostileWords, body: string): string {
  const listed = JSON.parse(body) as Readonly<Record<string, unknown>>[];
  return JSON.stringify(listed.map((one) => ({ ...one, Names: [`/${name}`], Image: image, Labels: labels })));
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
