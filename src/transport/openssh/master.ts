import { once } from 'node:events';
import { errorText } from '../../core/errorText';
import { ConnectionError, type Connection } from '../connection';
import { MuxConnection } from './muxConnection';
import { openMuxSocket } from './muxSocket';
import { connectionLost } from './openSshFailure';
import { masterArguments, type Launch } from './sshArguments';
import { readOn, type SshRun } from './sshRun';

/**
 * Lets ssh log in and hold the connection: it goes into the background then, which tells that it is logged in, and lives for
 * as long as its control socket is used, which is as long as we hold it open.
 * @throws {ConnectionError}
 */
export async function holdConnection(launch: Launch, run: SshRun): Promise<Connection> {
  const child = await run.start(masterArguments(launch, run.controlPath));
  child.stdin.destroy();
  child.stdout.destroy();
  run.listen(child);
  // Not its `close`: the program in the background may hold the pipes.
  const ended = once(child, 'exit').then(([code]) => code === 0);
  await run.login(child, ended);
  let socket;
  try {
    socket = await openMuxSocket(run.controlPath);
  } catch (error) {
    // The server may have ended the connection at once.
    const isGone = ['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (isGone) throw connectionLost(run.host, run.words());
    throw new ConnectionError(
      'connection',
      'user',
      `ssh logged in to ${run.host}, but does not share the connection: ${errorText(error)}.`,
      'This needs OpenSSH 7.4 or newer; see the setting remoteMemory.ssh.path.',
      { cause: error },
    );
  }
  return new MuxConnection(socket, {
    host: run.host,
    lastWords: async () => {
      await readOn();
      child.stderr.destroy();
      run.release();
      return run.words();
    },
  });
}
