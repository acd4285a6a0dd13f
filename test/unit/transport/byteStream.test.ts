import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { ByteStream } from '../../../src/transport/byteStream';

function make(writable: Writable = new PassThrough().resume()): {
  readable: PassThrough;
  stream: ByteStream;
  release: ReturnType<typeof vi.fn>;
} {
  const readable = new PassThrough();
  const release = vi.fn();
  return { readable, release, stream: new ByteStream({ readable, writable, release }) };
}

describe('ByteStream', () => {
  it('gives what came before the end even when the other side has closed long ago', async () => {
    const { readable, stream, release } = make();
    readable.end('last words');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(stream, 'close');
    expect(Buffer.concat(chunks).toString()).toBe('last words');
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('does not read ahead of a reader who does not read', async () => {
    const { readable, stream } = make();
    const big = Buffer.alloc(64 * 1024);
    let taken = 0;
    for (let i = 0; i < 100 && readable.write(big); i++) taken++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stream.readableLength + readable.readableLength).toBeLessThan(1 << 20);
    expect(taken).toBeLessThan(100);
  });

  it('closes once when destroyed, and a late write does no harm', async () => {
    const { readable, stream, release } = make();
    const closed = vi.fn();
    stream.on('close', closed);
    stream.destroy();
    readable.destroy();
    stream.write('late');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toHaveBeenCalledTimes(1);
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('closes although the other side never takes a pending write', async () => {
    const { readable, stream } = make(new Writable({ write: () => undefined }));
    stream.write('never taken');
    stream.resume();
    readable.destroy();
    await once(stream, 'close');
    expect(stream.destroyed).toBe(true);
  });

  it('an error of the writing side leaves what can still be read', async () => {
    const writable = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const { readable, stream } = make(writable);
    stream.write('x');
    await new Promise((resolve) => setTimeout(resolve, 20));
    readable.end('answer');
    expect((await stream.toArray()).join('')).toBe('answer');
  });

  it('input that comes after the other side has closed leaves what can still be read', async () => {
    const { readable, stream, release } = make();
    readable.end('answer').resume();
    await new Promise((resolve) => setTimeout(resolve, 20));
    stream.end('too late');
    expect((await stream.toArray()).join('')).toBe('answer');
    expect(release).toHaveBeenCalledTimes(1);
  });
});
