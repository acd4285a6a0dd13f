import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { ByteStream } from '../byteStream';
import type { CommandChannel, Connection, ConnectionError, Exit } from '../connection';
import { TextTail } from '../textTail';
import { channelRefused, connectionLost, socketRefused } from './openSshFailure';
import { commandArguments, type Launch } from './sshArguments';
import { stop, type SshRun } from './sshRun';

/** How often ssh's log is looked at while it logs in. */
const lookMs = 50;

/** How long after the end of the command its last words on standard error are waited for. */
const lastWordsMs = 500;

/**
 * A connection for an ssh program that cannot share one (Windows): each channel logs in anew with a program of its own.
 * The first one only holds the place: its end is the end of the connection. It opens no Unix sockets.
 */
export class ProcessConnection implements Connection {
  readonly closed: Promise<ConnectionError | undefined>;
  private settle!: (why: ConnectionError | undefined) => void;
  private readonly open = new Set<ByteStream>();
  private readonly programs = new Set<ChildProcessWithoutNullStreams>();
  private count = 0;
  private over = false;

  constructor(
    private readonly launch: Launch,
    private readonly run: SshRun,
    private readonly release: () => void,
  ) {
    this.closed = new Promise((resolve) => (this.settle = resolve));
  }

  /**
   * Logs in for the first time.
   * @throws {ConnectionError}
   */
  async start(): Promise<void> {
    // Runs as long as its input is open, and so no longer than we do.
    const { stream, exit } = await this.channel('exec cat', false);
    stream.resume();
    void exit.then(() => this.end(connectionLost(this.run.host, '')));
  }

  exec(command: string): Promise<CommandChannel> {
    return this.further(command, false);
  }

  execInTerminal(command: string): Promise<CommandChannel> {
    return this.further(command, true);
  }

  openUnixSocket(path: string): Promise<Duplex> {
    const why = 'the ssh program of this machine cannot share a connection';
    return Promise.reject(
      this.over ? connectionLost(this.run.host, '') : socketRefused(this.run.host, path, why),
    );
  }

  close(): void {
    this.end(undefined);
  }

  private async further(command: string, terminal: boolean): Promise<CommandChannel> {
    if (this.over) throw connectionLost(this.run.host, '');
    try {
      return await this.channel(command, terminal);
    } catch (error) {
      throw this.hasEnded() ? connectionLost(this.run.host, '') : error;
    }
  }

  private async channel(command: string, terminal: boolean): Promise<CommandChannel> {
    const logFile = `${this.launch.logFile}-${this.count++}`;
    const args = commandArguments({ ...this.launch, logFile }, command, terminal);
    const child = await this.run.start(args, terminal ? { TERM: 'dumb' } : {});
    this.programs.add(child);
    child.once('exit', () => this.programs.delete(child));
    if (this.over) stop(child);
    try {
      const errors = new TextTail(16 * 1024);
      child.stderr.on('data', (bytes: Buffer) => errors.append(bytes));
      const exit = exitOf(child);
      const stream = new ByteStream({
        readable: child.stdout,
        writable: child.stdin,
        release: () => {
          child.stdin.end();
          child.stdout.destroy();
          // Where the host does not end the channel, which it may not hear of.
          setTimeout(() => stop(child), lastWordsMs).unref();
        },
      });
      const log = async (): Promise<string> =>
        `${errors.toString()}\n${await readFile(logFile, 'utf8').catch(() => '')}`;
      await this.run.login(child, this.isSent(child, log), log);
      if (terminal && (await log()).includes('PTY allocation request failed')) {
        stop(child);
        throw channelRefused(this.run.host, 'it gives no terminal');
      }
      this.open.add(stream);
      stream.once('close', () => this.open.delete(stream));
      if (this.over) stream.destroy();
      return {
        stream,
        stderr: () => errors.toString(),
        onStderr: (listener) => child.stderr.on('data', listener),
        exit,
        close: () => stream.destroy(),
      };
    } finally {
      await rm(logFile, { force: true }).catch(() => undefined); // on Windows it is open
    }
  }

  /** Waits until ssh has sent the command, by its log; false: it ended first. */
  private async isSent(child: ChildProcessWithoutNullStreams, log: () => Promise<string>): Promise<boolean> {
    const first = this.count === 1;
    const ended = once(child, 'exit').then(() => true);
    let read = 0;
    for (let over = false; ;) {
      const text = await log();
      if (first) this.run.hear(text.slice(read)); // the others only do the same again
      read = text.length;
      if (/^debug1: Sending command/m.test(text)) return true;
      if (over) return false;
      over = await Promise.race([ended, pause(lookMs, false)]);
    }
  }

  private hasEnded(): boolean {
    return this.over;
  }

  private end(why: ConnectionError | undefined): void {
    if (this.over) return;
    this.over = true;
    for (const stream of this.open) stream.destroy();
    for (const child of this.programs) stop(child);
    this.release();
    this.settle(why);
  }
}

/** Ended means: the process has ended and its standard error is read, unless a child of it holds that open. */
function exitOf(child: ChildProcessWithoutNullStreams): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      // 255 is what ssh itself ends with, and how a command ended then is not known.
      const exit: Exit = code === null || code === 255 || signal !== null ? {} : { code };
      const timer = setTimeout(() => resolve(exit), lastWordsMs);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(exit);
      });
    });
  });
}
