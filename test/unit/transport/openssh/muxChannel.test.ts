import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MuxConnection } from '../../../../src/transport/openssh/muxConnection';
import { message } from '../../../../src/transport/openssh/channelMessages';
import { windowBytes } from '../../../../src/transport/openssh/muxChannel';
import type { MuxSocket } from '../../../../src/transport/openssh/muxSocket';
import { FieldReader, stringField, uint32 } from '../../../../src/transport/sshFields';

/** The other end of a control socket, which says what no real ssh program and server would say. */
class HostileSocket implements MuxSocket {
  readonly pid = 2 ** 30; // no process has it
  readonly sent: { readonly type: number; readonly body: Buffer }[] = [];
  private receive: (type: number, body: FieldReader) => void = () => undefined;
  private closed: () => void = () => undefined;

  send(type: number, body: Buffer): boolean {
    this.sent.push({ type, body });
    return true;
  }
  onPacket(listener: (type: number, body: FieldReader) => void): void {
    this.receive = listener;
  }
  onDrain(): void {
    // It always has room.
  }
  onClose(listener: () => void): void {
    this.closed = listener;
  }
  destroy(): void {
    this.closed();
  }
  say(type: number, ...fields: Buffer[]): void {
    this.receive(type, new FieldReader(Buffer.concat(fields)));
  }
}

const lastWords = (): Promise<string> => Promise.resolve('');

describe('a connection whose other end breaks the protocol (a socket of the test instead of ssh)', () => {
  it.each([
    ['a packet that ends too early', (socket: HostileSocket) => socket.say(message.data, uint32(0))],
    [
      'data for a channel that there is not',
      (socket: HostileSocket) => socket.say(message.data, uint32(9), stringField('x')),
    ],
    ['an answer that is none', (socket: HostileSocket) => socket.say(message.channelSuccess, uint32(0))],
    [
      'packets of no bytes',
      (socket: HostileSocket) =>
        socket.say(message.openConfirmation, uint32(0), uint32(5), uint32(100), uint32(0)),
    ],
    [
      'a channel that the host opens',
      (socket: HostileSocket) => socket.say(message.channelOpen, stringField('x11')),
    ],
  ])('%s: it is closed, and who waits hears of it', async (_what, break_) => {
    const socket = new HostileSocket();
    const connection = new MuxConnection(socket, { host: 'web1', lastWords });
    const opening = connection.openUnixSocket('/run/x.sock');
    opening.catch(() => undefined);
    break_(socket);
    expect(await connection.closed).toMatchObject({ phase: 'connection', remedy: 'retry' });
    await expect(opening).rejects.toMatchObject({ phase: 'connection' });
  });

  it('more data than the window: it is closed, and no more than the window was kept', async () => {
    const socket = new HostileSocket();
    const connection = new MuxConnection(socket, { host: 'web1', lastWords });
    const opening = connection.openUnixSocket('/run/x.sock');
    socket.say(message.openConfirmation, uint32(0), uint32(5), uint32(100), uint32(32_768));
    const stream = await opening;
    const piece = stringField(Buffer.alloc(32 * 1024));
    for (let sent = 0; sent <= windowBytes + 256 * 1024; sent += 32 * 1024)
      socket.say(message.data, uint32(0), piece);
    expect(await connection.closed).toMatchObject({ phase: 'connection' });
    let size = 0;
    for await (const chunk of stream) size += (chunk as Buffer).length;
    expect(size).toBeLessThanOrEqual(windowBytes + 256 * 1024);
  });

  it('sends no more than the other end takes', async () => {
    const socket = new HostileSocket();
    const connection = new MuxConnection(socket, { host: 'web1', lastWords });
    const opening = connection.openUnixSocket('/run/x.sock');
    socket.say(message.openConfirmation, uint32(0), uint32(5), uint32(10), uint32(4));
    const stream = await opening;
    stream.write(Buffer.alloc(100));
    const data = (): number[] =>
      socket.sent.filter(({ type }) => type === message.data).map(({ body }) => body.length - 8);
    expect(data()).toEqual([4, 4, 2]);
    socket.say(message.windowAdjust, uint32(0), uint32(3));
    expect(data()).toEqual([4, 4, 2, 3]);
    connection.close();
    socket.destroy();
    expect(await connection.closed).toBeUndefined();
    if (!stream.closed) await once(stream.resume(), 'close');
  });
});
