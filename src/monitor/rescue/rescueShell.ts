import { randomBytes } from 'node:crypto';
import {
  groupAnswerOf,
  presenceOf,
  rescueHelloOf,
  serverLockOf,
  signalOutcomeOf,
  type GroupAnswer,
  type Presence,
  type RescueHello,
  type ServerLock,
  type SignalOutcome,
} from '../../core/rescue/answer';
import {
  holdsUs,
  requestLine,
  type ProcessTarget,
  type RescueRequest,
  type RescueSignal,
} from '../../core/rescue/request';
import { cleanText } from '../../transport/cleanText';
import { ConnectionError, type CommandChannel, type Connection } from '../../transport/connection';
import { FrameReader, FramingError, type Frame } from '../frameReader';
import { heldShellAlone } from '../heldShell';
import { launch, type LaunchMemory } from '../launch';
import { endedAtOnce, sendsSomethingElse } from '../launchFailure';
import { shellChoice } from '../programText';
import { rescueProgram } from './rescueProgram';

export interface RescueShellOptions {
  /** Whether `sudo -n` may be used: only what the user allowed for this host. */
  readonly sudo: boolean;
  /** How a shell was reached on this host before. Absent: it is found out. */
  readonly memory?: LaunchMemory;
  /** Whether it is to run from the host's memory, see `heldShell`, where that can be had. Absent: yes. */
  readonly held?: boolean;
  /** Whether root's shell has the files of the SSH server locked in the host's memory, see `lockSshServer`. Absent: no. */
  readonly lockServer?: boolean;
  /** What is frozen on a lease is thawed when nothing was asked for so long. Absent: five minutes. */
  readonly leaseSeconds?: number;
}

/** An answer with the times around it, in ms of our monotonic clock. */
export type RescueReply<T> =
  | {
      readonly kind: 'answered';
      readonly value: T;
      /** Of the host when it had done it, in ms; undefined where it could not be read. */
      readonly hostUptimeMs: number | undefined;
      readonly sentAtMs: number;
      readonly receivedAtMs: number;
    }
  /** It was sent, and may have been done; the connection or the shell ended before the answer came. */
  | { readonly kind: 'unknown'; readonly why: string; readonly sentAtMs: number }
  /** It was not sent. */
  | { readonly kind: 'not-sent'; readonly why: string };

/** What of it was not to be had, with the reason. */
export interface RescueObstacles {
  /** Why it is not root, though sudo was allowed. */
  readonly root?: string;
  /** Why it runs as installed and not from memory: it acts later on a host that thrashes. */
  readonly held?: string;
}

/** Answers that are waited for at most; who asks for more is told that it was not sent. */
const mostWaiting = 2000;

/**
 * A resident shell on the host that freezes, kills and signals without loading a program. Opened while the host is healthy;
 * it dies with the connection. Requests may follow each other without waiting: a host in a jam answers late, and in order.
 */
export class RescueShell {
  private readonly waiting = new Map<number, (answer: Answered) => void>();
  private seq = 0;
  private starting: ((frame: Frame) => void) | undefined;
  private framingError: FramingError | undefined;
  private whyOver: string | undefined;
  private readonly reader: FrameReader;
  private told: RescueHello = rescueHelloOf({}, undefined);
  private notHad: RescueObstacles = {};
  private tellLock: (lock: ServerLock) => void = () => undefined;
  /** Resolves when the host has told whether the files of its SSH server are locked in memory; never where it was not asked. */
  readonly serverLock = new Promise<ServerLock>((resolve) => (this.tellLock = resolve));
  /** Resolves when the shell or its connection has ended, with why. Never rejects. */
  readonly ended: Promise<ConnectionError>;

  private constructor(
    private readonly channel: CommandChannel,
    mark: string,
    private readonly leaseSeconds: number,
  ) {
    this.reader = new FrameReader(mark, (frame) => this.received(frame));
    channel.stream.on('data', (bytes: Buffer) => this.read(bytes));
    channel.stream.on('error', () => undefined); // `exit` tells, and every error is followed by it
    this.ended = channel.exit.then(({ code }) => this.end(code));
  }

  /**
   * Starts the shell: as root by root's login or, where allowed, `sudo -n`; else as the plain user, who may signal own
   * processes only. There is no time-out; closing the connection ends the waiting.
   * @throws {ConnectionError} where the host runs no shell for us, or the connection is gone.
   */
  static async open(connection: Connection, options: RescueShellOptions): Promise<RescueShell> {
    const { memory = { way: 'plain' }, held: wantsHeld = true, lockServer = false } = options;
    const { leaseSeconds = 300 } = options;
    let obstacles: RescueObstacles = {};
    for (;;) {
      const sudo = options.sudo && obstacles.root === undefined;
      const held = wantsHeld && obstacles.held === undefined;
      try {
        const shell = await RescueShell.start(connection, {
          sudo,
          held,
          lockServer,
          leaseSeconds,
          memory: { ...memory },
        });
        shell.notHad = obstacles;
        return shell;
      } catch (error) {
        if (!(error instanceof NotHad)) throw error;
        obstacles = { ...obstacles, [error.what]: error.message };
      }
    }
  }

  private static async start(
    connection: Connection,
    { sudo, held, lockServer, leaseSeconds, memory }: Required<RescueShellOptions>,
  ): Promise<RescueShell> {
    const mark = randomBytes(12).toString('hex');
    const becomes = held ? heldShellAlone : shellChoice;
    const channel = await launch(connection, sudo ? rootShell : becomes, memory);
    const shell = new RescueShell(channel, mark, leaseSeconds);
    if (sudo) {
      const first = shell.nextFrame();
      channel.stream.write(rootLine(mark, becomes, memory));
      if ((await first) instanceof ConnectionError) throw new NotHad('root', shell.said('sudo refuses'));
    }
    const hello = shell.nextFrame();
    channel.stream.write(rescueProgram(mark, leaseSeconds, lockServer));
    const frame = await hello;
    if (frame instanceof ConnectionError) {
      if (held && shell.framingError === undefined && channel.stderr() !== '')
        throw new NotHad('held', shell.said('it has ended'));
      throw frame;
    }
    const [, , heldKib, builtin, clock] = frame.words;
    if (builtin !== 'yes') {
      channel.close();
      throw new ConnectionError(
        'channel',
        'user',
        'The shell on the host has no kill of its own.',
        'Install bash, dash or busybox there to have containers and processes killed in a jam.',
      );
    }
    shell.told = rescueHelloOf(frame.text, heldKib, clock);
    return shell;
  }

  /** Whether it may freeze, kill and signal whatever is there. */
  get isRoot(): boolean {
    return this.told.uid === 0;
  }

  /**
   * What is frozen on a lease is thawed when nothing was asked for so long, in ms. Undefined: only when the shell ends, and of a
   * connection that is lost without a word the host may learn after hours (dash, which has no clock).
   */
  get leaseMs(): number | undefined {
    return this.told.clock ? this.leaseSeconds * 1000 : undefined;
  }

  get hello(): RescueHello {
    return this.told;
  }

  get obstacles(): RescueObstacles {
    return this.notHad;
  }

  /** Whether the cgroup can be frozen and killed by this shell: its path is one of the known kind, and we are not in it. */
  mayTake(cgroup: string): boolean {
    return this.whyNot({ kind: 'kill', cgroup }) === undefined;
  }

  ping(): Promise<RescueReply<'pong'>> {
    return this.ask({ kind: 'ping' }, ([word]) => (word === 'pong' ? word : undefined));
  }

  /** Sends a signal to a process, if it is still the same; see `rescueProgram` for the window that remains. */
  signal(process: ProcessTarget, signal: RescueSignal): Promise<RescueReply<SignalOutcome>> {
    return this.ask({ kind: 'signal', process, signal }, signalOutcomeOf);
  }

  /** Whether a process is still there, and still the same; nothing is sent to it. */
  look(process: ProcessTarget): Promise<RescueReply<Presence>> {
    return this.ask({ kind: 'look', process }, presenceOf);
  }

  /** The text of /proc/PID/cgroup, empty where there is no such process. Whose pid it is by now has to be looked at. */
  membership(pid: number): Promise<RescueReply<string>> {
    return this.ask({ kind: 'membership', pid }, ([word], texts) =>
      word === 'membership' ? (texts['rescue/membership'] ?? '') : undefined,
    );
  }

  /**
   * Freezes a cgroup and those below it. It does not wait: `freezing` tasks are looked after with {@link state}.
   * @param leased thawed again when the connection ends or nothing is asked for long, if it was thawed before. False: a lease
   * on it ends, and it stays frozen.
   */
  freeze(cgroup: string, leased: boolean): Promise<RescueReply<GroupAnswer>> {
    return this.ask({ kind: 'freeze', cgroup, leased }, groupAnswerOf);
  }

  /** @param leasedOnly leaves alone what this shell has not frozen on a lease. */
  thaw(cgroup: string, leasedOnly = false): Promise<RescueReply<GroupAnswer>> {
    return this.ask({ kind: 'thaw', cgroup, leasedOnly }, groupAnswerOf);
  }

  /**
   * Kills all in a cgroup and below it: with `cgroup.kill`, else by signals while it stands still, and then thaws it. What is
   * left is told: the killed need a moment to end.
   */
  killGroup(cgroup: string): Promise<RescueReply<GroupAnswer>> {
    return this.ask({ kind: 'kill', cgroup }, groupAnswerOf);
  }

  state(cgroup: string): Promise<RescueReply<GroupAnswer>> {
    return this.ask({ kind: 'state', cgroup }, groupAnswerOf);
  }

  /** Ends the shell; what it has frozen on a lease is thawed by it. */
  close(): void {
    this.channel.close();
  }

  private async ask<T>(
    request: RescueRequest,
    valueOf: (words: readonly string[], texts: Frame['text']) => T | undefined,
  ): Promise<RescueReply<T>> {
    const whyNot = this.whyNot(request);
    if (whyNot !== undefined) return { kind: 'not-sent', why: whyNot };
    const seq = ++this.seq;
    const line = requestLine(seq, request);
    const sentAtMs = performance.now();
    const answer = await new Promise<Answered>((resolve) => {
      this.waiting.set(seq, resolve);
      this.channel.stream.write(line);
    });
    if ('why' in answer) return { kind: 'unknown', why: answer.why, sentAtMs };
    const [uptime, ...words] = answer.words;
    const value = valueOf(words, answer.texts);
    if (value === undefined)
      return { kind: 'unknown', why: 'The host answers something else than was asked.', sentAtMs };
    return {
      kind: 'answered',
      value,
      hostUptimeMs: uptimeMsOf(uptime),
      sentAtMs,
      receivedAtMs: performance.now(),
    };
  }

  /** Why a request is not sent. */
  private whyNot(request: RescueRequest): string | undefined {
    if (this.whyOver !== undefined) return this.whyOver;
    if (this.waiting.size >= mostWaiting) return 'Too many requests wait for the host.';
    if ('cgroup' in request && request.kind !== 'state' && holdsUs(request.cgroup, this.told.ownCgroups))
      return 'Our own shell on the host is in that cgroup.';
    try {
      requestLine(0, request);
      return undefined;
    } catch {
      return 'A cgroup or a process of that name is not touched.';
    }
  }

  /** The next frame that answers no request, or why there is none. */
  private nextFrame(): Promise<Frame | ConnectionError> {
    const frame = new Promise<Frame>((resolve) => (this.starting = resolve));
    return Promise.race([frame, this.ended]);
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
      this.starting?.(frame);
      this.starting = undefined;
    } else if (frame.kind === 'F' && frame.seq === 0) {
      const lock = serverLockOf(frame.words.slice(1));
      if (lock) this.tellLock(lock);
    } else if (frame.kind === 'F') {
      this.waiting.get(frame.seq)?.({ words: frame.words, texts: frame.text });
      this.waiting.delete(frame.seq);
    }
  }

  private end(code: number | undefined): ConnectionError {
    const error = this.framingError
      ? sendsSomethingElse(this.framingError.message)
      : endedAtOnce(this.starting ? code : undefined, `${this.channel.stderr()} ${this.reader.noise}`);
    this.whyOver = error.message;
    for (const answered of this.waiting.values()) answered({ why: error.message });
    this.waiting.clear();
    return error;
  }

  /** What the host said when it ended our shell. */
  private said(otherwise: string): string {
    const text = cleanText(`${this.channel.stderr()} ${this.reader.noise}`, 200);
    return text === '' ? otherwise : text;
  }
}

type Answered =
  { readonly words: readonly string[]; readonly texts: Frame['text'] } | { readonly why: string };

/** Something that we can do without. */
class NotHad extends Error {
  constructor(
    readonly what: keyof RescueObstacles,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Becomes a shell of root's, as `launch` wants it. sudo waits beside it and hands nothing on, unless it is set to keep a
 * log of what goes in and out.
 *
 * sudo takes the environment away, by which the shell knows that `launch` has reached it: then it would do once more what
 * stands on its input.
 */
const rootShell = [
  'u=; while read -r n x o; do case $n in (Uid:) u=$x;; esac; done </proc/self/status',
  'case $u in (0*) exec sh "$@";; esac',
  'exec sudo -n /bin/sh -c "LAUNCHED=$LAUNCHED; export LAUNCHED; exec /bin/sh $*"',
].join('; ');

/**
 * What that shell reads first: it says that it is there and becomes the shell that we want. Nothing may be written behind
 * it before it has said so: it reads in blocks. In a terminal that is to be read, see `launch`.
 */
function rootLine(mark: string, becomes: string, memory: LaunchMemory): string {
  const half = mark.length >> 1;
  const input = memory.way === 'terminal' ? 'set -- /dev/tty; ' : '';
  const fence = `"@${mark.slice(0, half)}""${mark.slice(half)}`;
  return `{ printf "\\n%s\\n%s\\n" ${fence} H root" ${fence} E 0"; ${input}${becomes}; }\n`;
}

function uptimeMsOf(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,12}(?:\.\d{1,3})?$/.test(word)
    ? Math.round(Number(word) * 1000)
    : undefined;
}
