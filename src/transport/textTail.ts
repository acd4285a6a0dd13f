import { stripControls } from './cleanText';

/** The last bytes of a stream of text, e.g. of standard error: memory stays bounded however much comes. */
export class TextTail {
  private chunks: Buffer[] = [];
  private size = 0;

  constructor(private readonly maxBytes: number) {}

  append(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    // Joined only now and then, so that a stream of small chunks is not copied over and over.
    if (this.size > 2 * this.maxBytes || this.chunks.length > 256) this.bytes();
  }

  /** Without escape sequences and control characters; line feeds and tabs stay. */
  toString(): string {
    return stripControls(this.bytes().toString('utf8'));
  }

  /** As they came. */
  bytes(): Buffer {
    const tail = Buffer.from(Buffer.concat(this.chunks, this.size).subarray(-this.maxBytes));
    this.chunks = [tail];
    this.size = tail.length;
    return tail;
  }
}
