import type { Fix } from './connection';
import { keyTypeOf } from './hostKey';
import { FieldReader } from './sshFields';

/** A key file of no use to us, in words for people. */
export interface Unusable {
  readonly kind: 'unusable';
  /** Goes on a sentence that names the file, e.g. `it is cut off`. */
  readonly why: string;
  /** What to do about it, one sentence. */
  readonly advice?: string;
  readonly fix?: Fix;
}

/** What a private key in OpenSSH's own format shows without its passphrase (PROTOCOL.key of OpenSSH, since 6.5). */
export interface OpenSshKeyHeader {
  readonly cipher: string;
  /** How often the passphrase is hashed; 0 where nothing is encrypted. */
  readonly rounds: number;
  readonly publicKey: Buffer;
}

const magic = 'openssh-key-v1\0';

/** A key with more rounds would hold up everything else for over 6 s (16 is the default and takes 0.2 s). */
const maxRounds = 500;

/** Undefined: it is in another format, or broken. */
export function openSshKeyHeader(text: string): OpenSshKeyHeader | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  const blob = Buffer.from(body ?? '', 'base64');
  if (blob.toString('latin1', 0, magic.length) !== magic) return undefined;
  const reader = new FieldReader(blob.subarray(magic.length));
  try {
    const cipher = reader.text();
    reader.string(); // key derivation, always bcrypt
    const options = new FieldReader(reader.string());
    if (options.rest > 0) options.string(); // salt
    const rounds = options.rest > 0 ? options.uint32() : 0;
    reader.uint32(); // number of keys, always 1
    return { cipher, rounds, publicKey: Buffer.from(reader.string()) };
  } catch {
    return undefined;
  }
}

/** Why a key file that is neither PEM nor PKCS#8 cannot be read, with or without a passphrase; undefined: it may be read. */
export function whyUnreadable(text: string): Unusable | undefined {
  if (text.startsWith('PuTTY-User-Key-File-')) return puttyProblem(text);
  if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----')) return openSshProblem(text);
  const isPublic = /^(---- BEGIN SSH2 PUBLIC KEY|-----BEGIN (RSA )?PUBLIC KEY)/.test(text);
  const why = isPublic ? 'it is a public key; name the private one' : 'it is no private key';
  return { kind: 'unusable', why };
}

function puttyProblem(text: string): Unusable | undefined {
  if (/^PuTTY-User-Key-File-2: ssh-rsa\r?\n/.test(text)) return undefined;
  const advice =
    'Convert it with "puttygen KEY.ppk -O private-openssh -o KEY", or in PuTTYgen with Conversions > Export OpenSSH key, or load it in Pageant.';
  return { kind: 'unusable', why: 'of the keys of PuTTY only RSA keys of version 2 can be read', advice };
}

function openSshProblem(text: string): Unusable | undefined {
  if (!text.includes('-----END ')) return { kind: 'unusable', why: 'it is cut off' };
  const header = openSshKeyHeader(text);
  if (!header) return { kind: 'unusable', why: 'it is malformed' };
  const fix: Fix = { kind: 'use-openssh' };
  if (keyTypeOf(header.publicKey)?.startsWith('sk-') === true) {
    const advice = 'Load it in an agent with ssh-add, or let the system’s own ssh program connect.';
    return { kind: 'unusable', why: 'the key itself is in a FIDO device', advice, fix };
  }
  if (header.cipher === 'chacha20-poly1305@openssh.com') {
    const advice =
      'Encrypt it anew with "ssh-keygen -p -Z aes256-ctr -f KEY", or load it in an agent with ssh-add.';
    return { kind: 'unusable', why: 'its cipher chacha20-poly1305 is not supported', advice, fix };
  }
  if (header.rounds > maxRounds) {
    const advice = 'Load it in an agent with ssh-add.';
    return { kind: 'unusable', why: `its passphrase is hashed ${header.rounds} times`, advice, fix };
  }
  return undefined;
}
