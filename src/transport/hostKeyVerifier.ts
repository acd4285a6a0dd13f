import type { HostVerifier } from 'ssh2';
import { ConnectionError, type HostKeyQuestion, type Prompts } from './connection';
import { fingerprintOf, keyTypeOf } from './hostKey';
import { describeLines, knownHostsName, verdictOf, type KnownHostsText } from './knownHosts';
import type { SshSettings } from './sshSettings';

/** The key of a host as it was accepted. `save` and `once`: to be remembered when the handshake has proved it. */
export interface AcceptedKey {
  readonly key: Buffer;
  readonly trust: 'known' | 'save' | 'once';
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
  switch (verdict.kind) {
    case 'known':
      return { key, trust: 'known' };
    case 'revoked':
      throw revoked(question, `${verdict.line.file}:${verdict.line.line}`);
    case 'changed': {
      const first = verdict.lines[0];
      throw changed(question, describeLines(verdict.lines), first?.file ?? '');
    }
    case 'unknown':
      if (once?.equals(key)) return { key, trust: 'once' };
      if (once)
        throw changed(question, `${keyTypeOf(once) ?? ''} ${fingerprintOf(once)} (accepted once before)`, '');
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
          `${authority ? ', host certificates are not supported yet' : ''}, and StrictHostKeyChecking is on.`,
        'Add the key to known_hosts after you have compared it with the one on the host.',
      );
    case 'ask': {
      const answer = await prompts.unknownHostKey(question);
      if (answer === undefined) {
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

function changed(question: HostKeyQuestion, known: string, file: string): ConnectionError {
  const remedy =
    file === ''
      ? 'If you know that it was, detach from the host and attach again.'
      : `If you know that it was, remove the old key: ssh-keygen -f "${file}" -R "${question.address}"`;
  return new ConnectionError(
    'host-key',
    'user',
    `The host key of ${named(question)} has changed: it offers ${offered(question)}, known is ${known}.`,
    `Somebody may be listening in, or the host was set up anew. ${remedy}`,
  );
}

function revoked(question: HostKeyQuestion, where: string): ConnectionError {
  return new ConnectionError(
    'host-key',
    'user',
    `The host key of ${named(question)} is revoked: it offers ${offered(question)}, which ${where} marks as @revoked.`,
    'Do not connect. Ask whoever runs the host; the old entries are removed with ' +
      `ssh-keygen -R "${question.address}".`,
  );
}
