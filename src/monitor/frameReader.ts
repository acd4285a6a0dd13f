/** One answer of the remote program, taken out of its fence. */
export interface Frame {
  /** `H`: what the program says of itself when it starts; `F`: the answer to a question. */
  readonly kind: 'H' | 'F';
  /** Number of the question; 0 for the first frame. */
  readonly seq: number;
  /** Rest of the opening line: for `F` the host's uptime in seconds, for `H` version, shell and awk. */
  readonly words: readonly string[];
  readonly text: Readonly<Record<string, string>>;
  readonly unreadable: readonly string[];
  /** Size on the wire, fences included. */
  readonly bytes: number;
}

/** What a host may send: a frame is 3 KB in practice, so these bounds only stop a host that misbehaves. */
const maxLineBytes = 64 * 1024;
const maxFrameBytes = 4 * 1024 * 1024;
const maxNoiseBytes = 1024 * 1024;

/** A host that sends what no remote program of ours would send. */
export class FramingError extends Error {}

/**
 * Cuts the program's output into frames. What stands outside of a fence (a motd, the output of `.bashrc`) is dropped;
 * its first lines are kept for an error message.
 */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  private open: OpenFrame | undefined;
  private noiseBytes = 0;
  private noiseText = '';
  private readonly fence: string;
  /** The first half of the mark, as it stands in the program's text (see programText). */
  private readonly half: string;

  /** @param mark the program's mark, without the leading `@`. */
  constructor(
    mark: string,
    private readonly onFrame: (frame: Frame) => void,
  ) {
    this.fence = `@${mark} `;
    this.half = `@${mark.slice(0, mark.length >> 1)}`;
  }

  /** Up to 500 characters of what came outside of frames. */
  get noise(): string {
    return this.noiseText;
  }

  /** @throws {FramingError} where a line, a frame or the noise outgrows its bound, or where the host only echoes. */
  push(bytes: Buffer): void {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let start = 0;
    for (let end = all.indexOf(10, start); end >= 0; end = all.indexOf(10, start)) {
      this.line(all.subarray(start, end));
      start = end + 1;
    }
    this.rest = all.subarray(start);
    if (this.rest.length > maxLineBytes) throw new FramingError('a line longer than 64 KiB');
  }

  private line(bytes: Buffer): void {
    const line = bytes.toString('utf8');
    if (line.startsWith(this.fence)) this.fenced(line.slice(this.fence.length).split(' '), bytes.length + 1);
    else if (this.open) this.body(this.open, line, bytes.length + 1);
    else this.addNoise(line);
  }

  private fenced([kind, ...words]: string[], bytes: number): void {
    const open = this.open;
    if (kind === 'H' || kind === 'F') {
      const seq = kind === 'H' ? 0 : Number(words[0]);
      this.open = {
        kind,
        seq,
        words: kind === 'H' ? words : words.slice(1),
        lines: new Map(),
        section: undefined,
        unreadable: [],
        bytes,
      };
    } else if (open) {
      grow(open, bytes);
      if (kind === 'S' && words[0] !== undefined) open.lines.set(words[0], (open.section = []));
      else if (kind === 'U' && words[0] !== undefined) open.unreadable.push(words[0]);
      else if (kind === 'E' && Number(words[0]) === open.seq) this.finish(open);
    }
  }

  private body(open: OpenFrame, line: string, bytes: number): void {
    grow(open, bytes);
    open.section?.push(line);
  }

  private finish({ kind, seq, words, lines, unreadable, bytes }: OpenFrame): void {
    this.open = undefined;
    const text = Object.fromEntries(
      [...lines].map(([path, all]) => [path, all.map((line) => `${line}\n`).join('')]),
    );
    this.onFrame({ kind, seq, words, text, unreadable, bytes });
  }

  private addNoise(line: string): void {
    if (line.includes(this.half)) throw new FramingError('the very text that we sent');
    this.noiseBytes += line.length + 1;
    if (this.noiseBytes > maxNoiseBytes) throw new FramingError('more than 1 MiB that is no answer');
    if (this.noiseText.length < 500) this.noiseText = `${this.noiseText}${line}\n`.slice(0, 500);
  }
}

/** @throws {FramingError} where the answer outgrows its bound. */
function grow(open: OpenFrame, bytes: number): void {
  open.bytes += bytes;
  if (open.bytes > maxFrameBytes) throw new FramingError('an answer larger than 4 MiB');
}

interface OpenFrame {
  readonly kind: 'H' | 'F';
  readonly seq: number;
  readonly words: string[];
  readonly lines: Map<string, string[]>;
  section: string[] | undefined;
  readonly unreadable: string[];
  bytes: number;
}
