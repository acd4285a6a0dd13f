import { randomBytes } from 'node:crypto';
import type { SurveyQuestion } from '../core/survey/question';
import type { CommandChannel, Connection } from '../transport/connection';
import { ConnectionError } from '../transport/connection';
import { cleanText } from '../transport/cleanText';
import { launch, type LaunchMemory } from './launch';
import { endedAtOnce, sendsSomethingElse } from './launchFailure';
import { FrameReader, FramingError, type Frame } from './frameReader';
import type { Budget } from './programAwk';
import type { SurveyFiles } from './programSurvey';
import {
  programText,
  questionLine,
  shellChoice,
  surveyLine,
  type FileSets,
  type OwnClock,
} from './programText';

/** What the program says of itself and its host when it starts. */
export interface Hello {
  /** `bash` or `sh`. */
  readonly shell: string;
  /** Whether its shell has a clock that starts nothing (`read -t`): only then are there samples through a freeze. */
  readonly ownClock: boolean;
  /** What was copied into the host's memory to run from there, see `heldShell`; 0: shell and awk run as installed. */
  readonly heldBytes: number;
  /** The command that runs awk, or `none`. */
  readonly awk: string;
  /** Whether it answers surveys: that takes an awk, and a standard error that comes to us. */
  readonly surveys: boolean;
  /** Answers of the few start-up commands, by `command/argument`. */
  readonly text: Readonly<Record<string, string>>;
}

/** What is asked for: sets of files by their names, further files, and what the own clock does after the answer. */
export interface Question {
  readonly sets: readonly string[];
  readonly paths?: readonly string[];
  readonly clock?: OwnClock;
  /** Answered by itself, see {@link RemoteProgram.onSurvey}; left out while the last one is open. */
  readonly survey?: SurveyQuestion;
}

export interface StartOptions {
  /** How a shell was reached on this host before; kept up to date. */
  readonly memory?: LaunchMemory | undefined;
  /** What becomes the shell, as `launch` wants it. */
  readonly shell?: string;
  /** What is read for surveys; absent: there are none. */
  readonly survey?: SurveyFiles | undefined;
}

/** A program that runs, and what it said first. */
export interface Started {
  readonly program: RemoteProgram;
  readonly hello: Hello;
}

/** An answer with the times around it, in ms of our monotonic clock. */
export interface Answer {
  readonly frame: Frame;
  readonly askedAtMs: number;
  readonly receivedAtMs: number;
}

/** The number of an answer to a question that came in pieces; only one can be open. */
export const damaged = 0;

/**
 * A survey that is not answered after this long is asked for again: its line may have come in pieces. Not sooner: to read a
 * command line may take as long as its process waits for memory.
 */
const forgottenSurveyMs = 30_000;

/** So often, and then it counts as ended. What nobody takes would fill a pipe at last, and hold up the samples. */
const mostUnanswered = 10;

/** A program of ours keeps fewer; see `mostOwnFrames`. */
const mostUnaskedFrames = 1000;

/**
 * The remote program on one connection: started, asked one question at a time, gone when its channel closes.
 */
export class RemoteProgram {
  private waiting: { seq: number; askedAtMs: number; answered: (answer: Answer) => void } | undefined;
  private seq = 0;
  private ownFrames = 0;
  /** Gets each sample of the program's own clock as it comes: all of them before the answer that is late. */
  onOwn: (frame: Frame) => void = () => undefined;
  /** Gets each slice of a survey. */
  onSurvey: (frame: Frame) => void = () => undefined;
  private surveySeq = 0;
  private surveyAskedAtMs: number | undefined;
  private surveyHasEnded = false;
  /** What came was no survey. */
  private surveyFailed = false;
  private surveysUnanswered = 0;
  private surveys = false;
  private hello: ((hello: Hello) => void) | undefined;
  private readonly reader: FrameReader;
  private framingError: FramingError | undefined;
  /** Resolves when the program or its connection has ended, with why. Never rejects. */
  readonly ended: Promise<ConnectionError>;

  private constructor(
    private readonly channel: CommandChannel,
    mark: string,
  ) {
    this.reader = new FrameReader(mark, (frame) => this.received(frame));
    const surveyReader = new FrameReader(mark, (frame) => this.receivedSurvey(frame));
    channel.stream.on('data', (bytes: Buffer) => this.read(bytes));
    channel.onStderr((bytes) => this.readSurvey(surveyReader, bytes));
    channel.stream.on('error', () => undefined); // `exit` tells, and every error is followed by it
    this.ended = channel.exit.then((exit) => this.whyEnded(exit.code));
  }

  /**
   * Starts the program and waits for its first words. There is no time-out: a host that thrashes may take minutes, and
   * a second start beside it would only make that worse. Closing the connection ends the waiting.
   *
   * @throws {ConnectionError} where the host runs no shell for us, or something else than ours.
   */
  static async start(
    connection: Connection,
    sets: FileSets,
    budget: Budget,
    { memory = { way: 'plain' }, shell = shellChoice, survey }: StartOptions = {},
  ): Promise<Started> {
    const mark = randomBytes(12).toString('hex');
    const channel = await launch(connection, shell, memory);
    const program = new RemoteProgram(channel, mark);
    program.surveys = survey !== undefined && memory.way !== 'terminal';
    const answered = new Promise<Hello>((resolve) => (program.hello = resolve));
    channel.stream.write(programText(mark, sets, budget, program.surveys ? survey : undefined));
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

  /** Numbers its questions on from those of the program that it takes the place of. */
  continueAfter(other: RemoteProgram): void {
    this.seq = other.seq;
  }

  /** Number of the question that was sent last. */
  get lastSeq(): number {
    return this.seq;
  }

  /** Milliseconds of our clock at which the question that is not answered yet was sent. */
  get askedAtMs(): number | undefined {
    return this.waiting?.askedAtMs;
  }

  /**
   * Asks one question. Only one question may be open: a slow host is not given more to do. Never settles when
   * the program ends first; see {@link ended}.
   * @param read is called in the very turn in which the answer comes, before what came after it is read.
   */
  ask<T>({ sets, paths, clock, survey }: Question, read: (answer: Answer) => T): Promise<T> {
    if (this.waiting) throw new Error('a question is still open');
    const seq = ++this.seq;
    return new Promise((resolve, reject) => {
      const answered = (answer: Answer): void => {
        try {
          resolve(read(answer));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.waiting = { seq, askedAtMs: performance.now(), answered };
      const line = questionLine(seq, sets, clock, paths);
      this.channel.stream.write(survey && this.takesSurvey ? line + this.surveyLine(survey) : line);
    });
  }

  /** Whether a survey can be asked for now. */
  get takesSurvey(): boolean {
    if (!this.surveys || this.surveyEnded) return false;
    return this.surveyAskedAtMs === undefined || performance.now() - this.surveyAskedAtMs > forgottenSurveyMs;
  }

  /** Whether it answered surveys once and will not do so any more. */
  get surveyEnded(): boolean {
    return this.surveyHasEnded || this.surveyFailed || this.surveysUnanswered >= mostUnanswered;
  }

  private surveyLine(survey: SurveyQuestion): string {
    this.surveyAskedAtMs = performance.now();
    this.surveySeq += 1;
    this.surveysUnanswered += 1;
    return surveyLine(this.surveySeq, survey);
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

  /** What is wrong with a survey ends the survey, and nothing else. */
  private readSurvey(reader: FrameReader, bytes: Buffer): void {
    if (this.surveyFailed) return;
    try {
      reader.push(bytes);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.surveyFailed = true;
    }
  }

  private receivedSurvey(frame: Frame): void {
    if (frame.kind !== 'D') return;
    if (frame.seq === this.surveySeq) this.surveyAskedAtMs = undefined;
    this.surveysUnanswered = 0;
    this.onSurvey(frame);
  }

  /** @throws {FramingError} where more comes than our program would send. */
  private received(frame: Frame): void {
    if (frame.kind === 'H') {
      const [, shell = '', ownClock, heldKib, ...awk] = frame.words;
      const heldBytes = (Number(heldKib) || 0) * 1024;
      this.hello?.({
        shell,
        ownClock: ownClock === 'yes',
        heldBytes,
        awk: awk.join(' '),
        surveys: (this.surveys &&= awk[0] !== 'none'),
        text: frame.text,
      });
      this.hello = undefined;
    } else if (frame.kind === 'O') {
      this.ownFrames += 1;
      if (this.ownFrames > mostUnaskedFrames) throw new FramingError('more samples than were asked for');
      this.onOwn(frame);
    } else if (this.waiting && (frame.seq === this.waiting.seq || frame.seq === damaged)) {
      const { askedAtMs, answered } = this.waiting;
      this.waiting = undefined;
      this.surveyHasEnded ||= frame.surveyGone === true;
      this.ownFrames = 0;
      answered({ frame, askedAtMs, receivedAtMs: performance.now() });
    }
  }

  private whyEnded(code: number | undefined): ConnectionError {
    if (this.framingError) return sendsSomethingElse(this.framingError.message);
    if (this.hello && code !== undefined) {
      return endedAtOnce(code, `${this.channel.stderr()} ${this.reader.noise}`);
    }
    const how = code === undefined ? '' : ` (exit code ${code})`;
    return new ConnectionError('connection', 'retry', `The program on the host has ended${how}.`);
  }
}
