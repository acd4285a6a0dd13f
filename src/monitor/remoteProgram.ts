import { randomBytes } from 'node:crypto';
import type { CommandChannel, Connection } from '../transport/connection';
import { ConnectionError } from '../transport/connection';
import { cleanText } from '../transport/cleanText';
import { FrameReader, FramingError, type Frame } from './frameReader';
import { launchCommand, programText, type FileSets } from './programText';

/** What the program says of itself and its host when it starts. */
export interface Hello {
  /** `bash` or `sh`. */
  readonly shell: string;
  /** The command that runs awk, or `none`. */
  readonly awk: string;
  /** Answers of the few start-up commands, by `command/argument`. */
  readonly text: Readonly<Record<string, string>>;
}

/** An answer with the times around it, in ms of our monotonic clock. */
export interface Answer {
  readonly frame: Frame;
  readonly askedAtMs: number;
  readonly receivedAtMs: number;
}

/**
 * The remote program on one connection: started, asked one question at a time, gone when its channel closes.
 */
export class RemoteProgram {
  private seq = 0;
  private waiting: { seq: number; askedAtMs: number; resolve: (answer: Answer) => void } | undefined;
  private hello: ((hello: Hello) => void) | undefined;
  private readonly reader: FrameReader;
  private framingError: FramingError | undefined;
  /** Resolves when the program or its connection has ended, with why. Never rejects. */
  readonly ended: Promise<ConnectionError>;

  private constructor(
    private readonly channel: CommandChannel,
    mark: string,
    private readonly now: () => number,
  ) {
    this.reader = new FrameReader(mark, (frame) => this.received(frame));
    channel.stream.on('data', (bytes: Buffer) => this.read(bytes));
    channel.stream.on('error', () => undefined); // `exit` tells, and every error is followed by it
    this.ended = channel.exit.then((exit) => this.whyEnded(exit.code));
  }

  /**
   * Starts the program and waits for its first words. There is no time-out: a host that thrashes may take minutes, and
   * a second start beside it would only make that worse. Closing the connection ends the waiting.
   *
   * @param now our monotonic clock in ms.
   * @throws {ConnectionError} where the host runs no shell for us, or something else than ours.
   */
  static async start(
    connection: Connection,
    sets: FileSets,
    now: () => number = () => performance.now(),
  ): Promise<{ program: RemoteProgram; hello: Hello }> {
    const mark = randomBytes(12).toString('hex');
    const channel = await connection.exec(launchCommand);
    const program = new RemoteProgram(channel, mark, now);
    const answered = new Promise<Hello>((resolve) => (program.hello = resolve));
    channel.stream.write(programText(mark, sets));
    const first = await Promise.race([answered, program.ended]);
    if (first instanceof ConnectionError) throw first;
    const os = first.text['uname/-s']?.trim();
    if (os !== undefined && os !== '' && os !== 'Linux') {
      channel.close();
      throw new ConnectionError(
        'channel',
        'user',
        `The host runs ${cleanText(os, 40)}, not Linux.`,
        'Only Linux tells about its memory in /proc; attach to a Linux host.',
      );
    }
    return { program, hello: first };
  }

  /** Milliseconds of our clock at which the question that is not answered yet was sent. */
  get askedAtMs(): number | undefined {
    return this.waiting?.askedAtMs;
  }

  /**
   * Asks for one set of files. Only one question may be open: a slow host is not given more to do. Never settles when
   * the program ends first; see {@link ended}.
   */
  ask(set: string): Promise<Answer> {
    if (this.waiting) throw new Error('a question is still open');
    const seq = ++this.seq;
    return new Promise((resolve) => {
      this.waiting = { seq, askedAtMs: this.now(), resolve };
      this.channel.stream.write(`${seq} ${set}\n`);
    });
  }

  close(): void {
    this.channel.close();
  }

  private read(bytes: Buffer): void {
    if (this.framingError) return;
    try {
      this.reader.push(bytes);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.framingError = error;
      this.channel.close();
    }
  }

  private received(frame: Frame): void {
    if (frame.kind === 'H') {
      const [, shell = '', ...awk] = frame.words;
      this.hello?.({ shell, awk: awk.join(' '), text: frame.text });
      this.hello = undefined;
    } else if (this.waiting?.seq === frame.seq) {
      const { askedAtMs, resolve } = this.waiting;
      this.waiting = undefined;
      resolve({ frame, askedAtMs, receivedAtMs: this.now() });
    }
  }

  private whyEnded(code: number | undefined): ConnectionError {
    if (this.framingError) {
      return new ConnectionError(
        'channel',
        'user',
        `The host sends what our program would not: ${this.framingError.message}.`,
        'Check whether a forced command or a login script answers in its place.',
      );
    }
    if (this.hello && code !== undefined) return this.whyNotStarted(code);
    return new ConnectionError('connection', 'retry', 'The program on the host has ended.');
  }

  private whyNotStarted(code: number): ConnectionError {
    const said = cleanText(`${this.channel.stderr()} ${this.reader.noise}`, 200).trim();
    const quote = said === '' ? '' : ` It said: “${said}”`;
    // A machine out of memory cannot start a shell either, and that passes.
    const shortOfMemory =
      code >= 128 || /cannot allocate|cannot fork|fork:|temporarily unavailable/i.test(said);
    const advice =
      'A restricted shell, a forced command or a login without a shell answers on this host; ' +
      'use a user whose login shell may run sh.';
    return new ConnectionError(
      'channel',
      shortOfMemory ? 'retry' : 'user',
      `The host ended our shell at once (exit code ${code}) instead of running it.${quote}`,
      advice,
    );
  }
}
