import type { Duplex } from 'node:stream';
import { ByteStream } from './byteStream';
import { cleanText } from './cleanText';
import type { CommandChannel, Connection, ConnectionError, Exit } from './connection';
import type { ClientChannel } from './ssh2';
import { channelError, forwardError, lost, socketError } from './sshFailure';
import type { Login } from './sshLogin';
import type { SshSettings } from './sshSettings';
import { TextTail } from './textTail';

/** How long after the end of the command its last words on standard error are waited for. */
const lastWordsMs = 500;

/** How long a closing connection may take to say goodbye before its socket is destroyed. */
const goodbyeMs = 500;

/** Nobody looks at it: no colours and no questions to the terminal, and so wide that no shell wraps what is typed. */
const terminal = { term: 'dumb', cols: 1000, rows: 24 };

type Done = (error: Error | undefined, channel: ClientChannel) => void;

/**
 * A connection over ssh2 that is logged in. `below` ends everything under it: the socket, and the hosts on the way.
 * `before`: the host that it leads over; where that is lost, it is the reason. `opened`: told of each channel that is open.
 */
export class SshConnection implements Connection {
  readonly closed: Promise<ConnectionError | undefined>;
  private closing = false;
  private gone: ConnectionError | undefined;
  /** What ends the channels that are being opened. Not `closed`: it would hold each channel ever opened. */
  private readonly opening = new Set<() => void>();

  constructor(
    private readonly login: Login,
    private readonly settings: SshSettings,
    private readonly below: () => void,
    before?: SshConnection,
    private readonly opened: () => void = () => undefined,
  ) {
    let lastError: unknown;
    const { client } = login;
    client.on('error', (error: unknown) => {
      lastError = error;
      below(); // ssh2 ends its own half only
    });
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        this.gone = lost(settings, login.refusal() ?? before?.gone ?? lastError);
        below();
        resolve(this.closing ? undefined : this.gone);
        for (const fail of this.opening) fail();
      });
    });
  }

  exec(command: string): Promise<CommandChannel> {
    return this.open(
      (done) => this.login.client.exec(command, done),
      commandChannel,
      (error) => channelError(this.settings, error),
    );
  }

  execInTerminal(command: string): Promise<CommandChannel> {
    return this.open(
      (done) => this.login.client.exec(command, { pty: terminal }, done),
      commandChannel,
      (error) => channelError(this.settings, error),
    );
  }

  openUnixSocket(path: string): Promise<Duplex> {
    return this.open<Duplex>(
      (done) => this.login.client.openssh_forwardOutStreamLocal(path, done),
      streamOf,
      (error) => socketError(this.settings, path, error),
    );
  }

  /** A TCP connection made by the host, for a host behind it. */
  openTcp(host: string, port: number): Promise<Duplex> {
    return this.open<Duplex>(
      (done) => this.login.client.forwardOut('127.0.0.1', 0, host, port, done),
      connectionChannel,
      (error) => forwardError(this.settings, host, port, error),
    );
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    this.login.client.end();
    // A frozen host never answers the goodbye.
    setTimeout(() => {
      this.login.client.destroy();
      this.below();
    }, goodbyeMs).unref();
  }

  private wrapped<T>(channel: ClientChannel, wrap: (channel: ClientChannel) => T): T {
    this.login.watch(channel);
    this.opened();
    return wrap(channel);
  }

  /** `wrap` runs before ssh2 reads on: the end of a short command may be in the packet that opened its channel. */
  private open<T>(
    start: (done: Done) => void,
    wrap: (channel: ClientChannel) => T,
    refused: (error: unknown) => ConnectionError,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error?: unknown): void => {
        this.opening.delete(fail);
        reject(this.gone ?? (this.closing ? lost(this.settings, undefined) : refused(error)));
      };
      if (this.gone || this.closing) {
        fail();
        return;
      }
      this.opening.add(fail);
      try {
        start((error, channel) => {
          if (error as unknown) {
            setImmediate(fail, error);
            return;
          }
          this.opening.delete(fail);
          resolve(this.wrapped(channel, wrap));
        });
      } catch {
        this.opening.delete(fail);
        reject(lost(this.settings, undefined)); // ssh2 throws where its socket is no longer writable
      }
    });
  }
}

function streamOf(channel: ClientChannel): Duplex {
  return new ByteStream({ readable: channel, writable: channel, release: () => channel.close() });
}

/**
 * A channel that carries the next SSH connection. ssh2 takes its own channels for a socket; unlike a socket, a channel
 * stays half open when the other side has ended.
 */
function connectionChannel(channel: ClientChannel): Duplex {
  channel.once('end', () => channel.close());
  return channel;
}

function commandChannel(channel: ClientChannel): CommandChannel {
  const errors = new TextTail(16 * 1024);
  // Always drained: standard error that nobody reads fills the channel's window and stops the command.
  channel.stderr.on('data', (chunk: Buffer) => errors.append(chunk));
  channel.stderr.on('error', () => undefined);
  const exit = exitOf(channel);
  const stream = streamOf(channel);
  return {
    stream,
    stderr: () => errors.toString(),
    onStderr: (listener) => channel.stderr.on('data', listener),
    exit,
    close: () => stream.destroy(),
  };
}

/** Ended means: the exit status came and standard error is read to its end, or the channel is gone. */
function exitOf(channel: ClientChannel): Promise<Exit> {
  return new Promise((resolve) => {
    let exit: Exit = {};
    let timer: NodeJS.Timeout | undefined;
    const ended = (): void => {
      clearTimeout(timer);
      resolve(exit);
    };
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = code === null ? (signal === undefined ? {} : { signal: cleanText(signal, 40) }) : { code };
      // A child that the command left behind may hold standard error open.
      timer = setTimeout(ended, lastWordsMs);
      if (channel.stderr.readableEnded) ended();
    });
    channel.stderr.on('end', () => {
      if (timer) ended();
    });
    channel.stderr.on('close', ended);
    channel.on('close', ended);
  });
}
