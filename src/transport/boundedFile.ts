import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** 100,000 keys and more. A larger text would hold up everything else while it is looked through. */
const maxBytes = 16 * 1024 * 1024;

/**
 * The whole text of a file of the SSH configuration, or of one that lists public keys: there `latin1`, as a line with broken
 * UTF-8 must not hide or change another. `/dev/null` is empty.
 * @throws where it cannot be read, is larger than 16 MiB, or is a named pipe, a folder (code EISDIR) or the like
 */
export async function readBoundedFile(file: string, encoding: 'utf8' | 'latin1'): Promise<string> {
  // Or a named pipe would be waited for. Windows has no such flag.
  const withoutWaiting = (constants.O_NONBLOCK as number | undefined) ?? 0;
  const handle = await open(file, constants.O_RDONLY | withoutWaiting);
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    if (!stats.isFile() && !stats.isCharacterDevice()) throw new Error('it is no file');
    if (stats.size > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024 / 1024} MiB`);
    if (stats.isFile()) return await handle.readFile(encoding);
    const { bytesRead } = await handle.read(Buffer.alloc(1), 0, 1);
    if (bytesRead > 0) throw new Error('it is a device');
    return '';
  } finally {
    await handle.close();
  }
}

/** Why {@link readBoundedFile} failed, in a word or two. */
export function whyUnread(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
