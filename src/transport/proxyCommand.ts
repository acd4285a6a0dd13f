import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { PassThrough, type Duplex, type Readable, type Writable } from 'node:stream';
import { ByteStream } from './byteStream';
import { cleanText } from './cleanText';
import { ConnectionError, type Remedy } from './connection';
import { checkHost } from './hostName';
import { isShortage } from './runProgram';
import type { SshSettings } from './sshSettings';
import { TextTail } from './textTail';

/** How long after the end of its output the command's exit and last words are waited for. */
const lastWordsMs = 500;

/** How long a command may take to end after the connection has. */
const hangUpMs = 1000;

type Command = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Runs the ProxyCommand of a host and gives its standard input and output as the way to the host. It is run as ssh runs
 * it: by the user's shell, which it replaces. It reads end-of-file when the connection ends, and is ended with all that it
 * started; when we are killed, end-of-file is what it gets.
 *
 * The stream is destroyed with a {@link ConnectionError} (phase tcp) when the command ends or says nothing for
 * `timeoutMs` at the beginning: a server sends its banner by itself.
 * @throws {ConnectionError} phase config: the command cannot be run. `signal` counts only until then
 */
export function connectByCommand(
  settings: SshSettings,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Duplex> {
  const command = expandCommand(settings);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new ConnectionError('tcp', 'cancelled', 'The connection was cancelled.'));
      return;
    }
    const fail = (error: unknown): void => reject(notStarted(settings, error));
    try {
      const child = start(command);
      child.on('error', fail); // where no file descriptor is left, it has no streams
      child.once('spawn', () => resolve(streamOver(child, settings, timeoutMs)));
    } catch (error) {
      fail(error); // e.g. ENOMEM
    }
  });
}

/**
 * The command with its tokens: %h, %k, %n, %p, %r and %% as ssh_config(5) says of ProxyCommand; any other is an error, as
 * it is for ssh. The names of host and user were refused before if a shell could take them for something else.
 * @throws {ConnectionError} phase config
 */
export function expandCommand(settings: SshSettings): string {
  const { target, hostName, port, user, hostKeyAlias } = settings;
  const tokens: Readonly<Record<string, () => string>> = {
    '%': () => '%',
    h: () => hostName,
    k: () => {
      checkHost(hostKeyAlias ?? target.host, target.typed);
      return hostKeyAlias ?? target.host;
    },
    n: () => target.host,
    p: () => String(port),
    r: () => user,
  };
  return (settings.proxyCommand ?? '').replace(/%(.?)/gs, (token, letter: string) => {
    const value = tokens[letter];
    if (value) return value();
    throw new ConnectionError(
      'config',
      'user',
      `The ProxyCommand of ${target.typed} has ${cleanText(token, 4)}, which stands for nothing there.`,
      'Write %% for a percent sign; %h, %p, %r, %n and %k are known.',
    );
  });
}

function start(command: string): Command {
  // As OpenSSH for Windows does: through cmd, which has no exec.
  if (process.platform === 'win32') return spawn(command, { shell: true, stdio: 'pipe', windowsHide: true });
  const { SHELL } = process.env;
  const shell = SHELL === undefined || SHELL === '' ? '/bin/sh' : SHELL;
  // A process group of its own, so that what it starts can be ended too.
  return spawn(shell, ['-c', `exec ${command}`], { stdio: 'pipe', detached: true });
}

function streamOver(child: Command, settings: SshSettings, timeoutMs: number): Duplex {
  const errors = new TextTail(16 * 1024);
  child.stderr.on('data', (chunk: Buffer) => errors.append(chunk));
  child.stderr.on('error', () => undefined);
  child.stdout.on('error', () => undefined); // its end follows
  const output = new PassThrough(); // has no end of its own: the stream ends with the reason
  const stream = new ByteStream({
    readable: output,
    writable: child.stdin,
    release: () => {
      child.stdin.end();
      child.stdout.destroy();
      output.destroy();
      hangUp(child);
    },
  });
  const end = (happened: string, remedy: Remedy): void => {
    const said = cleanText(errors.toString().slice(-300), 300);
    const message = `The ProxyCommand of ${settings.target.typed} ${happened}${said === '' ? '.' : `: ${said}`}`;
    const advice = 'Run the command in a terminal of this machine to see what it lacks.';
    // What came before is read first.
    setImmediate(() => stream.destroy(new ConnectionError('tcp', remedy, message, advice)));
  };

  const silence = setTimeout(() => end(`gave no answer within ${timeoutMs / 1000} s`, 'retry'), timeoutMs);
  stream.once('close', () => clearTimeout(silence));
  child.stdout.once('data', () => clearTimeout(silence));
  child.stdout.pipe(output, { end: false });

  const ended = (): void => {
    const { exitCode: code, signalCode } = child;
    if (code === 126 || code === 127) end(`cannot be run (exit code ${code})`, 'user');
    else if (code !== null) end(`ended with exit code ${code}`, 'retry');
    else end(signalCode === null ? 'closed its output' : `was ended by ${signalCode}`, 'retry');
  };
  child.once('close', ended);
  // Something that it left behind may hold its standard error open.
  child.stdout.once('close', () => setTimeout(ended, lastWordsMs).unref());
  return stream;
}

/** Ends the command and what it started: first as the end of a terminal does, as ssh itself, then for good. */
function hangUp(child: ChildProcess): void {
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      if (process.platform === 'win32' || child.pid === undefined) child.kill(signal);
      else process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  signalGroup('SIGHUP');
  setTimeout(() => signalGroup('SIGKILL'), hangUpMs).unref();
}

function notStarted(settings: SshSettings, error: unknown): ConnectionError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new ConnectionError(
    'config',
    isShortage(code) ? 'retry' : 'user',
    `The ProxyCommand of ${settings.target.typed} cannot be started on this machine: ${code}.`,
    'The shell named by the variable SHELL runs it.',
    { cause: error },
  );
}
