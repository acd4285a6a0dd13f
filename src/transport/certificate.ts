import { cleanText } from './cleanText';
import { keyTypeOf } from './hostKey';
import { FieldReader, stringFields } from './sshFields';

/** What a client has to know of an OpenSSH certificate (PROTOCOL.certkeys of OpenSSH, since 5.4). */
export interface Certificate {
  /** The plain public key that it certifies. */
  readonly publicKey: Buffer;
  readonly isForUsers: boolean;
  /** The name that its authority gave it. Anything may stand there. */
  readonly keyId: string;
  /** Seconds since 1970. */
  readonly validAfterSeconds: bigint;
  /** Seconds since 1970; all bits set: for ever. */
  readonly validBeforeSeconds: bigint;
}

const suffix = '-cert-v01@openssh.com';

/** How many fields the public key has behind its type. */
const fieldsOf: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** The algorithm to sign with, e.g. `rsa-sha2-512` for `rsa-sha2-512-cert-v01@openssh.com`; also of a key's type. */
export function plainAlgorithm(algorithm: string): string {
  if (!algorithm.endsWith(suffix)) return algorithm;
  const plain = algorithm.slice(0, -suffix.length);
  return plain.startsWith('sk-') ? `${plain}@openssh.com` : plain;
}

/** Undefined: it is no certificate, or one that is broken or of a type that we do not know. */
export function readCertificate(blob: Buffer): Certificate | undefined {
  const type = keyTypeOf(blob);
  if (!type?.endsWith(suffix)) return undefined;
  const plain = plainAlgorithm(type);
  const fields = fieldsOf[plain];
  if (fields === undefined) return undefined;
  const reader = new FieldReader(blob);
  try {
    reader.string(); // the type
    reader.string(); // a nonce
    const publicKey = stringFields(plain, ...Array.from({ length: fields }, () => reader.string()));
    reader.uint64(); // serial number
    const isForUsers = reader.uint32() === 1; // SSH2_CERT_TYPE_USER
    const keyId = reader.text();
    reader.string(); // principals
    const validAfterSeconds = reader.uint64();
    const validBeforeSeconds = reader.uint64();
    // Critical options, extensions, a reserved field, the authority's key and its signature: for the server.
    for (let field = 0; field < 5; field++) reader.string();
    if (reader.rest > 0) return undefined;
    return { publicKey, isForUsers, keyId, validAfterSeconds, validBeforeSeconds };
  } catch {
    return undefined;
  }
}

/** Why a server would not take the certificate now, e.g. `expired on 2026-01-31T12:00:00Z`; undefined: nothing is known. */
export function outOfDate(certificate: Certificate, nowMs: number): string | undefined {
  const now = BigInt(Math.floor(nowMs / 1000));
  if (certificate.validBeforeSeconds <= now) return `expired on ${dateOf(certificate.validBeforeSeconds)}`;
  if (certificate.validAfterSeconds > now) return `not valid before ${dateOf(certificate.validAfterSeconds)}`;
  return undefined;
}

function dateOf(seconds: bigint): string {
  const ms = Number(seconds) * 1000;
  return ms > 8.64e15 ? 'a far day' : new Date(ms).toISOString().replace('.000', '');
}

/** How a certificate is called in messages: where it is, its name, and what is wrong with its dates. */
export function certificateName(where: string, certificate: Certificate, nowMs = Date.now()): string {
  const dates = outOfDate(certificate, nowMs);
  const id = cleanText(certificate.keyId, 60);
  return `${where} (certificate ${id}${dates === undefined ? '' : `, ${dates}`})`;
}
