import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAgent } from './ssh2';

/** Where the ssh-agent service of Windows listens. */
const windowsAgent = '\\\\.\\pipe\\openssh-ssh-agent';
/** The folder in which Windows shows its named pipes. */
const windowsPipes = '\\\\.\\pipe\\';

/**
 * Opens a connection to an agent: a Unix socket, a named pipe of Windows, or `pageant`. Where Windows has no agent of its own,
 * Pageant is taken. Errors come as events of the stream.
 * @throws where Pageant does not run
 */
export async function openAgent(
  address: string,
  platform: NodeJS.Platform = process.platform,
  pipes = windowsPipes,
): Promise<Duplex> {
  if (address.toLowerCase() === 'pageant') return connect(await pageantPipe(pipes));
  if (platform !== 'win32') return connect(address);
  if (address.toLowerCase() === windowsAgent) return connect(await windowsPipe(pipes));
  if (address.startsWith(windowsPipes)) return connect(address);
  return cygwinSocket(address);
}

/**
 * Pageant (since PuTTY 0.75) listens on a pipe whose name holds the user and a hash that only PuTTY can compute; other users'
 * pipes cannot be opened.
 */
async function pageantPipe(pipes: string): Promise<string> {
  const name = (await readdir(pipes)).find((pipe) => pipe.startsWith('pageant.'));
  if (name === undefined) throw new Error('Pageant does not run, or is older than PuTTY 0.75');
  return `${pipes}${name}`;
}

async function windowsPipe(pipes: string): Promise<string> {
  const names = await readdir(pipes);
  return names.includes('openssh-ssh-agent') ? `${pipes}openssh-ssh-agent` : pageantPipe(pipes);
}

/** What Git for Windows and Cygwin call a socket is a file that names a TCP port and a secret; ssh2 knows how. */
function cygwinSocket(file: string): Promise<Duplex> {
  const agent = createAgent(file) as unknown as {
    getStream(done: (error: Error | null, stream?: Duplex) => void): void;
  };
  return new Promise((resolve, reject) => {
    agent.getStream((error, stream) => {
      if (stream) resolve(stream);
      else reject(error ?? new Error('it cannot be reached'));
    });
  });
}
