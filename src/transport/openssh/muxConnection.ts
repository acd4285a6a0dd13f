import type { Duplex } from 'node:stream';
import { errorText } from '../../core/errorText';
import { ByteStream } from '../byteStream';
import { cleanText } from '../cleanText';
import type { CommandChannel, Connection, ConnectionError, Exit } from '../connection';
import { stringField, uint32, type FieldReader } from '../sshFields';
import { TextTail } from '../textTail';
import { message, terminalRequest, unixSocketTarget } from './channelMessages';
import { MuxChannel, packetBytes, windowBytes } from './muxChannel';
import type { MuxSocket } from './muxSocket';
import { channelRefused, connectionLost, socketRefused } from './openSshFailure';

/** How long after the end of a command its last words on standard error are waited for. */
const lastWordsMs = 500;

interface Opening {
  confirmed(channel: MuxChannel): void;
  refused(why: string | undefined): void;
}

/** What a connection has to know of the ssh program that holds it. */
export interface Holder {
  /** How messages name the host. */
  readonly host: string;
  /** It has ended: what it has said about that. Called once; never rejects. */
  lastWords(): Promise<string>;
}

/** A connection that an ssh program holds. Every channel is ours: no further program runs for it, here or on the host. */
export class MuxConnection implements Connection {
  readonly closed: Promise<ConnectionError | undefined>;
  private readonly opening = new Map<number, Opening>();
  private readonly channels = new Map<number, MuxChannel>();
  private nextId = 0;
  private closing = false;
  private gone: ConnectionError | undefined;
  private broken: unknown;

  constructor(
    private readonly socket: MuxSocket,
    private readonly holder: Holder,
  ) {
    socket.onPacket((type, body) => {
      try {
        this.receive(type, body);
      } catch (error) {
        this.broken = error;
        socket.destroy();
      }
    });
    socket.onDrain(() => {
      for (const channel of this.channels.values()) channel.flush();
    });
    this.closed = new Promise((resolve) => {
      socket.onClose(() => {
        void this.end().then(resolve);
      });
    });
  }

  exec(command: string): Promise<CommandChannel> {
    return this.run(command, undefined);
  }

  execInTerminal(command: string): Promise<CommandChannel> {
    // Nobody looks at it: no colours and no questions to the terminal, and so wide that no shell wraps what is typed.
    return this.run(command, terminalRequest('dumb', 1000, 24));
  }

  async openUnixSocket(path: string): Promise<Duplex> {
    const channel = await this.open('direct-streamlocal@openssh.com', unixSocketTarget(path), (why) =>
      socketRefused(this.holder.host, path, why),
    );
    return streamOf(channel);
  }

  close(): void {
    if (this.closing || this.gone) return;
    this.closing = true;
    try {
      process.kill(this.socket.pid, 'SIGTERM'); // it is there: its socket is open
    } catch {
      // It ends at this moment.
    }
    this.socket.destroy();
  }

  private async run(command: string, terminal: Buffer | undefined): Promise<CommandChannel> {
    const refused = (why: string | undefined): ConnectionError => channelRefused(this.holder.host, why);
    const channel = await this.open('session', Buffer.alloc(0), refused);
    const result = commandChannel(channel);
    const started =
      (terminal === undefined || (await channel.request('pty-req', terminal))) &&
      (await channel.request('exec', stringField(command)));
    if (started) return result;
    channel.close();
    throw this.reason() ?? refused(terminal === undefined ? undefined : 'it gives no terminal');
  }

  private open(
    kind: string,
    target: Buffer,
    refusal: (why: string | undefined) => ConnectionError,
  ): Promise<MuxChannel> {
    return new Promise((resolve, reject) => {
      const gone = this.reason();
      if (gone) {
        reject(gone);
        return;
      }
      const id = this.nextId++;
      this.opening.set(id, {
        confirmed: resolve,
        refused: (why) => reject(this.reason() ?? refusal(why)),
      });
      const numbers = [id, windowBytes, packetBytes].map(uint32);
      this.socket.send(message.channelOpen, Buffer.concat([stringField(kind), ...numbers, target]));
    });
  }

  /** Why nothing can be opened any more. */
  private reason(): ConnectionError | undefined {
    return this.gone ?? (this.closing ? connectionLost(this.holder.host, '') : undefined);
  }

  private receive(type: number, body: FieldReader): void {
    // Keepalives and news of host keys are for the ssh program, which answers them itself.
    if (type < message.channelOpen) return;
    if (type === message.channelOpen) throw new RangeError('the host opened a channel');
    const id = body.uint32();
    const opening = this.opening.get(id);
    if (opening) {
      this.opened(id, opening, type, body);
      this.opening.delete(id);
      return;
    }
    const channel = this.channels.get(id);
    if (!channel) throw new RangeError(`message ${type} for no channel`);
    channel.receive(type, body);
    if (channel.hasEnded) this.channels.delete(id);
  }

  private opened(id: number, opening: Opening, type: number, body: FieldReader): void {
    if (type === message.openFailure) {
      body.uint32();
      opening.refused(cleanText(body.text(), 200));
      return;
    }
    if (type !== message.openConfirmation) throw new RangeError(`message ${type} instead of a channel`);
    const channel = new MuxChannel(this.socket, body.uint32(), body.uint32(), body.uint32());
    this.channels.set(id, channel);
    opening.confirmed(channel);
  }

  private async end(): Promise<ConnectionError | undefined> {
    const said = await this.holder.lastWords();
    this.gone = connectionLost(this.holder.host, this.broken === undefined ? said : errorText(this.broken));
    for (const opening of this.opening.values()) opening.refused(undefined);
    this.opening.clear();
    for (const channel of this.channels.values()) channel.end();
    this.channels.clear();
    return this.closing ? undefined : this.gone;
  }
}

function streamOf(channel: MuxChannel): Duplex {
  return new ByteStream({
    readable: channel.output,
    writable: channel.input,
    release: () => channel.close(),
  });
}

function commandChannel(channel: MuxChannel): CommandChannel {
  const errors = new TextTail(16 * 1024);
  channel.onErrors((bytes) => errors.append(bytes));
  const exit = exitOf(channel);
  const stream = streamOf(channel);
  return {
    stream,
    stderr: () => errors.toString(),
    onStderr: (listener) => channel.onErrors(listener),
    exit,
    close: () => stream.destroy(),
  };
}

/** Ended means: the exit status came and there is no more output, or the channel is gone. */
function exitOf(channel: MuxChannel): Promise<Exit> {
  return new Promise((resolve) => {
    let exit: Exit | undefined;
    channel.onExit((ended) => {
      exit = ended;
      // A child that the command left behind may hold its output open.
      const timer = setTimeout(() => resolve(ended), lastWordsMs);
      channel.onEnd(() => clearTimeout(timer));
      if (channel.outputEnded) resolve(ended);
    });
    channel.onEnd(() => {
      if (exit || channel.hasEnded) resolve(exit ?? {});
    });
  });
}
