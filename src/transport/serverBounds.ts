import type { Duplex, Readable } from 'node:stream';
import type { ClientChannel, SshClient } from './ssh2';

/*
 * What a server may make us hold or do, whatever it is. ssh2 1.17.0 refuses packets of more than 35,000 bytes and asks
 * nobody about channels that the server opens, but it takes more data than a window allows, answers every request without
 * looking at whether the answers are read, and reads on for as long as something comes.
 */

/** All that comes before the login is over: versions, key exchange, banners, prompts. */
export const maxLoginBytes = 256 * 1024;
/** What waits to be sent. Our questions are small; a server that asks and does not read makes it grow. */
export const maxUnsentBytes = 4 * 1024 * 1024;
/** What waits to be read on one channel: twice the window that ssh2 gives. */
export const maxUnreadBytes = 4 * 1024 * 1024;
/** Answers that we wait for to global requests. ssh2 makes one by itself where a server tells its host keys. */
export const maxOpenRequests = 64;
/** What comes on no channel (requests of the server, messages to be ignored) at once, and … */
export const maxStrayBytes = 256 * 1024;
/** … in the long run: keepalives and key exchanges are a hundredth of it. */
export const strayBytesPerSecond = 16 * 1024;

/** Around the data of a channel: a packet with one byte of it has at most this many, … */
const packetBytes = 80;
/** … and where keys are exchanged anew every 16 KB that adds a tenth. */
const rekeyShare = 1 / 8;

interface Watched {
  readonly streams: readonly Readable[];
  readonly isClosed: () => boolean;
}

/** Looks at all that comes from one server, and tells once when it goes beyond the bounds. */
export class ServerBounds {
  private channels: Watched[] = [];
  private loggedIn = false;
  private receivedBytes = 0;
  /** Of channels, with what is around it. */
  private takenBytes = 0;
  private countedBytes = 0;
  private strayBytes = 0;
  private lookedAtMs = performance.now();
  private over = false;

  /**
   * To be made when `client` has been given the stream, which it holds paused.
   * @param exceeded is called with a sentence's end, after "The server …"
   */
  constructor(
    private readonly stream: Duplex,
    private readonly client: SshClient,
    private readonly exceeded: (what: string) => void,
  ) {
    stream.on('data', (bytes: Buffer) => this.received(bytes.length));
  }

  /** The login is over: what comes belongs to channels from now on. */
  ready(): void {
    this.loggedIn = true;
    this.countedBytes = this.receivedBytes;
  }

  /** To be called for each channel that is opened, before anything of it is read. */
  watch(channel: ClientChannel): void {
    let closed = false;
    // A channel to a Unix socket or a port has no standard error.
    const streams = [channel, channel.stderr as Readable | undefined].filter(
      (stream) => stream !== undefined,
    );
    this.channels.push({ streams, isClosed: () => closed });
    channel.once('close', () => (closed = true));
    for (const stream of streams) {
      stream.prependListener(
        'data',
        (bytes: Buffer) => (this.takenBytes += packetBytes + bytes.length * (1 + rekeyShare)),
      );
    }
  }

  private received(bytes: number): void {
    if (this.over) return;
    this.receivedBytes += bytes;
    const what = this.loggedIn ? this.beyondAfterLogin() : this.beyondBeforeLogin();
    if (what === undefined) return;
    this.over = true;
    this.exceeded(what);
  }

  private beyondBeforeLogin(): string | undefined {
    if (this.receivedBytes > maxLoginBytes)
      return `sent more than ${kib(maxLoginBytes)} before the login was over`;
    return this.beyondUnsent();
  }

  private beyondAfterLogin(): string | undefined {
    let unreadBytes = 0;
    for (const { streams } of this.channels) {
      for (const { readableLength } of streams) {
        if (readableLength > maxUnreadBytes)
          return `sent more than ${kib(maxUnreadBytes)} that nobody had asked it for`;
        unreadBytes += readableLength;
      }
    }
    return this.beyondUnsent() ?? this.beyondOpenRequests() ?? this.beyondStray(unreadBytes);
  }

  private beyondUnsent(): string | undefined {
    return this.stream.writableLength > maxUnsentBytes
      ? `does not read what it is sent, ${kib(maxUnsentBytes)} and more`
      : undefined;
  }

  private beyondOpenRequests(): string | undefined {
    const open = (this.client as { readonly _callbacks?: readonly unknown[] })._callbacks;
    return (open?.length ?? 0) > maxOpenRequests ? 'tells its host keys again and again' : undefined;
  }

  /** What came and belongs to no channel, less what is let through with time. */
  private beyondStray(unreadBytes: number): string | undefined {
    const counted = this.receivedBytes - this.takenBytes - unreadBytes;
    const nowMs = performance.now();
    const letThrough = ((nowMs - this.lookedAtMs) / 1000) * strayBytesPerSecond;
    this.strayBytes = Math.max(0, this.strayBytes + counted - this.countedBytes - letThrough);
    this.countedBytes = counted;
    this.lookedAtMs = nowMs;
    this.channels = this.channels.filter(({ isClosed }) => !isClosed());
    return this.strayBytes > maxStrayBytes
      ? `sends messages that belong to nothing, ${kib(maxStrayBytes)} and more`
      : undefined;
  }
}

function kib(bytes: number): string {
  return `${bytes / 1024} KiB`;
}
