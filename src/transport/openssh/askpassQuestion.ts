import { cleanText } from '../cleanText';

/** What ssh asks through its askpass program. */
export type AskpassQuestion =
  | {
      readonly kind: 'host-key';
      readonly address: string;
      readonly keyType: string;
      readonly fingerprint: string;
    }
  /** `subject`: the key file, or `user@host`. */
  | { readonly kind: 'passphrase' | 'password'; readonly subject: string }
  /** Keyboard-interactive, a PIN and what else there may be. `host`: who asks; undefined: ssh itself. */
  | {
      readonly kind: 'text';
      readonly host: string | undefined;
      readonly text: string;
      readonly echo: boolean;
    }
  /** To be confirmed or refused, e.g. the use of a key. */
  | { readonly kind: 'confirm'; readonly text: string }
  /** Nothing to answer: shown until ssh goes on, e.g. that a FIDO key waits to be touched. */
  | { readonly kind: 'notice'; readonly text: string };

/**
 * Reads the text with which ssh calls its askpass program. Whatever it does not know is asked as it stands.
 * @param hint of `SSH_ASKPASS_PROMPT` (since OpenSSH 8.4): `confirm`, `none`, or empty for a text
 */
export function readAskpass(prompt: string, hint: string): AskpassQuestion {
  const text = cleanText(prompt, 2000);
  if (hint === 'none') return { kind: 'notice', text };
  if (hint === 'confirm') return { kind: 'confirm', text };

  const host = /^The authenticity of host '([^']{1,1100})' can't be established/.exec(text)?.[1];
  const key = / (\S{1,60}) key fingerprint is ([A-Z0-9]{1,20}:[\w+/=:]{1,200})/.exec(text);
  if (host !== undefined && key?.[1] !== undefined && key[2] !== undefined) {
    // `name (address)`: the name is that of known_hosts.
    return {
      kind: 'host-key',
      address: host.replace(/ \([^()]*\)$/, ''),
      keyType: key[1],
      fingerprint: key[2],
    };
  }
  const file = /^Enter passphrase for (?:RSA )?(?:key )?'?(.{1,1000}?)'?: ?$/.exec(text)?.[1];
  if (file !== undefined) return { kind: 'passphrase', subject: file };

  // What a server asks stands behind the account since OpenSSH 8.5, so that no server can ask in the name of ssh.
  const asked = /^\((\S{1,1100}@\S{1,1100})\) (.*)$/.exec(text);
  if (asked?.[1] !== undefined) return { kind: 'text', host: asked[1], text: asked[2] ?? '', echo: false };
  const account = /^(\S{1,1100}@\S{1,1100})'s password: ?$/.exec(text)?.[1];
  if (account !== undefined) return { kind: 'password', subject: account };
  return { kind: 'text', host: undefined, text, echo: text.includes('(yes/no') };
}
