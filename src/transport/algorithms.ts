import { getCiphers, getHashes } from 'node:crypto';
import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { ConnectionError } from './connection';
import { matchesPatternList } from './pattern';
import type { SshSettings } from './sshSettings';

/** What is offered by default, best first, and what ssh2 1.17.0 can do beside it where the configuration asks for it. */
interface Choice<T extends string> {
  readonly offered: readonly T[];
  readonly possible: readonly T[];
}

const keyExchanges: Choice<KexAlgorithm> = {
  offered: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group15-sha512',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group17-sha512',
    'diffie-hellman-group18-sha512',
  ],
  possible: [
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group1-sha1',
  ],
};

/** AES-GCM first: Node has it in machine code, chacha20-poly1305 only in JavaScript. */
const ciphers: Choice<CipherAlgorithm> = {
  offered: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  possible: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
};

const macs: Choice<MacAlgorithm> = {
  offered: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha1-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
  ],
  possible: ['hmac-md5'],
};

/** Without ssh-rsa: its signatures are SHA-1. */
const hostKeys: Choice<ServerHostKeyAlgorithm> = {
  offered: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  possible: ['ssh-rsa', 'ssh-dss'],
};

/**
 * What is offered to the server, as far as this Node's crypto can do it. The SSH configuration narrows and widens our
 * lists, but the order stays ours.
 * `knownTypes`: key types that known_hosts has for the host. They go first, because a server that shows a key of another
 * type than the known one looks like a changed host.
 * @throws {ConnectionError} phase config: nothing of what the configuration allows can be done here
 */
export function algorithmsFor(settings: SshSettings, knownTypes: readonly string[]): Algorithms {
  const isKnown = (algorithm: string): boolean =>
    knownTypes.includes(algorithm.replace(/^rsa-sha2-\d+$/, 'ssh-rsa'));
  const keys = narrowed('HostKeyAlgorithms', hostKeys, settings);
  return {
    kex: narrowed('KexAlgorithms', keyExchanges, settings),
    cipher: narrowed('Ciphers', possibleHere(ciphers, cipherName, getCiphers()), settings),
    hmac: narrowed('MACs', possibleHere(macs, hashName, getHashes()), settings),
    serverHostKey: [...keys.filter(isKnown), ...keys.filter((key) => !isKnown(key))],
  };
}

/**
 * Only what Node's crypto has, judged as ssh2 judges it, which throws on any other name. BoringSSL, with which VS Code's
 * Node is built, has no bare `chacha20`.
 */
function possibleHere<T extends string>(
  { offered, possible }: Choice<T>,
  nameInCrypto: (algorithm: T) => string,
  names: readonly string[],
): Choice<T> {
  const isHere = (algorithm: T): boolean => names.includes(nameInCrypto(algorithm));
  return { offered: offered.filter(isHere), possible: possible.filter(isHere) };
}

/** `aes128-gcm@openssh.com` is `aes-128-gcm` in OpenSSL. */
function cipherName(cipher: CipherAlgorithm): string {
  if (cipher === 'chacha20-poly1305@openssh.com') return 'chacha20';
  if (cipher === '3des-cbc') return 'des-ede3-cbc';
  return cipher.replace(/@.*$/, '').replace(/^aes/, 'aes-');
}

/** `hmac-sha2-256-etm@openssh.com` is made of `sha256`. */
function hashName(mac: MacAlgorithm): string {
  return mac.replace(/^hmac-|-etm@.*$/g, '').replace('sha2-', 'sha');
}

/** The list that the SSH configuration has under a keyword. */
const configured = {
  KexAlgorithms: (settings) => settings.keyExchanges,
  Ciphers: (settings) => settings.ciphers,
  MACs: (settings) => settings.macs,
  HostKeyAlgorithms: (settings) => settings.hostKeyAlgorithms,
} satisfies Record<string, (settings: SshSettings) => string | undefined>;

/** Applies a list of ssh_config(5), e.g. `Ciphers`: names with wildcards, after `+` added, after `-` removed, after `^` first. */
function narrowed<T extends string>(
  keyword: keyof typeof configured,
  { offered, possible }: Choice<T>,
  settings: SshSettings,
): T[] {
  const spec = configured[keyword](settings);
  if (spec === undefined) return [...offered];
  const patterns = spec.replace(/^[+\-^]/, '').split(',');
  const named = (algorithm: T): boolean => matchesPatternList(algorithm, patterns);
  if (spec.startsWith('+')) return [...offered, ...possible.filter(named)];
  if (spec.startsWith('^'))
    return [...[...offered, ...possible].filter(named), ...offered.filter((algorithm) => !named(algorithm))];
  const chosen = spec.startsWith('-')
    ? offered.filter((algorithm) => !named(algorithm))
    : [...offered, ...possible].filter(named);
  // Never wider than what was allowed; for an empty list ssh2 would take its own, which has SHA-1 host keys.
  if (chosen.length === 0) throw noneLeft(keyword, settings);
  return chosen;
}

function noneLeft(keyword: string, { target }: SshSettings): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    `The SSH configuration of ${target.typed} allows nothing in ${keyword} that this extension knows.`,
    "The system's own ssh program may know it.",
    { fix: { kind: 'use-openssh' } },
  );
}
