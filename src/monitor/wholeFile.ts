import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';

/**
 * Writes a file under another name, syncs and renames it, so that it is whole whenever there is one. What is left of a write that
 * was cut off ends in `.tmp`.
 * @param stem of the other name.
 * @returns what the new file is.
 * @throws {NodeJS.ErrnoException} where it cannot be written.
 */
export async function writeWhole(target: string, stem: string, text: string): Promise<Stats> {
  const temporary = `${stem}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    let stats: Stats;
    try {
      await file.writeFile(text);
      await file.sync();
      stats = await file.stat();
    } finally {
      await file.close();
    }
    await renameOver(temporary, target);
    return stats;
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Windows refuses while another program looks at the file, which is soon over. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (attempt === 5 || (code !== 'EPERM' && code !== 'EACCES' && code !== 'EBUSY')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
    }
  }
}

/** A name that was made is on the disk as well. Windows opens no folder, and needs none of it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
