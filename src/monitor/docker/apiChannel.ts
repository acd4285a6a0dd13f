import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { channelSocket } from '../channelSocket';

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Made here, of words of ours and ids that were checked. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** Asked twice is more than asked once: it is not repeated where the channel ended before the answer. */
  readonly once?: true;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** An answer that is longer than whoever asked wants to hold. */
export class AnswerTooLong extends Error {
  constructor(readonly mostBytes: number) {
    super(`The answer is longer than ${mostBytes} bytes.`);
    this.name = 'AnswerTooLong';
  }
}

/** One stream to the API of a runtime, kept open between requests; one request at a time. */
export class ApiChannel {
  private readonly agent: Agent;
  private requests = 0;

  /** @param stream speaks HTTP/1.1; closed with this. */
  constructor(private readonly stream: Duplex) {
    this.agent = new StreamAgent(channelSocket(stream));
    stream.on('error', () => undefined); // `close` follows
  }

  get isOpen(): boolean {
    return !this.stream.destroyed && this.stream.writable && !this.stream.readableEnded;
  }

  /** Whether something was asked on it before: the other side may have given it up meanwhile. */
  get isUsed(): boolean {
    return this.requests > 0;
  }

  onClose(listener: () => void): void {
    this.stream.once('close', listener);
    this.stream.once('end', () => this.close());
  }

  /**
   * @throws {AnswerTooLong} and closes the channel where the answer has more than `mostBytes`.
   * @throws {Error} where the channel ends before the answer, or what comes is not HTTP; it is closed then.
   */
  ask({ method, path, body }: ApiRequest, mostBytes: number): Promise<ApiAnswer> {
    this.requests++;
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.close();
        reject(error);
      };
      const asked = httpRequest(
        {
          method,
          path,
          agent: this.agent,
          // The agent has its stream already. But with a socket path VS Code's own proxy support for HTTP keeps out, which
          // would put an agent of its own in the place of ours.
          socketPath: '/',
          headers: {
            host: 'localhost',
            ...(text !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(text),
            }),
            ...(method === 'POST' && text === undefined && { 'content-length': 0 }),
          },
        },
        (answer) => {
          const isLast = answer.headers.connection?.toLowerCase() === 'close';
          read(answer, mostBytes).then((whole) => {
            if (isLast) this.close();
            resolve(whole);
          }, fail);
        },
      );
      asked.on('error', fail);
      asked.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
    this.stream.destroy();
  }
}

function read(answer: IncomingMessage, mostBytes: number): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) reject(new AnswerTooLong(mostBytes));
      else chunks.push(chunk);
    });
    answer.on('end', () =>
      resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
    );
    answer.on('error', reject);
    answer.on('close', () => reject(new Error('The connection was closed in the middle of the answer.')));
  });
}

/** An HTTP agent whose one connection is there already. */
class StreamAgent extends Agent {
  constructor(private readonly stream: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(): Duplex {
    if (this.stream.destroyed) throw new Error('The channel is closed.');
    return this.stream;
  }
}
