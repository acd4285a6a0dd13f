import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ConnectionError } from '../connection';
import { PhaseTimer } from '../phaseTimer';
import { isShortage } from '../runProgram';
import { TextTail } from '../textTail';
import { connectFailure, meantForPeople } from './openSshFailure';
import type { PrivateFolder } from './privateFolder';

/** A login may take so long while nobody is asked. A host that thrashes is slow, not dead. */
const defaultLoginMs = 120_000;

/** How long after the end of ssh the last words of a ProxyCommand are waited for. */
const lastWordsMs = 500;

export interface SshRunOptions {
  readonly program: string;
  /** How messages name the host. */
  readonly host: string;
  readonly folder: PrivateFolder;
  readonly proxied: boolean;
  readonly loginMs: number | undefined;
}

/** The ssh programs of one connection: how they are started, what they say, and how their login is cut short. */
export class SshRun {
  /** What they need to ask something. */
  environment: Readonly<Record<string, string>> = {};
  private readonly timer = new PhaseTimer();
  /** Standard error: of a ProxyCommand and of the hosts on the way, too. */
  private readonly errors = new TextTail(16 * 1024);
  private readonly loggingIn = new Set<(why: ConnectionError) => void>();
  private readonly heard: ((text: string) => void)[] = [];
  private version: number | undefined;
  private why: ConnectionError | undefined;

  constructor(private readonly options: SshRunOptions) {
    options.folder.onLog((text) => {
      if (this.loggingIn.size > 0) this.hear(text);
    });
  }

  get host(): string {
    return this.options.host;
  }

  get controlPath(): string {
    return this.options.folder.controlPath;
  }

  /** Calls with what ssh says of its steps (-v) while it logs in. */
  onHeard(listener: (text: string) => void): void {
    this.heard.push(listener);
  }

  /**
   * Whether this ssh puts the account before what a server asks (since OpenSSH 8.5), so that no server can ask for the
   * passphrase of a key in the name of ssh.
   */
  get marksServersQuestions(): boolean {
    return this.version !== undefined && this.version >= 8.5;
  }

  /** To be called with what a log of its own tells. */
  hear(text: string): void {
    this.version ??= versionIn(text);
    for (const listener of this.heard) listener(text);
  }

  /** The time of the login stands while a person is asked. */
  paused<T>(work: () => Promise<T>): Promise<T> {
    return this.timer.paused(work);
  }

  /** Ends the logins that go on. */
  cancel(why: ConnectionError): void {
    this.why ??= why;
    for (const end of [...this.loggingIn]) end(this.why);
  }

  /** What ssh has said, without what only helps to find errors in ssh. */
  words(): string {
    return meantForPeople(this.said());
  }

  /** Why a login failed. */
  private failure(said: string): ConnectionError {
    return this.why ?? connectFailure(this.host, said, this.options.proxied);
  }

  private said(): string {
    return `${this.errors.toString()}\n${this.options.folder.log()}`;
  }

  /** Gives up the log. */
  release(): void {
    this.options.folder.close();
  }

  /**
   * Starts ssh, in a session of its own: Ctrl+C at the terminal that started us is for us, and it has no terminal to ask
   * something at.
   * @throws {ConnectionError} phase config
   */
  start(
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<ChildProcessWithoutNullStreams> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => reject(notStarted(this.options.program, error));
      try {
        const child = spawn(this.options.program, args, {
          stdio: 'pipe',
          detached: process.platform !== 'win32',
          windowsHide: true,
          env: { ...process.env, ...this.environment, ...more },
        });
        child.on('error', fail); // where no file descriptor is left, it has no streams
        child.once('spawn', () => {
          for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
          resolve(child);
        });
      } catch (error) {
        fail(error); // e.g. ENOMEM
      }
    });
  }

  /** Reads standard error for as long as anybody holds it: a ProxyCommand must not be ended by a pipe that nobody reads. */
  listen(child: ChildProcessWithoutNullStreams): void {
    child.stderr.on('data', (bytes: Buffer) => this.errors.append(bytes));
  }

  /**
   * Waits until a login is over, one way or the other; ends the program where it takes too long or is cancelled.
   * @param over calls what it is given when ssh is logged in (true) or has failed
   */
  async login(
    child: ChildProcessWithoutNullStreams,
    over: Promise<boolean>,
    said: () => Promise<string> | string = () => this.said(),
  ): Promise<void> {
    let end!: (why: ConnectionError) => void;
    const ended = new Promise<never>((_resolve, reject) => (end = reject));
    const closed = once(child, 'close').catch(() => undefined); // its standard error has been read to its end
    this.loggingIn.add(end);
    const ms = this.options.loginMs ?? defaultLoginMs;
    this.timer.start(ms, () => this.cancel(tooSlow(this.host, ms)));
    try {
      if (this.why) throw this.why;
      const isIn = await Promise.race([over, ended]);
      if (!isIn) await Promise.race([closed, pause(lastWordsMs)]);
      await readOn();
      if (isIn) return;
      throw this.failure(await said());
    } catch (error) {
      stop(child);
      throw error;
    } finally {
      this.timer.stop();
      this.loggingIn.delete(end);
    }
  }
}

/** What was written into the log before is in its pipe, but perhaps not read yet. */
export async function readOn(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
}

/** Ends ssh and what it has started: it leads a process group. */
export function stop(child: ChildProcessWithoutNullStreams): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform !== 'win32' && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    else child.kill();
  } catch {
    // It has ended by itself.
  }
}

/** The first line of `ssh -v` names it, e.g. `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.19`; undefined: it is not there. */
function versionIn(text: string): number | undefined {
  const version = /^OpenSSH_(?:for_Windows_)?(\d{1,3})\.(\d)/m.exec(text);
  return version ? Number(`${version[1]}.${version[2]}`) : undefined;
}

function notStarted(program: string, error: unknown): ConnectionError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new ConnectionError(
    'config',
    isShortage(code) ? 'retry' : 'user',
    `The ssh program ${program} cannot be started on this machine: ${code}.`,
    '',
    { cause: error },
  );
}

function tooSlow(host: string, ms: number): ConnectionError {
  return new ConnectionError(
    'authentication',
    'retry',
    `ssh did not get into ${host} within ${ms / 1000} s.`,
    'The host may be thrashing, or a host on the way does not answer.',
  );
}
