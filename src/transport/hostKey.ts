import { createHash } from 'node:crypto';
import { FieldReader } from './sshFields';

/** The `SHA256:…` fingerprint of a public key blob, as `ssh-keygen -lf` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The name of the key's type, the first string of its blob (RFC 4253 section 6.6), e.g. `ssh-ed25519`; undefined where it is no key. */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 8) return undefined;
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 64 || 4 + length > key.length) return undefined;
  const type = key.toString('latin1', 4, 4 + length);
  return /^[\x21-\x7e]+$/.test(type) ? type : undefined;
}

/** How many fields follow the type in a public key blob: RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f of OpenSSH. */
const fieldCounts: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** The blob of a public key as it stands in a line of text, `type base64`; undefined where ssh too would pass over it. */
export function publicKeyOf(type: string, base64: string): Buffer | undefined {
  const count = fieldCounts[type];
  if (count === undefined || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    return undefined;
  const key = Buffer.from(base64, 'base64');
  const fields = new FieldReader(key);
  try {
    if (fields.text() !== type) return undefined;
    for (let i = 0; i < count; i++) if (fields.string().length === 0) return undefined;
  } catch {
    return undefined; // it ends too early
  }
  return fields.rest === 0 ? key : undefined;
}
