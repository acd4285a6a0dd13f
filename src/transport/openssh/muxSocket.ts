import net from 'node:net';
import { errorText } from '../../core/errorText';
import { FieldReader, stringField, uint32 } from '../sshFields';

/** Messages of OpenSSH's PROTOCOL.mux, version 4. Proxying exists since OpenSSH 7.4. */
const hello = 0x00000001;
const isAlive = 0x10000004;
const alive = 0x80000005;
const beProxy = 0x1000000f;
const proxying = 0x8000000f;
const version = 4;

/** SSH's own packets have at most 256 KiB; what is longer is not from an ssh program. */
const longestPacket = 300 * 1024;

/**
 * The control socket of an ssh program that holds a logged-in connection (ControlMaster), in proxy mode: what is sent and
 * received are the packets of SSH's connection protocol (RFC 4254), which ssh encrypts and multiplexes.
 */
export interface MuxSocket {
  /** The process that holds the connection. It is alive for as long as this socket is open. */
  readonly pid: number;
  /** Sends one packet: its type and what follows. False: `onDrain` is called when there is room for more. */
  send(type: number, body: Buffer): boolean;
  onPacket(listener: (type: number, body: FieldReader) => void): void;
  onDrain(listener: () => void): void;
  /** Called once, when ssh has gone or `destroy()` was called. */
  onClose(listener: () => void): void;
  destroy(): void;
}

/**
 * Connects to the control socket at `path` and makes it a proxy.
 * @throws {Error} there is no ssh program at the other end, or one that cannot do this
 */
export function openMuxSocket(path: string): Promise<MuxSocket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    const frames = new Frames();
    let state: 'hello' | 'alive' | 'proxying' | 'open' = 'hello';
    let pid = 0;
    let receive: (type: number, body: FieldReader) => void = () => undefined;

    const opened: MuxSocket = {
      get pid() {
        return pid;
      },
      // Padding is left to the ssh program: its length stands before the type.
      send: (type, body) => socket.write(stringField(Buffer.concat([Buffer.of(0, type), body]))),
      onPacket: (listener) => (receive = listener),
      onDrain: (listener) => void socket.on('drain', listener),
      onClose: (listener) => void socket.once('close', listener),
      destroy: () => void socket.destroy(),
    };
    const step = (frame: FieldReader): void => {
      if (state === 'open') {
        frame.byte();
        receive(frame.byte(), frame);
        return;
      }
      const type = frame.uint32();
      const expected = { hello, alive, proxying }[state];
      if (type !== expected) throw new Error(`ssh answered ${state} with message ${type.toString(16)}`);
      if (state === 'hello') state = 'alive';
      else if (state === 'alive') {
        frame.uint32();
        pid = frame.uint32();
        state = 'proxying';
      } else {
        state = 'open';
        resolve(opened);
      }
    };

    socket.on('data', (bytes: Buffer) => {
      try {
        for (const frame of frames.push(bytes)) step(new FieldReader(frame));
      } catch (error) {
        socket.destroy();
        reject(new Error(`the control socket of ssh: ${errorText(error)}`, { cause: error }));
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('ssh closed its control socket')));
    socket.write(
      Buffer.concat([
        stringField(Buffer.concat([uint32(hello), uint32(version)])),
        stringField(Buffer.concat([uint32(isAlive), uint32(0)])),
        stringField(Buffer.concat([uint32(beProxy), uint32(1)])),
      ]),
    );
  });
}

/** Cuts a stream into frames: a length of four bytes, then that many. */
class Frames {
  private parts: Buffer[] = [];
  private size = 0;

  /** @throws {RangeError} a frame is longer than any packet */
  push(bytes: Buffer): Buffer[] {
    this.parts.push(bytes);
    this.size += bytes.length;
    const frames: Buffer[] = [];
    for (;;) {
      const length = this.nextLength();
      if (length === undefined || this.size < 4 + length) return frames;
      const all = this.joined();
      frames.push(all.subarray(4, 4 + length));
      this.parts = [all.subarray(4 + length)];
      this.size -= 4 + length;
    }
  }

  private nextLength(): number | undefined {
    if (this.size < 4) return undefined;
    const [first] = this.parts;
    const length = (first && first.length >= 4 ? first : this.joined()).readUInt32BE();
    if (length > longestPacket) throw new RangeError(`a packet of ${length} bytes`);
    return length;
  }

  private joined(): Buffer {
    const all =
      this.parts.length === 1 && this.parts[0] ? this.parts[0] : Buffer.concat(this.parts, this.size);
    this.parts = [all];
    return all;
  }
}
