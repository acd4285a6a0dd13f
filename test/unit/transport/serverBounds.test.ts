import { Duplex, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  maxLoginBytes,
  maxOpenRequests,
  maxStrayBytes,
  maxUnreadBytes,
  maxUnsentBytes,
  ServerBounds,
} from '../../../src/transport/serverBounds';
import type { ClientChannel, SshClient } from '../../../src/transport/ssh2';

/** A made-up connection: what comes is said to come, and what is written is never sent. */
function madeUp(): {
  readonly stream: Duplex;
  readonly bounds: ServerBounds;
  readonly openRequests: unknown[];
  readonly exceeded: string[];
  receive: (bytes: number) => void;
} {
  const stream = new Duplex({ read: () => undefined, write: () => undefined });
  const openRequests: unknown[] = [];
  const exceeded: string[] = [];
  const client = { _callbacks: openRequests } as unknown as SshClient;
  const bounds = new ServerBounds(stream, client, (what) => exceeded.push(what));
  return {
    stream,
    bounds,
    openRequests,
    exceeded,
    receive: (bytes) => stream.emit('data', Buffer.alloc(bytes)),
  };
}

/** A made-up channel that nobody reads. */
function madeUpChannel(): Duplex & { readonly stderr: Readable } {
  const options = { read: () => undefined, highWaterMark: 1 << 30 };
  return Object.assign(new Duplex(options), { stderr: new Readable(options) });
}

describe('the bounds on what a server may make us hold (made-up connection)', () => {
  it('a login has a size', () => {
    const { receive, exceeded } = madeUp();
    receive(maxLoginBytes);
    expect(exceeded).toEqual([]);
    receive(1);
    receive(1);
    expect(exceeded).toEqual(['sent more than 256 KiB before the login was over']);
  });

  it('what is not read waits up to a size', () => {
    const { bounds, stream, receive, exceeded } = madeUp();
    bounds.ready();
    stream.write(Buffer.alloc(maxUnsentBytes));
    receive(1);
    expect(exceeded).toEqual([]);
    stream.write('x');
    receive(1);
    expect(exceeded).toEqual(['does not read what it is sent, 4096 KiB and more']);
  });

  it.each(['output', 'errors'])('what nobody reads of a channel waits up to a size (%s)', (which) => {
    const { bounds, receive, exceeded } = madeUp();
    bounds.ready();
    const channel = madeUpChannel();
    bounds.watch(channel as unknown as ClientChannel);
    const stream = which === 'output' ? channel : channel.stderr;
    stream.push(Buffer.alloc(maxUnreadBytes));
    receive(maxUnreadBytes);
    expect(exceeded).toEqual([]);
    stream.push('x');
    receive(1);
    expect(exceeded).toEqual(['sent more than 4096 KiB that nobody had asked it for']);
  });

  it('requests of our own library that a server provokes are counted', () => {
    const { bounds, openRequests, receive, exceeded } = madeUp();
    bounds.ready();
    openRequests.push(...Array.from({ length: maxOpenRequests }, () => 0));
    receive(1);
    expect(exceeded).toEqual([]);
    openRequests.push(0);
    receive(1);
    expect(exceeded).toHaveLength(1);
  });

  it('what belongs to no channel is let through in small amounts only', () => {
    const { bounds, receive, exceeded } = madeUp();
    bounds.ready();
    receive(maxStrayBytes);
    expect(exceeded).toEqual([]);
    for (let i = 0; i < 10; i++) receive(maxStrayBytes);
    expect(exceeded).toEqual(['sends messages that belong to nothing, 256 KiB and more']);
  });

  it('what channels bring is let through without an end, with what is around it', async () => {
    const { bounds, receive, exceeded } = madeUp();
    bounds.ready();
    const channel = madeUpChannel();
    bounds.watch(channel as unknown as ClientChannel);
    channel.resume();
    for (let packet = 0; packet < 20_000; packet++) {
      // Of 1 byte and of 32 KiB, and a key exchange every 64 KiB.
      const bytes = packet % 2 === 0 ? 1 : 32 * 1024;
      channel.push(Buffer.alloc(bytes));
      receive(bytes + 64 + (packet % 4 === 0 ? 1500 : 0));
      if (packet % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(exceeded).toEqual([]);
  });
});
