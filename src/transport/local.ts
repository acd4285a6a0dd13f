import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { ByteStream } from './byteStream';
import {
  ConnectionError,
  type CommandChannel,
  type Connection,
  type Exit,
  type Transport,
} from './connection';
import { isShortage } from './runProgram';
import { TextTail } from './textTail';

/** This machine: commands run by a child `sh`. There is nothing to connect to, and nobody is asked anything. */
export function localTransport(): Transport {
  return {
    connect: (_prompts, signal) =>
      signal.aborted
        ? Promise.reject(new ConnectionError('connection', 'cancelled', 'The connection was cancelled.'))
        : Promise.resolve(new LocalConnection()),
  };
}

class LocalConnection implements Connection {
  private readonly open = new Set<{ destroy(): void }>();
  private settle!: () => void;
  private ended = false;
  readonly closed = new Promise<undefined>((resolve) => {
    this.settle = () => resolve(undefined);
  });

  async exec(command: string): Promise<CommandChannel> {
    this.checkOpen();
    const child = await startShell(command);
    const errors = new TextTail(16 * 1024);
    child.stderr.on('data', (chunk: Buffer) => errors.append(chunk));
    child.stderr.on('error', () => undefined);
    const stream = this.keep(
      new ByteStream({
        readable: child.stdout,
        writable: child.stdin,
        release: () => {
          child.stdin.end();
          child.stdout.destroy();
        },
      }),
    );
    return {
      stream,
      stderr: () => errors.toString(),
      onStderr: (listener) => child.stderr.on('data', listener),
      exit: exitOf(child),
      close: () => stream.destroy(),
    };
  }

  openUnixSocket(path: string): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.checkOpen();
      const socket = connect(path);
      socket.once('connect', () => resolve(this.keep(socket)));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          new ConnectionError(
            'socket',
            'user',
            `The socket ${path} cannot be opened: ${error.code ?? error.message}.`,
            '',
            {
              cause: error,
            },
          ),
        ),
      );
    });
  }

  close(): void {
    this.ended = true;
    for (const stream of this.open) stream.destroy();
    this.settle();
  }

  private checkOpen(): void {
    if (this.ended) throw new ConnectionError('connection', 'retry', 'The connection is closed.');
  }

  private keep<T extends Duplex>(stream: T): T {
    if (this.ended) stream.destroy();
    this.open.add(stream);
    stream.once('close', () => this.open.delete(stream));
    return stream;
  }
}

/**
 * A shell that runs. In a session of its own: Ctrl+C at the terminal that started us is for us. The program ends at
 * end-of-file of its standard input, which comes however we end.
 * @throws {ConnectionError} phase channel
 */
function startShell(command: string): Promise<ChildProcessWithoutNullStreams> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(notStarted(error));
    try {
      const child = spawn('/bin/sh', ['-c', command], {
        stdio: 'pipe',
        detached: process.platform !== 'win32',
      });
      child.on('error', fail); // where no file descriptor is left, it has no streams
      child.once('spawn', () => resolve(child));
    } catch (error) {
      fail(error); // e.g. ENOMEM
    }
  });
}

function notStarted(error: unknown): ConnectionError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new ConnectionError(
    'channel',
    isShortage(code) ? 'retry' : 'user',
    `A shell (/bin/sh) cannot be started on this machine: ${code}.`,
    '',
    { cause: error },
  );
}

/** How long after the end of the command its last words on standard error are waited for. */
const lastWordsMs = 500;

/** Ended means: the process has ended and its standard error is read, unless a child of it holds that open. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const exit: Exit = code === null ? (signal === null ? {} : { signal }) : { code };
      const timer = setTimeout(() => resolve(exit), lastWordsMs);
      child.once('close', () => resolve(exit));
      if (child.stderr?.readableEnded) resolve(exit);
      child.stderr?.once('end', () => resolve(exit));
      timer.unref();
    });
  });
}
