import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Unusable } from './keyFormat';
import { FieldReader } from './sshFields';
import { keyTypeOf } from './hostKey';

/** No key is larger (MAX_KEY_FILE_SIZE of OpenSSH's authfile.c). */
const maxBytes = 1024 * 1024;

/** A file of an IdentityFile or CertificateFile. */
export type KeyFile =
  | { readonly kind: 'public'; readonly publicKey: Buffer }
  | { readonly kind: 'private'; readonly text: string }
  | { readonly kind: 'absent' }
  | Unusable;

/**
 * Reads a key file. A private key that others may read is refused, as ssh does: whoever could copy it can use it, and what works
 * here would fail in a terminal. Never rejects.
 */
export async function readKeyFile(file: string): Promise<KeyFile> {
  try {
    // Or a named pipe would be waited for. Windows has no such flag.
    const withoutWaiting = (constants.O_NONBLOCK as number | undefined) ?? 0;
    const handle = await open(file, constants.O_RDONLY | withoutWaiting);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return { kind: 'unusable', why: 'it is no file' };
      if (stats.size > maxBytes) return { kind: 'unusable', why: 'it is too large for a key' };
      const text = await handle.readFile('latin1');
      const publicKey = publicKeyOf(text);
      if (publicKey) return { kind: 'public', publicKey };
      const mode = stats.mode & 0o777;
      const own = process.platform !== 'win32' && stats.uid === process.getuid?.();
      return own && (mode & 0o077) !== 0 ? tooOpen(file, mode) : { kind: 'private', text };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'unusable', why: code };
  }
}

/** The public key or certificate of a file, undefined where it holds none. */
export async function readPublicKeyFile(file: string): Promise<Buffer | undefined> {
  const read = await readKeyFile(file);
  return read.kind === 'public' ? read.publicKey : undefined;
}

/** The blob of a public key or certificate in its one-line form. */
export function publicKeyOf(text: string): Buffer | undefined {
  const [type = '', base64 = ''] = text.slice(0, maxBytes).trimStart().split(/\s+/, 2);
  if (!base64.startsWith('AAAA')) return undefined;
  const blob = Buffer.from(base64, 'base64');
  return keyTypeOf(blob) === type && isWhole(blob) ? blob : undefined;
}

/** Whether the blob is a row of whole fields, so that it was not cut off. Certificates are looked at by who reads them. */
function isWhole(blob: Buffer): boolean {
  if (keyTypeOf(blob)?.includes('-cert-') === true) return true;
  const reader = new FieldReader(blob);
  try {
    while (reader.rest > 0) reader.string();
    return true;
  } catch {
    return false;
  }
}

function tooOpen(file: string, mode: number): Unusable {
  const path = /^[\w./~+-]+$/.test(file) ? file : `'${file.replace(/'/g, "'\\''")}'`;
  const command = `chmod 600 ${path}`;
  return {
    kind: 'unusable',
    why: `others may read it: its mode is ${mode.toString(8).padStart(4, '0')}`,
    advice: `Run "${command}"; ssh refuses such a key too.`,
    fix: { kind: 'copy', text: command },
  };
}
