import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import net from 'node:net';
import { readAskpass, type AskpassQuestion } from './askpassQuestion';
import { askpassTokenName } from './askpassProgram';

/** A question has at most this many bytes. */
const longestQuestion = 200 * 1024;

/** A question, and the ssh program that asks it. */
export interface Asked {
  readonly question: AskpassQuestion;
  readonly pid: number;
}

/**
 * Answers a question of ssh. Undefined: no answer, which ssh takes for a no. `signal` is aborted when ssh does not wait for
 * it any more.
 */
export type Answering = (asked: Asked, signal: AbortSignal) => Promise<string | undefined>;

/** Where the askpass programs of one connection ask. */
export interface AskpassServer {
  /** What ssh needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

/** Listens at `socketPath` for the program `askpassFile`. */
export async function startAskpassServer(
  socketPath: string,
  askpassFile: string,
  answer: Answering,
): Promise<AskpassServer> {
  const token = randomBytes(32).toString('hex');
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    const gone = new AbortController();
    socket.on('close', () => {
      open.delete(socket);
      gone.abort();
    });
    socket.on('error', () => socket.destroy());
    whenAsked(socket, (line) => {
      const asked = readAsked(line, token);
      if (!asked) {
        socket.destroy();
        return;
      }
      answer(asked, gone.signal).then(
        (text) => (text === undefined ? socket.destroy() : socket.end(`${text.replace(/[\r\n].*/s, '')}\n`)),
        () => socket.destroy(),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  if (process.platform !== 'win32') await chmod(socketPath, 0o600);
  server.on('error', () => undefined);
  return {
    environment: {
      SSH_ASKPASS: askpassFile,
      SSH_ASKPASS_REQUIRE: 'force', // since OpenSSH 8.4; before, a DISPLAY and no terminal do it
      DISPLAY: process.env.DISPLAY ?? ':',
      [askpassTokenName]: token,
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Calls once with the first line. */
function whenAsked(socket: net.Socket, tell: (line: string) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  const read = (bytes: Buffer): void => {
    parts.push(bytes);
    size += bytes.length;
    if (size > longestQuestion) socket.destroy();
    if (!bytes.includes(0x0a)) return;
    socket.off('data', read);
    socket.resume(); // to hear of its end
    const [line = ''] = Buffer.concat(parts).toString('utf8').split('\n', 1);
    tell(line);
  };
  socket.on('data', read);
}

function readAsked(line: string, token: string): Asked | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null) return undefined;
  const { token: shown, prompt, hint, pid } = said as Readonly<Record<string, unknown>>;
  if (typeof shown !== 'string' || typeof prompt !== 'string' || typeof hint !== 'string') return undefined;
  if (typeof pid !== 'number') return undefined;
  const [a, b] = [Buffer.from(shown), Buffer.from(token)];
  if (a.length !== b.length || !timingSafeEqual(a, b)) return undefined;
  return { question: readAskpass(prompt, hint), pid };
}
