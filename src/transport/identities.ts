import { readFile } from 'node:fs/promises';
import { ConnectionError, type Prompts } from './connection';
import { keyTypeOf } from './hostKey';
import { agentKeys, canOffer, type OfferedKey } from './keyAgent';
import { readPrivateKey, type SigningKey } from './privateKey';
import { utils } from './ssh2';
import { isDefaultIdentityFile, type SshSettings } from './sshSettings';

/** How often a person may try a passphrase or a password. */
export const maxAttempts = 3;

/** A key to offer, at once or only after it was decrypted because its file does not show the public key. */
export type Candidate = OfferedKey | { readonly name: string; unlock(): Promise<OfferedKey | undefined> };

/** What {@link candidateKeys} needs to know. */
export interface IdentityContext {
  readonly settings: SshSettings;
  readonly prompts: Pick<Prompts, 'secret'>;
  /** Keys that were decrypted before, by the text of their file. A key that is decrypted is added. */
  readonly unlocked: Map<string, SigningKey>;
  /** Told of each key or agent that cannot be used, in words for people. */
  readonly skip: (why: string) => void;
}

/** One IdentityFile: its public key where that can be known, its private key where there is one. */
interface Identity {
  readonly file: string;
  readonly publicKey?: Buffer;
  readonly candidate?: Candidate;
}

/**
 * The keys to offer, in the order of OpenSSH: those of the agent that an IdentityFile names, the others of the agent
 * (unless IdentitiesOnly), then key files.
 */
export async function candidateKeys(context: IdentityContext): Promise<Candidate[]> {
  const { settings } = context;
  const identities = await Promise.all(settings.identityFiles.map((file) => readIdentity(file, context)));
  const inAgent = await keysOfAgent(context);

  const named = identities.flatMap(({ publicKey }) =>
    inAgent.filter((key) => publicKey?.equals(key.publicKey)),
  );
  const others = settings.identitiesOnly ? [] : inAgent.filter((key) => !named.includes(key));
  const files = identities.filter(
    ({ publicKey }) => !inAgent.some((key) => publicKey?.equals(key.publicKey)),
  );
  return [...new Set([...named, ...others, ...files.flatMap(({ candidate }) => candidate ?? [])])];
}

async function keysOfAgent({ settings, skip }: IdentityContext): Promise<OfferedKey[]> {
  if (settings.identityAgent === undefined) return [];
  try {
    return await agentKeys(settings.identityAgent);
  } catch (error) {
    skip(`the SSH agent (${error instanceof Error ? error.message : String(error)})`);
    return [];
  }
}

async function readIdentity(file: string, context: IdentityContext): Promise<Identity> {
  const beside = await readPublicKey(`${file}.pub`);
  let text: string;
  try {
    text = await readFile(file, 'latin1');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const expected = code === 'ENOENT' && (beside !== undefined || isDefaultIdentityFile(file));
    if (!expected) context.skip(`${file} (${code})`);
    return { file, ...(beside && { publicKey: beside }) };
  }

  const itself = publicKeyOf(text); // IdentityFile may name a .pub whose private key is in the agent
  if (itself) return { file, publicKey: itself };

  const kept = context.unlocked.get(text);
  const reading = kept ? { kind: 'key' as const, key: kept } : readPrivateKey(text);
  if (reading.kind === 'unusable') {
    context.skip(`${file} (${reading.why})`);
    return { file };
  }
  if (reading.kind === 'key') {
    const { key } = reading;
    const sign: OfferedKey['sign'] = (data, hash) => Promise.resolve(key.sign(data, hash));
    return { file, publicKey: key.publicKey, candidate: { name: file, publicKey: key.publicKey, sign } };
  }

  const publicKey = reading.publicKey ?? beside;
  if (!publicKey) {
    const unlock = async (): Promise<OfferedKey | undefined> => {
      const key = await unlockKey(file, text, context);
      return (
        key && {
          name: file,
          publicKey: key.publicKey,
          sign: (data, hash) => Promise.resolve(key.sign(data, hash)),
        }
      );
    };
    return { file, candidate: { name: file, unlock } };
  }
  if (!canOffer(publicKey)) {
    context.skip(`${file} (keys of type ${keyTypeOf(publicKey) ?? 'unknown'} are not supported)`);
    return { file, publicKey };
  }
  const sign: OfferedKey['sign'] = async (data, hash) => {
    const key = await unlockKey(file, text, context);
    if (!key) throw new Error(`${file} stays locked`);
    return key.sign(data, hash);
  };
  return { file, publicKey, candidate: { name: file, publicKey, sign } };
}

/**
 * Asks for the passphrase of a key file. Undefined: the person left it empty, or it was wrong too often.
 * @throws {ConnectionError} (remedy cancelled)
 */
async function unlockKey(
  file: string,
  text: string,
  context: IdentityContext,
): Promise<SigningKey | undefined> {
  const kept = context.unlocked.get(text);
  if (kept) return kept;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const passphrase = await context.prompts.secret({ kind: 'passphrase', subject: file, attempt });
    if (passphrase === undefined) {
      throw new ConnectionError('authentication', 'cancelled', `The passphrase of ${file} was not given.`);
    }
    if (passphrase === '') break;
    const reading = readPrivateKey(text, passphrase);
    if (reading.kind === 'key') {
      context.unlocked.set(text, reading.key);
      return reading.key;
    }
    if (reading.kind === 'unusable') {
      context.skip(`${file} (${reading.why})`);
      return undefined;
    }
  }
  context.skip(`${file} (no right passphrase)`);
  return undefined;
}

async function readPublicKey(file: string): Promise<Buffer | undefined> {
  return publicKeyOf(await readFile(file, 'latin1').catch(() => ''));
}

/** The blob of a public key in its one-line form. */
function publicKeyOf(text: string): Buffer | undefined {
  if (!/^[a-z0-9@.-]+ AAAA/.test(text)) return undefined;
  const key = utils.parseKey(text);
  if (!(key instanceof Error) && !Array.isArray(key)) return key.getPublicSSH();
  const [type = '', base64 = ''] = text.split(/\s+/);
  const blob = Buffer.from(base64, 'base64');
  return keyTypeOf(blob) === type ? blob : undefined;
}
