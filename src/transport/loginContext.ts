import type { Fix, Prompts } from './connection';
import type { SigningKey } from './privateKey';
import type { SecretKeeper, SecretName } from './secretKeeper';
import type { SshSettings } from './sshSettings';

/** What a transport keeps in memory for as long as it lives, so that connecting again asks nobody anything. */
export interface Secrets {
  /** Decrypted keys by the text of their file. */
  readonly unlocked: Map<string, SigningKey>;
  /** Passwords that a host accepted, by `secretId`. Answers to keyboard-interactive are never kept. */
  readonly passwords: Map<string, string>;
  /** Where secrets are kept longer, with the person's consent. */
  readonly keeper?: SecretKeeper | undefined;
}

/** What can be done about something that was skipped. */
export interface WayOut {
  readonly advice: string;
  readonly fix: Fix | undefined;
}

/** What every part of one login needs. */
export interface LoginContext {
  readonly settings: SshSettings;
  readonly prompts: Pick<Prompts, 'secret' | 'answers'>;
  readonly memory: Secrets;
  /** Comes when the login is over, in whatever way. */
  readonly signal: AbortSignal;
  /** Told in words what happens, never a secret. */
  readonly log: (line: string) => void;
  /** Told of each key or agent that cannot be used, in words for people. */
  readonly skip: (why: string, wayOut?: WayOut) => void;
  /** Told of a secret that a person typed and that opens something; to be kept if the server lets us in. */
  readonly typed: (name: SecretName, secret: string) => void;
  /** The server's time stands while somebody else is waited for. */
  readonly paused: <T>(work: () => Promise<T>) => Promise<T>;
}
