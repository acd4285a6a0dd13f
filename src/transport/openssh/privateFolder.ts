import { constants, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorText } from '../../core/errorText';
import { ConnectionError } from '../connection';
import { runProgram } from '../runProgram';
import { TextTail } from '../textTail';
import { askpassProgram, askpassSocketName, askpassWrapper } from './askpassProgram';

const isWindows = process.platform === 'win32';

/** sun_path has 104 bytes on macOS, and ssh binds its control socket under a name that is 17 longer (mux.c). */
const longestSocket = 104 - 17 - 1;

/** A folder for one connection that nobody else can enter: the control socket of ssh, its log, what asks a person. */
export interface PrivateFolder {
  readonly controlPath: string;
  readonly logFile: string;
  readonly askpassFile: string;
  readonly askpassSocket: string;
  /** The last 16 KiB that ssh has written to its log; also after `remove()`. Empty on Windows: there it is a plain file. */
  log(): string;
  /** Calls with what comes in the log from now on. */
  onLog(listener: (text: string) => void): void;
  /** Removes the folder. Whoever has a file or socket of it open keeps that. */
  remove(): Promise<void>;
  /** Gives the log up. */
  close(): void;
}

/**
 * Makes the folder where short names and programs are possible: /tmp is often mounted noexec.
 * @throws {ConnectionError} phase config
 */
export async function makePrivateFolder(signal: AbortSignal): Promise<PrivateFolder> {
  const places = [tmpdir(), process.env.XDG_RUNTIME_DIR ?? '', isWindows ? '' : '/tmp'];
  const reasons: string[] = [];
  for (const place of new Set(places.filter((name) => name !== ''))) {
    try {
      return await makeIn(place, signal);
    } catch (error) {
      reasons.push(`${place}: ${errorText(error)}`);
    }
  }
  throw new ConnectionError(
    'config',
    'user',
    `There is no folder for what the ssh program needs (${reasons.join('; ')}).`,
    'Set TMPDIR to a folder with a short name, from which programs may be started.',
  );
}

async function makeIn(place: string, signal: AbortSignal): Promise<PrivateFolder> {
  const folder = await mkdtemp(path.join(place, 'rmd-')); // mode 0700
  const file = (name: string): string => path.join(folder, name);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const controlPath = file('c');
    if (/[%$]/.test(folder)) throw new Error('its name has % or $'); // ssh expands them in a ControlPath
    if (Buffer.byteLength(controlPath) > longestSocket) throw new Error('its name is too long for a socket');
    const log = isWindows ? undefined : await makeLog(folder, signal);
    return {
      controlPath,
      logFile: file('log'),
      askpassFile: file('askpass'),
      askpassSocket: isWindows ? `\\\\.\\pipe\\${path.basename(folder)}` : file(askpassSocketName),
      log: () => log?.words.toString() ?? '',
      onLog: (listener) => void log?.pipe.on('data', (bytes: Buffer) => listener(bytes.toString())),
      remove,
      close: () => log?.pipe.destroy(),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * The log is a FIFO, so that ssh can say as much as it likes, and a server through it, without filling a disk. The askpass
 * program makes it, which shows that programs can be started from the folder.
 */
async function makeLog(folder: string, signal: AbortSignal): Promise<{ pipe: Socket; words: TextTail }> {
  const program = path.join(folder, 'askpass.cjs');
  const wrapper = path.join(folder, 'askpass');
  await writeFile(program, askpassProgram, { mode: 0o600 });
  await writeFile(wrapper, askpassWrapper(process.execPath, program), { mode: 0o700 });
  const made = await runProgram(wrapper, [], { timeoutMs: 10_000, signal });
  if (made.kind !== 'ended' || made.code !== 0) throw new Error('no program can be started from there');
  // For writing too: it does not end when ssh hands its log on to the program in the background.
  const fd = openSync(path.join(folder, 'log'), constants.O_RDWR | constants.O_NONBLOCK);
  const words = new TextTail(16 * 1024);
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('data', (bytes: Buffer) => words.append(bytes));
  pipe.on('error', () => undefined);
  pipe.unref();
  return { pipe, words };
}
