import { Readable, Writable } from 'node:stream';
import { FieldReader, stringField, uint32 } from '../sshFields';
import { message, standardError } from './channelMessages';
import type { Exit } from '../connection';
import type { MuxSocket } from './muxSocket';

/** How many bytes the host may send before we have read any of them, and how many in one packet. */
export const windowBytes = 1 << 20;
export const packetBytes = 32 * 1024;

/** One channel of SSH's connection protocol (RFC 4254 section 5), with flow control in both directions. */
export class MuxChannel {
  /** Standard output of the command, or what comes from a socket. */
  readonly output: Readable;
  /** Standard input of the command, or what goes to a socket. */
  readonly input: Writable;
  private readonly requests: ((granted: boolean) => void)[] = [];
  private readonly errorListeners: ((bytes: Buffer) => void)[] = [];
  private readonly exitListeners: ((exit: Exit) => void)[] = [];
  private readonly endListeners: (() => void)[] = [];
  /** What the host may still send, and what we have read of that without telling it yet. */
  private mayCome = windowBytes;
  private taken = 0;
  /** Handed to `output` after it had said that it has enough. */
  private held = 0;
  private queue: Buffer = Buffer.alloc(0);
  private queued: (() => void) | undefined;
  private closeSent = false;
  private eofSent = false;
  private eofSeen = false;
  private ended = false;

  constructor(
    private readonly socket: MuxSocket,
    private readonly remoteId: number,
    /** How much may be sent until the host gives more, and in one packet. */
    private maySend: number,
    private readonly maxPacket: number,
  ) {
    if (maxPacket === 0) throw new RangeError('packets of no bytes');
    this.output = new Readable({ read: () => this.readMore(), highWaterMark: 64 * 1024 });
    this.input = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.queue = chunk;
        this.queued = done;
        this.flush();
      },
      final: (done) => {
        this.sendEof();
        done();
      },
    });
    this.input.on('error', () => undefined);
  }

  /** Whether nothing more can come: the host has closed it, or the connection is gone. */
  get hasEnded(): boolean {
    return this.ended;
  }

  /** Whether the host has said that there is no more output. */
  get outputEnded(): boolean {
    return this.eofSeen || this.ended;
  }

  onErrors(listener: (bytes: Buffer) => void): void {
    this.errorListeners.push(listener);
  }

  onExit(listener: (exit: Exit) => void): void {
    this.exitListeners.push(listener);
  }

  /** Called at the end of the output, and when the channel has ended. */
  onEnd(listener: () => void): void {
    this.endListeners.push(listener);
  }

  /** Asks the host for something, e.g. `exec`. False: refused, or the channel ended first. */
  request(kind: string, body: Buffer): Promise<boolean> {
    if (this.ended || this.closeSent) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.requests.push(resolve);
      const head = Buffer.concat([uint32(this.remoteId), stringField(kind), Buffer.of(1)]);
      this.socket.send(message.channelRequest, Buffer.concat([head, body]));
    });
  }

  /** Closes both directions. The host is told; its own end of the channel follows. */
  close(): void {
    if (this.closeSent || this.ended) return;
    this.closeSent = true;
    this.socket.send(message.close, uint32(this.remoteId));
    this.dropQueue();
  }

  /**
   * A packet for this channel.
   * @throws {RangeError} it breaks the protocol
   */
  receive(type: number, body: FieldReader): void {
    switch (type) {
      case message.windowAdjust:
        this.maySend += body.uint32();
        this.flush();
        return;
      case message.data:
        this.receiveData(body.string());
        return;
      case message.extendedData: {
        const kind = body.uint32();
        const bytes = body.string();
        this.count(bytes);
        if (kind === standardError) for (const listener of this.errorListeners) listener(bytes);
        this.give(bytes.length);
        return;
      }
      case message.eof:
        this.eofSeen = true;
        this.output.push(null);
        this.tellEnd();
        return;
      case message.close:
        this.close();
        this.end();
        return;
      case message.channelRequest:
        this.receiveRequest(body);
        return;
      case message.channelSuccess:
      case message.channelFailure:
        this.requests.shift()?.(type === message.channelSuccess);
        return;
      default:
        throw new RangeError(`message ${type} for a channel`);
    }
  }

  /** The channel is no more. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const answer of this.requests.splice(0)) answer(false);
    this.dropQueue();
    if (!this.eofSeen) this.output.push(null);
    this.tellEnd();
  }

  /** Sends what waits, as far as the host and the socket take it. To be called when the socket has drained. */
  flush(): void {
    while (this.queue.length > 0 && this.maySend > 0 && !this.closeSent && !this.ended) {
      const bytes = this.queue.subarray(0, Math.min(this.maySend, this.maxPacket, packetBytes));
      this.queue = this.queue.subarray(bytes.length);
      this.maySend -= bytes.length;
      const room = this.socket.send(message.data, Buffer.concat([uint32(this.remoteId), stringField(bytes)]));
      if (!room) break;
    }
    if (this.queue.length === 0) this.dropQueue();
  }

  private receiveData(bytes: Buffer): void {
    this.count(bytes);
    if (this.closeSent || this.eofSeen) return; // nobody will read it
    if (this.output.push(bytes)) this.give(bytes.length);
    else this.held += bytes.length;
  }

  private receiveRequest(body: FieldReader): void {
    const kind = body.text();
    const wantsReply = body.byte() !== 0;
    if (kind === 'exit-status') this.tellExit({ code: body.uint32() });
    else if (kind === 'exit-signal') this.tellExit({ signal: `SIG${body.text()}` });
    // E.g. keepalive@openssh.com of a server with ClientAliveInterval, which only looks whether anything answers.
    if (wantsReply && !this.closeSent) this.socket.send(message.channelFailure, uint32(this.remoteId));
  }

  private tellExit(exit: Exit): void {
    for (const listener of this.exitListeners) listener(exit);
  }

  private tellEnd(): void {
    for (const listener of this.endListeners) listener();
  }

  private readMore(): void {
    this.give(this.held);
    this.held = 0;
  }

  private count(bytes: Buffer): void {
    if (bytes.length > this.mayCome) throw new RangeError('more than the window of a channel');
    this.mayCome -= bytes.length;
  }

  /** Lets the host send more, when it is worth a packet. */
  private give(count: number): void {
    this.taken += count;
    if (this.taken < windowBytes / 2 || this.ended || this.closeSent) return;
    this.socket.send(message.windowAdjust, Buffer.concat([uint32(this.remoteId), uint32(this.taken)]));
    this.mayCome += this.taken;
    this.taken = 0;
  }

  private sendEof(): void {
    if (this.eofSent || this.closeSent || this.ended) return;
    this.eofSent = true;
    this.socket.send(message.eof, uint32(this.remoteId));
  }

  private dropQueue(): void {
    this.queue = Buffer.alloc(0);
    const done = this.queued;
    this.queued = undefined;
    done?.();
  }
}
