import { createPrivateKey, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { utils, type ParsedKey } from './ssh2';

/** A private key that can sign. */
export interface SigningKey {
  /** Public key blob as it goes over the wire (RFC 4253 section 6.6). */
  readonly publicKey: Buffer;
  /**
   * `hash`: `sha256` or `sha512` where the algorithm leaves a choice (RSA).
   * @throws where the key cannot sign
   */
  sign(data: Buffer, hash: string | undefined): Buffer;
}

/** What became of reading a private key. */
export type KeyReading =
  | { readonly kind: 'key'; readonly key: SigningKey }
  /** Encrypted, and no or the wrong passphrase was given. `publicKey` where the file shows it all the same. */
  | { readonly kind: 'locked'; readonly publicKey?: Buffer }
  | { readonly kind: 'unusable'; readonly why: string };

/**
 * Reads a private key in the formats of OpenSSH, PEM, PKCS#8 and PuTTY (version 2). Decrypting a key of OpenSSH takes
 * the processor for about 0.2 s.
 */
export function readPrivateKey(text: string, passphrase?: string): KeyReading {
  if (/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) return readPkcs8(text, passphrase);
  let parsed: ParsedKey | ParsedKey[] | Error;
  try {
    parsed = utils.parseKey(text, passphrase);
  } catch (error) {
    parsed = error instanceof Error ? error : new Error(String(error));
  }
  const key: ParsedKey | Error | undefined = Array.isArray(parsed)
    ? (parsed[0] as ParsedKey | undefined)
    : parsed;
  if (key === undefined) return { kind: 'unusable', why: 'it holds no key' };
  if (key instanceof Error) return failed(key, text, passphrase);
  if (!key.isPrivateKey()) return { kind: 'unusable', why: 'it holds no private key' };
  return {
    kind: 'key',
    key: { publicKey: key.getPublicSSH(), sign: (data, hash) => signature(key, data, hash) },
  };
}

function signature(key: ParsedKey, data: Buffer, hash: string | undefined): Buffer {
  const signed: Buffer | Error = key.sign(data, hash); // returns what other libraries throw
  if (signed instanceof Error) throw signed;
  return signed;
}

function failed(error: Error, text: string, passphrase: string | undefined): KeyReading {
  const locked: KeyReading = { kind: 'locked', ...publicPart(text) };
  if (/no passphrase given/i.test(error.message)) return locked;
  // A wrong passphrase shows in many ways in the older formats; an unknown cipher is not one of them.
  const unknown = /unsupported|unknown|invalid cipher/i.test(error.message);
  if (passphrase !== undefined && !unknown) return locked;
  return { kind: 'unusable', why: unknown ? 'its format or cipher is not supported' : 'it is malformed' };
}

/** The public key that a private key in OpenSSH's own format shows without its passphrase (PROTOCOL.key). */
function publicPart(text: string): { publicKey?: Buffer } {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  const blob = Buffer.from(body ?? '', 'base64');
  const magic = 'openssh-key-v1\0';
  if (blob.toString('latin1', 0, magic.length) !== magic) return {};
  let at = magic.length;
  const next = (): Buffer => {
    const end = at + 4 + blob.readUInt32BE(at);
    const field = blob.subarray(at + 4, end);
    at = end;
    return field;
  };
  try {
    next(); // cipher
    next(); // key derivation
    next(); // its options
    at += 4; // number of keys, always 1
    return { publicKey: Buffer.from(next()) };
  } catch {
    return {};
  }
}

/** PKCS#8, which ssh2 does not read. Node signs with it directly, so nothing is converted but the public part. */
function readPkcs8(text: string, passphrase: string | undefined): KeyReading {
  const encrypted = text.includes('-----BEGIN ENCRYPTED');
  if (encrypted && passphrase === undefined) return { kind: 'locked' };
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: 'pem', ...(encrypted && { passphrase: passphrase ?? '' }) });
  } catch {
    return encrypted ? { kind: 'locked' } : { kind: 'unusable', why: 'it is malformed' };
  }
  const publicKey = publicBlob(key);
  if (!publicKey)
    return { kind: 'unusable', why: `keys of type ${key.asymmetricKeyType ?? 'unknown'} are not supported` };
  return {
    kind: 'key',
    key: { publicKey, sign: (data, hash) => sign(hash ?? defaultHash(key), data, key) },
  };
}

/** RFC 5656 section 6.2.1: the hash goes with the size of the curve. Ed25519 has its own. */
function defaultHash(key: KeyObject): string | null {
  if (key.asymmetricKeyType === 'ed25519') return null;
  const hashes: Readonly<Record<string, string>> = {
    prime256v1: 'sha256',
    secp384r1: 'sha384',
    secp521r1: 'sha512',
  };
  return hashes[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256';
}

/** Undefined: SSH has no such keys (RSA-PSS, P-224) or we do not use them (DSA). */
function publicBlob(key: KeyObject): Buffer | undefined {
  let jwk: JsonWebKey;
  try {
    jwk = key.export({ format: 'jwk' });
  } catch {
    return undefined;
  }
  const number = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (key.asymmetricKeyType === 'ed25519') return strings('ssh-ed25519', number(jwk.x));
  if (key.asymmetricKeyType === 'rsa')
    return strings('ssh-rsa', positive(number(jwk.e)), positive(number(jwk.n)));
  const size = /^P-(256|384|521)$/.exec(jwk.crv ?? '')?.[1];
  if (size === undefined) return undefined;
  const point = Buffer.concat([Buffer.of(4), number(jwk.x), number(jwk.y)]);
  return strings(`ecdsa-sha2-nistp${size}`, `nistp${size}`, point);
}

/** RFC 4251 section 5: a number whose first bit is set gets a leading zero, or it would be negative. */
function positive(number: Buffer): Buffer {
  return (number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), number]) : number;
}

function strings(...fields: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
