import { Duplex, type Readable, type Writable } from 'node:stream';

/** Something that is read at one end and written at another, e.g. an SSH channel or the pipes of a child process. */
export interface Ends {
  readonly readable: Readable;
  readonly writable: Writable;
  /** Gives the ends up; called once, when the stream is destroyed or both directions have ended. */
  release(): void;
}

/**
 * One well-behaved duplex stream over two ends. It emits `close` exactly once, after what was received has been read or
 * after `destroy()`; a late write is no unhandled error; nothing is read ahead of the reader but a buffer.
 */
export class ByteStream extends Duplex {
  private readEnd = false;
  private writeEnd = false;
  /** The callback of a write that the end below has not taken yet. It may never take it once it is gone. */
  private pending: (() => void) | undefined;

  constructor(private readonly ends: Ends) {
    super({ allowHalfOpen: true, autoDestroy: true });
    this.on('error', () => undefined); // whoever wants to know listens too; nobody listening must not end the process
    const { readable, writable } = ends;
    readable.on('data', (chunk: Buffer) => {
      if (!this.readEnd && !this.push(chunk)) readable.pause();
    });
    readable.on('end', () => this.endReading());
    readable.on('error', () => undefined); // `close` follows
    readable.on('close', () => {
      this.endReading();
      this.endWriting();
    });
    writable.on('error', () => this.endWriting());
    this.on('end', () => this.closeWhenOver());
    readable.pause();
  }

  override _read(): void {
    this.ends.readable.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.writeEnd) {
      done(); // goes nowhere, as into a socket whose reset has not come in yet
      return;
    }
    this.pending = done;
    this.ends.writable.write(chunk, () => this.written());
  }

  override _final(done: () => void): void {
    if (!this.writeEnd) this.ends.writable.end();
    this.writeEnd = true;
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.readEnd = true;
    this.writeEnd = true;
    this.ends.readable.resume(); // unread bytes would keep the end below from closing
    this.ends.release();
    done(error);
  }

  private written(): void {
    const done = this.pending;
    this.pending = undefined;
    done?.();
  }

  private endReading(): void {
    if (this.readEnd) return;
    this.readEnd = true;
    this.push(null);
  }

  private endWriting(): void {
    this.writeEnd = true;
    this.written();
    this.closeWhenOver();
  }

  /** Not before all has been read: a write that comes after `end()` destroys a stream and what can still be read of it. */
  private closeWhenOver(): void {
    if (this.writeEnd && this.readableEnded && !this.destroyed) this.end();
  }
}
