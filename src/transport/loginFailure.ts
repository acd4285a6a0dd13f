import { cleanText } from './cleanText';
import { ConnectionError } from './connection';
import type { WayOut } from './loginContext';

/** Names in one sentence. */
const maxListed = 20;

/** The first ones of a list; a server or an agent may make it long. */
export function listed(names: readonly string[]): string {
  const more = names.length > maxListed ? ` and ${names.length - maxListed} more` : '';
  return `${names.slice(0, maxListed).join(', ')}${more}`;
}

/** Everything was tried. `summary`: what; `accepted`: the methods that the server would take; `wayOut`: what can be done. */
export function nothingLeft(
  account: string,
  target: string,
  summary: string,
  accepted: readonly string[],
  wayOut: WayOut | undefined,
): ConnectionError {
  const methods = accepted.map((method) => cleanText(method, 40));
  // What ssh can do and we cannot.
  const needsSsh = methods.some((method) => /^(gssapi.*|hostbased)$/.test(method));
  return new ConnectionError(
    'authentication',
    'user',
    `Logging in as ${account} failed: ${summary}; the server accepts ${listed(methods) || 'nothing'}.`,
    wayOut?.advice ?? `Check the user name and the keys; "ssh -v ${target}" shows what ssh itself tries.`,
    { fix: wayOut?.fix ?? (needsSsh ? { kind: 'use-openssh' } : undefined) },
  );
}
