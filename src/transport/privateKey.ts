import { createPrivateKey, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { positive, stringFields } from './sshFields';
import { openSshKeyHeader, whyUnreadable, type Unusable } from './keyFormat';
import { utils, type ParsedKey } from './ssh2';

/** A private key that can sign. */
export interface SigningKey {
  /** Public key blob as it goes over the wire (RFC 4253 section 6.6). */
  readonly publicKey: Buffer;
  /**
   * The signature as it goes over the wire: algorithm and bytes. `algorithm`: the type of the key, or for RSA `rsa-sha2-512`,
   * `rsa-sha2-256` or `ssh-rsa`.
   */
  sign(data: Buffer, algorithm: string): Promise<Buffer>;
}

/** What became of reading a private key. */
export type KeyReading =
  | { readonly kind: 'key'; readonly key: SigningKey }
  /** Encrypted, and no or the wrong passphrase was given. `publicKey` where the file shows it all the same. */
  | { readonly kind: 'locked'; readonly publicKey?: Buffer }
  | Unusable;

/**
 * Reads a private key in the formats of OpenSSH, PEM, PKCS#8 and PuTTY (version 2, RSA). Decrypting a key of OpenSSH takes
 * the processor for about 0.2 s.
 */
export function readPrivateKey(text: string, passphrase?: string): KeyReading {
  if (/-----BEGIN (RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----/.test(text)) return readPem(text, passphrase);
  const unreadable = whyUnreadable(text);
  if (unreadable) return unreadable;

  const header = openSshKeyHeader(text);
  const encrypted = header ? header.cipher !== 'none' : /^Encryption: (?!none)/m.test(text);
  const locked: KeyReading = { kind: 'locked', ...(header && { publicKey: header.publicKey }) };
  if (encrypted && (passphrase ?? '') === '') return locked;
  try {
    const parsed = utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key instanceof Error) throw key;
    return keyFrom(createPrivateKey(key?.getPrivatePEM() ?? ''));
  } catch {
    // A wrong passphrase shows in many ways.
    return encrypted ? locked : { kind: 'unusable', why: 'it is malformed' };
  }
}

const encryptAnew =
  'Make a new key with "ssh-keygen -t ed25519", or encrypt this one anew with an OpenSSL that still has its cipher.';

/** Traditional PEM and PKCS#8, which Node reads itself. */
function readPem(text: string, passphrase: string | undefined): KeyReading {
  const encrypted = text.includes('-----BEGIN ENCRYPTED') || /^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (encrypted && (passphrase ?? '') === '') return { kind: 'locked' };
  try {
    return keyFrom(createPrivateKey({ key: text, format: 'pem', ...(encrypted && { passphrase }) }));
  } catch (error) {
    if (encrypted && /unsupported|unknown/i.test((error as NodeJS.ErrnoException).code ?? '')) {
      return { kind: 'unusable', why: 'its encryption is not supported', advice: encryptAnew };
    }
    if (!text.includes('-----END ')) return { kind: 'unusable', why: 'it is cut off' };
    return encrypted ? { kind: 'locked' } : { kind: 'unusable', why: 'it is malformed' };
  }
}

function keyFrom(key: KeyObject): KeyReading {
  const publicKey = publicBlob(key);
  if (publicKey)
    return { kind: 'key', key: { publicKey, sign: (data, algorithm) => signatureBy(key, data, algorithm) } };
  const type = key.asymmetricKeyType ?? 'unknown';
  if (type !== 'dsa') return { kind: 'unusable', why: `keys of type ${type} are not supported` };
  const advice =
    'Servers refuse DSA keys since OpenSSH 7.0 (2015): make a new one with "ssh-keygen -t ed25519".';
  return { kind: 'unusable', why: 'it is a DSA key', advice };
}

const hashes: Readonly<Record<string, string>> = {
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  // RFC 5656 section 6.2.1: the hash goes with the size of the curve.
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

/** Signs in a thread of Node's, for a large RSA key takes its time. */
async function signatureBy(key: KeyObject, data: Buffer, algorithm: string): Promise<Buffer> {
  const signed = await new Promise<Buffer>((resolve, reject) => {
    // Ed25519 has a hash of its own, for which Node wants null.
    const hash = hashes[algorithm] ?? null;
    sign(hash, data, { key, dsaEncoding: 'ieee-p1363' }, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    );
  });
  if (!algorithm.startsWith('ecdsa-')) return stringFields(algorithm, signed);
  const half = signed.length / 2;
  const pair = stringFields(positive(signed.subarray(0, half)), positive(signed.subarray(half)));
  return stringFields(algorithm, pair);
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
  if (key.asymmetricKeyType === 'ed25519') return stringFields('ssh-ed25519', number(jwk.x));
  if (key.asymmetricKeyType === 'rsa')
    return stringFields('ssh-rsa', positive(number(jwk.e)), positive(number(jwk.n)));
  const size = /^P-(256|384|521)$/.exec(jwk.crv ?? '')?.[1];
  if (size === undefined) return undefined;
  const point = Buffer.concat([Buffer.of(4), number(jwk.x), number(jwk.y)]);
  return stringFields(`ecdsa-sha2-nistp${size}`, `nistp${size}`, point);
}
