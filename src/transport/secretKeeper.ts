/** What a secret opens. It names the key or the server by fingerprint, so that no secret is given to another. */
export type SecretName =
  /** `key`: fingerprint of the public key, or of the file where that does not show it. */
  | { readonly kind: 'passphrase'; readonly file: string; readonly key: string }
  /** `account`: `user@host`, as typed; `hostKey`: fingerprint of the server's key. */
  | { readonly kind: 'password'; readonly account: string; readonly hostKey: string };

/**
 * Keeps passphrases and passwords beyond the window, where the person agreed. Codes that are typed for keyboard-interactive
 * never come here.
 */
export interface SecretKeeper {
  /** Undefined: none is kept. Never rejects. */
  get(name: SecretName): Promise<string | undefined>;
  /** A person typed this secret and the server let us in with it: the person may be asked now whether to keep it. */
  offer(name: SecretName, secret: string): void;
  /** The secret that was kept opens nothing any more. Never rejects. */
  forget(name: SecretName): Promise<void>;
}

/** A key by its fingerprint, wherever its file is; a password by account and key of the server. */
export function secretId(name: SecretName): string {
  return name.kind === 'passphrase' ? `passphrase ${name.key}` : `password ${name.account} ${name.hostKey}`;
}
