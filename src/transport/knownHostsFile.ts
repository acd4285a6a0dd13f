import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { ConnectionError } from './connection';
import { readBoundedFile, whyUnread } from './boundedFile';
import { knownHostsLine, linesFor, type KnownHostsText } from './knownHosts';

/**
 * Reads known_hosts files. A file that does not exist is empty.
 * @throws {ConnectionError} (phase host-key) where one cannot be read: it could hold a revoked or another key.
 */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHostsText[]> {
  return Promise.all(
    files.map(async (file) => {
      try {
        return { file, text: await readBoundedFile(file, 'latin1') };
      } catch (error) {
        const why = whyUnread(error);
        if (why === 'ENOENT' || why === 'ENOTDIR') return { file, text: '' };
        throw new ConnectionError(
          'host-key',
          'user',
          `The known hosts file ${file} cannot be read (${why}), so no host key can be trusted.`,
          'Make the file readable, or name another one with UserKnownHostsFile in the SSH configuration.',
          { cause: error },
        );
      }
    }),
  );
}

/**
 * Adds a key to a known_hosts file (created with mode 600, its folder with 700), unless it is there already. One write
 * in append mode, so that other programs may add to the file at the same time.
 * @throws where the file cannot be written
 */
export async function appendKnownHost(
  file: string,
  name: string,
  key: Buffer,
  hashed: boolean,
): Promise<void> {
  // Only the last folder, as ssh does: Node never ends where the file system refuses one with ENOENT (/proc does).
  await mkdir(path.dirname(file), { mode: 0o700 }).catch(() => undefined); // to open it tells what is wrong
  const handle = await open(file, 'a+', 0o600);
  try {
    const text = await handle.readFile('latin1');
    if (linesFor(name, [{ file, text }]).some((line) => line.marker === undefined && line.key.equals(key)))
      return;
    const separator = text === '' || text.endsWith('\n') ? '' : '\n';
    await handle.appendFile(separator + knownHostsLine(name, key, hashed));
  } finally {
    await handle.close();
  }
}
