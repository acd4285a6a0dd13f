import type { HostVerifier } from 'ssh2';
import { ConnectionError, type HostKeyQuestion, type Prompts } from './connection';
import { fingerprintOf, keyTypeOf } from './hostKey';
import {
  describeLines,
  knownHostsName,
  verdictOf,
  type KnownHostLine,
  type KnownHostsText,
} from './knownHosts';
import { revokedAtLine } from './revokedKeys';
import { shellWord } from './shellWord';
import type { SshSettings } from './sshSettings';

/** The key of a host as it was accepted. `save` and `once`: to be remembered when the handshake has proved it. */
export interface AcceptedKey {
  readonly key: Buffer;
  readonly trust: 'known' | 'save' | 'once';
  /** `file:line` of a known key. */
  readonly where?: string;
}

/** The name and port under which known_hosts has a host: HostKeyAlias goes without a port. */
export function knownHostsAddress(settings: SshSettings): { readonly host: string; readonly port: number } {
  return settings.hostKeyAlias === undefined
    ? { host: settings.hostName, port: settings.port }
    : { host: settings.hostKeyAlias, port: 22 };
}

/**
 * Decides on the key that a host offers; asks only about a host of which nothing is known.
 * `once`: a key accepted earlier by the same transport without being saved.
 * @throws {ConnectionError} phase host-key: changed, revoked, refused by configuration or by the person
 */
export async function decideHostKey(
  key: Buffer,
  settings: SshSettings,
  texts: readonly KnownHostsText[],
  once: Buffer | undefined,
  prompts: Pick<Prompts, 'unknownHostKey'>,
): Promise<AcceptedKey> {
  const { host, port } = knownHostsAddress(settings);
  const verdict = verdictOf(key, host, port, texts);
  const question: HostKeyQuestion = {
    alias: settings.target.typed,
    address: knownHostsName(host, port),
    keyType: keyTypeOf(key) ?? 'unknown',
    fingerprint: fingerprintOf(key),
  };
  if (settings.revokedHostKeys !== undefined) {
    const line = await revokedAtLine(key, settings.revokedHostKeys);
    if (line !== undefined) throw revoked(question, settings.revokedHostKeys, line, 'RevokedHostKeys');
  }
  switch (verdict.kind) {
    case 'known':
      return { key, trust: 'known', where: `${verdict.line.file}:${verdict.line.line}` };
    case 'revoked':
      throw revoked(question, verdict.line.file, verdict.line.line, '@revoked');
    case 'changed':
      throw changed(question, describeLines(verdict.lines), verdict.lines);
    case 'unknown':
      if (once?.equals(key)) return { key, trust: 'once' };
      if (once)
        throw changed(question, `${keyTypeOf(once) ?? ''} ${fingerprintOf(once)} (accepted once before)`, []);
      return { key, trust: await mayTrust(question, settings, verdict.authority, prompts) };
  }
}

async function mayTrust(
  question: HostKeyQuestion,
  settings: SshSettings,
  authority: boolean,
  prompts: Pick<Prompts, 'unknownHostKey'>,
): Promise<'save' | 'once'> {
  switch (settings.strictHostKeyChecking) {
    case 'no':
      return 'once';
    case 'accept-new':
      return 'save';
    case 'yes':
      throw new ConnectionError(
        'host-key',
        'user',
        `The host key of ${named(question)} is not known (${offered(question)})` +
          `${authority ? ', only who signs its host certificate is' : ''}, and StrictHostKeyChecking is on.`,
        authority
          ? "The system's own ssh program can check host certificates."
          : 'Add the key to known_hosts after you have compared it with the one on the host.',
        { fix: authority ? { kind: 'use-openssh' } : undefined },
      );
    case 'ask': {
      const answer = await prompts.unknownHostKey(question);
      // Anything else but these two is no consent, whatever a caller makes of the types.
      if (answer !== 'save' && answer !== 'once') {
        throw new ConnectionError(
          'host-key',
          'cancelled',
          `The host key of ${named(question)} was not accepted.`,
        );
      }
      return answer;
    }
  }
}

/**
 * The adapter for ssh2, which calls a verifier at each key exchange and takes anything but a plain `false` for consent.
 * Asks `decide` the first time only; at a later exchange the key must be the same. `refuse` is called before ssh2 hears
 * of a refusal, so that the caller can cut the connection before anything more is sent.
 */
export function hostKeyVerifier(
  decide: (key: Buffer) => Promise<AcceptedKey>,
  refuse: (error: unknown) => void,
): HostVerifier {
  let first: Promise<AcceptedKey> | undefined;
  let accepted: AcceptedKey | undefined;

  const answer = (verify: (valid: boolean) => void, valid: boolean, why?: unknown): void => {
    if (!valid) refuse(why);
    try {
      verify(valid);
    } catch (error) {
      refuse(error);
    }
  };
  return (offered, verify): void => {
    const key = Buffer.from(offered); // ssh2 reuses its buffers
    if (accepted) {
      answer(verify, accepted.key.equals(key), swapped(accepted.key, key));
      return;
    }
    if (first) {
      answer(verify, false, new Error('a second key exchange before the first one was decided'));
      return;
    }
    first = decide(key);
    first.then(
      (decision) => {
        accepted = decision;
        answer(verify, decision.key.equals(key), swapped(decision.key, key));
      },
      (error: unknown) => answer(verify, false, error),
    );
  };
}

function swapped(before: Buffer, now: Buffer): ConnectionError {
  return new ConnectionError(
    'host-key',
    'user',
    `The host key changed within the connection: it was ${fingerprintOf(before)} and became ${fingerprintOf(now)}.`,
    'Somebody may be listening in; compare the keys with those on the host.',
  );
}

function named(question: HostKeyQuestion): string {
  return question.alias === question.address ? question.alias : `${question.alias} (${question.address})`;
}

function offered(question: HostKeyQuestion): string {
  return `${question.keyType} ${question.fingerprint}`;
}

function changed(question: HostKeyQuestion, known: string, lines: readonly KnownHostLine[]): ConnectionError {
  const removal = [...new Set(lines.map(({ file }) => file))]
    .map((file) => `ssh-keygen -f ${shellWord(file)} -R ${shellWord(question.address)}`)
    .join(' && ');
  const remedy =
    removal === ''
      ? 'If you know that it was, detach from the host and attach again.'
      : `If you know that it was, remove the old key: ${removal}`;
  return new ConnectionError(
    'host-key',
    'user',
    `The host key of ${named(question)} has changed: it offers ${offered(question)}, known is ${known}.`,
    `Somebody may be listening in, or the host was set up anew. ${remedy}`,
    { fix: removal === '' ? undefined : { kind: 'copy', text: removal } },
  );
}

function revoked(question: HostKeyQuestion, file: string, line: number, by: string): ConnectionError {
  return new ConnectionError(
    'host-key',
    'user',
    `The host key of ${named(question)} is revoked: it offers ${offered(question)}, which ${file}:${line} revokes (${by}).`,
    'Do not connect, and ask whoever runs the host: somebody else may have that key.',
    { fix: { kind: 'open-file', path: file, line } },
  );
}
