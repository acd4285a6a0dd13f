import { createHash } from 'node:crypto';
import { ConnectionError } from './connection';
import { fingerprintOf } from './hostKey';
import type { Unusable } from './keyFormat';
import type { LoginContext } from './loginContext';
import { readPrivateKey, type SigningKey } from './privateKey';
import type { SecretName } from './secretKeeper';

/** How often a person may try a passphrase or a password. */
export const maxAttempts = 3;

/**
 * Decrypts a key file: with what was decrypted before, with the passphrase that is kept, or with one that a person types.
 * Undefined: the person left it empty, or it was wrong too often, and `skip` was told.
 * @throws {ConnectionError} (remedy cancelled)
 */
export async function unlockKey(
  file: string,
  text: string,
  publicKey: Buffer | undefined,
  context: LoginContext,
): Promise<SigningKey | undefined> {
  const unlocked = context.memory.unlocked.get(text);
  if (unlocked) return unlocked;
  const name: SecretName = { kind: 'passphrase', file, key: fingerprintOrDigest(text, publicKey) };

  const kept = await context.paused(async () => context.memory.keeper?.get(name));
  if (kept !== undefined) {
    const reading = readPrivateKey(text, kept);
    if (reading.kind === 'key') return remember(text, reading.key, context);
    await context.memory.keeper?.forget(name);
  }

  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const passphrase = await context.prompts.secret({ kind: 'passphrase', subject: file, attempt });
    if (passphrase === undefined) {
      throw new ConnectionError('authentication', 'cancelled', `The passphrase of ${file} was not given.`);
    }
    if (passphrase === '') break;
    const reading = readPrivateKey(text, passphrase);
    if (reading.kind === 'key') {
      context.typed(name, passphrase);
      return remember(text, reading.key, context);
    }
    if (reading.kind === 'unusable') {
      skipFile(file, reading, context);
      return undefined;
    }
  }
  context.skip(`${file} (no right passphrase)`);
  return undefined;
}

/** Tells of a key file that cannot be used. */
export function skipFile(file: string, { why, advice, fix }: Unusable, context: LoginContext): void {
  context.skip(`${file} (${why})`, advice === undefined ? undefined : { advice, fix });
}

function remember(text: string, key: SigningKey, context: LoginContext): SigningKey {
  context.memory.unlocked.set(text, key);
  return key;
}

/** Older formats do not show the public key: then the file itself is the name. */
function fingerprintOrDigest(text: string, publicKey: Buffer | undefined): string {
  if (publicKey) return fingerprintOf(publicKey);
  return `file SHA256:${createHash('sha256').update(text, 'latin1').digest('base64')}`;
}
