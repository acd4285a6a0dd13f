import { createHmac, randomBytes } from 'node:crypto';
import { fingerprintOf, keyTypeOf, publicKeyOf } from './hostKey';
import { matchesPatternList } from './pattern';

/** The text of one known_hosts file; an absent file is an empty text. */
export interface KnownHostsText {
  readonly file: string;
  readonly text: string;
}

/** A line of known_hosts that speaks of the host in question. */
export interface KnownHostLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly marker?: 'cert-authority' | 'revoked';
  readonly keyType: string;
  readonly key: Buffer;
}

/** What the known_hosts files say of a key that a host offers. */
export type Verdict =
  | { readonly kind: 'known'; readonly line: KnownHostLine }
  /** Nothing is known of this host. `authority`: it is named by a @cert-authority line only, which plain keys cannot satisfy. */
  | { readonly kind: 'unknown'; readonly authority: boolean }
  /** Other keys are known and this one is not among them, be it of the same or of another type. */
  | { readonly kind: 'changed'; readonly lines: readonly KnownHostLine[] }
  | { readonly kind: 'revoked'; readonly line: KnownHostLine };

/** The name that known_hosts has for a host: lower case, `[host]:port` unless the port is 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/**
 * All well-formed lines that name the host, in the order of files and lines. `name` is as {@link knownHostsName} gives it.
 * Malformed lines are passed over, as ssh does.
 */
export function linesFor(name: string, texts: readonly KnownHostsText[]): KnownHostLine[] {
  const wanted = name.toLowerCase();
  const found: KnownHostLine[] = [];
  for (const { file, text } of texts) {
    for (const [index, line] of text.split('\n').entries()) {
      const known = lineFor(wanted, line);
      if (known) found.push({ file, line: index + 1, ...known });
    }
  }
  return found;
}

/**
 * Judges an offered key, after the rules of OpenSSH: a revoked key is refused before anything else; where `[host]:port`
 * is not known, a key known for the plain name is accepted (sshd moved to another port).
 */
export function verdictOf(
  key: Buffer,
  host: string,
  port: number,
  texts: readonly KnownHostsText[],
): Verdict {
  const own = linesFor(knownHostsName(host, port), texts);
  const plain = port === 22 ? [] : linesFor(knownHostsName(host, 22), texts);

  const isKey = (line: KnownHostLine): boolean => line.key.equals(key);
  const revoked = [...own, ...plain].find((line) => line.marker === 'revoked' && isKey(line));
  if (revoked) return { kind: 'revoked', line: revoked };

  const keys = own.filter((line) => line.marker === undefined);
  const known = keys.find(isKey);
  if (known) return { kind: 'known', line: known };
  if (keys.length > 0) return { kind: 'changed', lines: keys };

  const elsewhere = plain.find((line) => line.marker === undefined && isKey(line));
  if (elsewhere) return { kind: 'known', line: elsewhere };
  return { kind: 'unknown', authority: own.some((line) => line.marker === 'cert-authority') };
}

/** The types of the keys known for a host, those of the plain name last. They go first in what we ask the server for. */
export function knownKeyTypes(host: string, port: number, texts: readonly KnownHostsText[]): string[] {
  const names = new Set([knownHostsName(host, port), knownHostsName(host, 22)]);
  const lines = [...names].flatMap((name) => linesFor(name, texts));
  return [...new Set(lines.filter((line) => line.marker === undefined).map((line) => line.keyType))];
}

/** A line for known_hosts, with its line feed. `hashed`: the name is hidden, as HashKnownHosts asks. */
export function knownHostsLine(name: string, key: Buffer, hashed: boolean): string {
  const shown = hashed ? hashedName(name, randomBytes(20)) : name;
  return `${shown} ${keyTypeOf(key) ?? ''} ${key.toString('base64')}\n`;
}

/** The fingerprints of lines, as a person compares them: `ssh-ed25519 SHA256:… (file:line)`. */
export function describeLines(lines: readonly KnownHostLine[]): string {
  return lines
    .slice(0, 4)
    .map((line) => `${line.keyType} ${fingerprintOf(line.key)} (${line.file}:${line.line})`)
    .join(', ');
}

/** `[markers] names keytype base64-key [comment]`, see sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT". */
function lineFor(name: string, line: string): Pick<KnownHostLine, 'marker' | 'keyType' | 'key'> | undefined {
  const fields = line.replace(/\r$/, '').split(/[ \t]+/);
  if (fields[0] === '') fields.shift();
  if (fields.length === 0 || fields[0]?.startsWith('#')) return undefined;

  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  if (marker !== undefined && marker !== '@cert-authority' && marker !== '@revoked') return undefined;

  const [names = '', keyType = '', base64 = ''] = fields;
  if (!namesHost(names, name)) return undefined;
  const key = publicKeyOf(keyType, base64);
  if (!key) return undefined;
  return {
    ...(marker && { marker: marker === '@revoked' ? 'revoked' : 'cert-authority' }),
    keyType,
    key,
  };
}

function namesHost(names: string, name: string): boolean {
  if (!names.startsWith('|')) return matchesPatternList(name, names.toLowerCase().split(','));
  const [, version, salt = '', , rest] = names.split('|');
  if (version !== '1' || rest !== undefined) return false;
  return names === hashedName(name, Buffer.from(salt, 'base64'));
}

/** `|1|salt|HMAC-SHA1(salt, name)`, both in base64. */
function hashedName(name: string, salt: Buffer): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}
