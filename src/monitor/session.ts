import { errorText } from '../core/errorText';
import type { Capture } from '../core/capture';
import { hostFactsOf, type HostFacts } from '../core/hostFacts';
import type { SurveyCapture } from '../core/survey/capture';
import type { SurveyQuestion } from '../core/survey/question';
import { ConnectionError, type Connection, type Prompts, type Transport } from '../transport/connection';
import { CostMeter, type WatchCost } from './costMeter';
import type { LaunchMemory } from './launch';
import type { Budget } from './programAwk';
import { factSliceNames, factSlices, fileSets, textsOf, type FactSlice } from './fileSets';
import type { Frame } from './frameReader';
import { uptimeMsOf } from './frameUptime';
import { heldShell } from './heldShell';
import { OwnClockCount } from './ownClock';
import { damaged, RemoteProgram, type Answer, type Hello, type Started } from './remoteProgram';
import type { OwnClock } from './programText';
import { shellConnection } from './shellConnection';
import { surveyFiles } from './surveyFiles';
import { surveyCaptureOf } from './surveyFrame';
import { SurveyPace } from './surveyPace';

/** Each slice comes round once in this time, in ms of the host's uptime. */
const sliceRoundMs = 60_000;

/** A program that has not answered after this long will not: its connection is closed, and another one tried. */
const longestStartMs = 5 * 60_000;

const fastPaths = new Set(fileSets.fast.map(({ path }) => path));

/** How a question was answered; what came is told by {@link Session.onCapture}. */
export interface Answered {
  /** On the wire, before encryption. */
  readonly bytes: number;
  /** The program has spent its budget and did not read the files. */
  readonly rests: boolean;
  /** It has samples of its own clock that go with the next answer. */
  readonly more: boolean;
}

export interface SessionOptions {
  readonly budget: Budget;
  /** How a shell was reached on this host before; kept up to date. */
  readonly launchMemory?: LaunchMemory;
  /** Whether surveys will be asked for; absent: no. */
  readonly survey?: boolean;
}

/** One live connection to a host with the remote program running on it. */
export class Session {
  private meter = new CostMeter();
  private surveyPace: SurveyPace;
  /** The program that takes over at the next question. */
  private successor: Started | undefined;
  private tellEnd: (error: ConnectionError) => void = () => undefined;
  /** Resolves with the reason when the program or the connection has ended. Never rejects. */
  readonly ended = new Promise<ConnectionError>((resolve) => (this.tellEnd = resolve));
  private texts: Readonly<Record<string, string>>;
  private current: HostFacts;
  private slice = 0;
  private sliceAtMs: number;
  /** Uptime of the latest frame, ms. */
  private latestMs: number;
  private readonly own = new OwnClockCount();
  /**
   * Gets what comes, in the order in which it comes, with its size on the wire: answers, and what the program took on its
   * own clock while they were late.
   */
  onCapture: (capture: Capture, wireBytes: number) => void = () => undefined;

  /** Gets each slice of a survey, with its size on the wire. */
  onSurvey: (capture: SurveyCapture, wireBytes: number) => void = () => undefined;

  /** Another run of the program has taken over: it knows nothing of what was surveyed before. */
  onTakeOver: () => void = () => undefined;

  /** For what else is run on the host. */
  readonly connection: Connection;

  private constructor(
    /** As it was made: what is launched over it finds its own way to a shell. */
    readonly programConnection: Connection,
    private started: Started,
    first: Answer,
    private readonly options: SessionOptions,
  ) {
    const { hello } = started;
    this.surveyPace = new SurveyPace(options.budget);
    this.connection = options.launchMemory
      ? shellConnection(programConnection, options.launchMemory)
      : programConnection;
    this.listenTo(started);
    void programConnection.closed.then((error) =>
      this.tellEnd(error ?? new ConnectionError('connection', 'retry', 'The connection has ended.')),
    );
    this.texts = { ...first.frame.text, ...hello.text };
    this.current = hostFactsOf(this.texts);
    this.latestMs = uptimeMsOf(first.frame.words) ?? 0;
    this.sliceAtMs = this.latestMs;
    this.meter.note(this.latestMs, first.frame.bytes, first.frame);
  }

  /**
   * Connects, starts the remote program and asks for what does not change.
   * @throws {ConnectionError}
   */
  static async open(
    transport: Transport,
    prompts: Prompts,
    signal: AbortSignal,
    options: SessionOptions,
  ): Promise<Session> {
    const connection = await transport.connect(prompts, signal);
    // Whatever is waited for, a frozen host or a command that says nothing, ends with the connection.
    const abort = (): void => connection.close();
    signal.addEventListener('abort', abort, { once: true });
    const limit = AbortSignal.timeout(longestStartMs);
    limit.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      const { program, hello } = await startOn(connection, options, options.launchMemory);
      const first = await factsOf(program);
      if (uptimeMsOf(first.frame.words) === undefined) {
        throw new ConnectionError(
          'channel',
          'user',
          'The host does not tell how long it has been up (/proc/uptime).',
          'All samples stand on that clock; use an account that can read /proc/uptime.',
        );
      }
      const session = new Session(connection, { program, hello }, first, options);
      if (session.facts.bootId === undefined) {
        throw new ConnectionError(
          'channel',
          'user',
          'The host shows no /proc/sys/kernel/random/boot_id.',
          'The account may be locked into a directory without /proc; use one that can read /proc/meminfo.',
        );
      }
      return session;
    } catch (error) {
      // What ended the connection says more than that a channel of it has ended.
      const lost = await Promise.race([connection.closed, Promise.resolve(undefined)]);
      connection.close();
      if (!limit.aborted) throw lost ?? error;
      throw new ConnectionError(
        'channel',
        'retry',
        'The host did not start our shell within 5 minutes.',
        'It may be thrashing, or a start-up file of the account (.bashrc) waits for input or reads what we send.',
      );
    } finally {
      limit.removeEventListener('abort', abort);
      signal.removeEventListener('abort', abort);
    }
  }

  /** What the host is, as far as it was told; parts of it are read again now and then. */
  get facts(): HostFacts {
    return this.current;
  }

  /** What watching costs the host; undefined while it is not known. */
  get cost(): WatchCost | undefined {
    return this.meter.cost;
  }

  /** When the question that is not answered yet was sent, in ms of our monotonic clock. */
  get askedAtMs(): number | undefined {
    return this.started.program.askedAtMs;
  }

  /** What the program said of itself when it started. */
  get hello(): Hello {
    return this.started.hello;
  }

  /**
   * Starts the program once more, from a copy that stays in the host's memory, see `heldShell`, and lets it take over
   * between two questions. Where that is not possible the one that runs goes on.
   * @returns why it was not possible; undefined where it was.
   */
  async holdInMemory(): Promise<string | undefined> {
    return this.takeOver(heldShell);
  }

  /** Whether its half that answers surveys has ended, see `programSurvey`. */
  get surveyEnded(): boolean {
    return this.started.program.surveyEnded;
  }

  /**
   * Starts the program once more, as the one that runs was started, because a part of it has ended.
   * @returns why it was not possible; undefined where it was.
   */
  async renew(): Promise<string | undefined> {
    return this.takeOver(this.started.hello.heldBytes > 0 ? heldShell : undefined);
  }

  private async takeOver(shell: string | undefined): Promise<string | undefined> {
    const { launchMemory } = this.options;
    try {
      const memory = launchMemory && { ...launchMemory };
      const successor = await startOn(this.programConnection, this.options, memory, shell);
      // It ticks from now on: a freeze may come before the first question that is meant for it.
      const { clock } = this.own;
      const told = await Promise.race([
        successor.program.ask({ sets: ['fast'], ...(clock && { clock }) }, () => undefined),
        successor.program.ended,
      ]);
      if (told) throw told;
      this.successor = successor;
      void successor.program.ended.then(() => {
        if (this.successor === successor) this.successor = undefined;
      });
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  }

  /**
   * Asks for the fast sources, and for a slice of the slow ones when one is due. Never settles when the session ends
   * first.
   * @param clock what the program's own clock does until the next question.
   * @param survey makes up what is asked besides, at a pace of at most 1; not called while the last one is not answered.
   */
  async collect(clock: OwnClock, survey?: (pace: number) => SurveyQuestion | undefined): Promise<Answered> {
    this.changeOver();
    const slice = factSliceNames[this.slice % factSliceNames.length] ?? 'swaps';
    const withSlice = this.latestMs - this.sliceAtMs >= sliceRoundMs / factSliceNames.length;
    const paths = this.meter.pathsToRead(this.latestMs);
    const sets = withSlice ? ['fast', slice] : ['fast'];
    const { program } = this.started;
    const question = program.takesSurvey ? survey?.(this.surveyPace.pace) : undefined;
    return program.ask({ sets, paths, clock, ...(question && { survey: question }) }, (answer) =>
      this.receivedAnswer(answer, clock, withSlice ? slice : undefined),
    );
  }

  private receivedAnswer(
    { frame, askedAtMs, receivedAtMs }: Answer,
    clock: OwnClock,
    slice: FactSlice | undefined,
  ): Answered {
    const capture = this.captureOf(frame, 'asked', askedAtMs, receivedAtMs);
    // Without a sample there is none to count from, and one that did not understand does not know when to tick.
    const complete = !frame.rests && frame.seq !== damaged;
    this.own.answered(complete && this.hello.ownClock ? clock : undefined);
    this.meter.note(this.latestMs, frame.bytes, frame);
    if (slice && complete) {
      this.slice += 1;
      this.sliceAtMs = this.latestMs;
      this.texts = { ...this.texts, ...textsOf(factSlices[slice], frame.text) };
      this.current = hostFactsOf(this.texts);
    }
    if (capture) this.onCapture(capture, frame.bytes);
    return { bytes: frame.bytes, rests: frame.rests, more: frame.waiting > 0 };
  }

  /** Between two questions nothing is under way that could be lost. */
  private changeOver(): void {
    const { successor, started } = this;
    if (!successor) return;
    this.successor = undefined;
    this.started = successor;
    successor.program.continueAfter(started.program);
    this.own.startAnew(successor.hello.ownClock);
    this.meter = new CostMeter(successor.hello.heldBytes);
    this.surveyPace = new SurveyPace(this.options.budget);
    this.listenTo(successor);
    started.program.onSurvey = () => undefined;
    started.program.close();
    this.onTakeOver();
  }

  private listenTo(started: Started): void {
    started.program.onOwn = (frame) => this.receivedOwn(frame);
    started.program.onSurvey = (frame) => this.receivedSurvey(frame);
    void started.program.ended.then((error) => {
      if (this.started === started) this.tellEnd(error);
    });
  }

  close(): void {
    this.started.program.close();
    this.successor?.program.close();
    this.connection.close();
  }

  private receivedOwn(frame: Frame): void {
    const nowMs = performance.now();
    const capture = this.captureOf(frame, 'own', this.askedAtMs ?? nowMs, nowMs);
    this.own.ticked(frame);
    this.meter.note(this.latestMs, frame.bytes, frame);
    if (capture) this.onCapture(capture, frame.bytes);
  }

  private receivedSurvey(frame: Frame): void {
    const capture = surveyCaptureOf(frame, this.current.bootId ?? '');
    if (!capture) return;
    const { bytes, cost } = frame;
    this.meter.noteSurvey(bytes, cost);
    const spentMs =
      cost.length === 0 ? undefined : cost.reduce((total, { processorMs }) => total + processorMs, 0);
    this.surveyPace.note(capture.hostUptimeMs, bytes, spentMs);
    this.onSurvey(capture, bytes);
  }

  private captureOf(
    frame: Frame,
    clock: Capture['clock'],
    askedAtMs: number,
    receivedAtMs: number,
  ): Capture | undefined {
    const uptimeMs = uptimeMsOf(frame.words);
    if (uptimeMs === undefined) return undefined;
    const dueWithinMs = this.own.dueWithinMs(frame);
    // The uptime counts in hundredths: an answer may follow a sample of the own clock within one of them.
    const hostUptimeMs = clock === 'asked' && uptimeMs === this.latestMs ? uptimeMs + 1 : uptimeMs;
    this.latestMs = hostUptimeMs;
    if (frame.rests) return undefined;
    return {
      bootId: this.current.bootId ?? '',
      clock,
      seq: this.started.program.lastSeq,
      hostUptimeMs,
      ...(dueWithinMs !== undefined && { dueWithinMs }),
      askedAtMs,
      receivedAtMs,
      text: textsOf(fileSets.fast, frame.text),
      unreadable: frame.unreadable.filter((path) => fastPaths.has(path)),
    };
  }
}

/** @throws {ConnectionError} where the host runs no shell for us. */
function startOn(
  connection: Connection,
  { budget, survey }: SessionOptions,
  memory: LaunchMemory | undefined,
  shell?: string,
): Promise<Started> {
  return RemoteProgram.start(connection, fileSets, budget, {
    ...(memory && { memory }),
    ...(shell !== undefined && { shell }),
    ...(survey && { survey: surveyFiles }),
  });
}

/** @throws {ConnectionError} where the program ends first. */
async function factsOf(program: RemoteProgram): Promise<Answer> {
  for (;;) {
    const asked = program.ask({ sets: ['facts'] }, (answer) => answer);
    const first = await Promise.race([asked, program.ended]);
    if (first instanceof ConnectionError) throw first;
    if (first.frame.seq !== damaged) return first;
  }
}
