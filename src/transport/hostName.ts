import { ConnectionError } from './connection';

/** What a person typed to name a host. */
export interface Target {
  /** The text as it was typed, trimmed: the name of the host in messages. */
  readonly typed: string;
  /** An alias of the SSH configuration, a DNS name or an address (IPv6 without brackets). */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * Reads `alias`, `user@host`, `user@host:port`, `[::1]:22`, `::1`, `ssh://user@host:port`.
 *
 * Names that ssh itself or a shell could take for something else are refused, as OpenSSH 9.6 does (CVE-2023-51385):
 * the name may end up in a ProxyCommand or a Match exec of the user's configuration.
 * @throws {ConnectionError} phase config, remedy user
 */
export function parseTarget(text: string): Target {
  const typed = text.trim();
  let rest = typed.replace(/^ssh:\/\//i, '');
  if (rest !== typed) rest = rest.replace(/\/$/, '');

  const at = rest.lastIndexOf('@');
  const user = at < 0 ? undefined : rest.slice(0, at);
  const { host, port } = splitPort(rest.slice(at + 1), typed);

  checkHost(host, typed);
  if (user !== undefined) checkUser(user, typed);
  return { typed, host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}

function splitPort(text: string, typed: string): { host: string; port?: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) return withPort(bracketed[1] ?? '', bracketed[2], typed);
  const colon = text.indexOf(':');
  // More than one colon without brackets is an IPv6 address, which leaves no room for a port.
  if (colon < 0 || text.includes(':', colon + 1)) return { host: text };
  return withPort(text.slice(0, colon), text.slice(colon + 1), typed);
}

function withPort(host: string, digits: string | undefined, typed: string): { host: string; port?: number } {
  if (digits === undefined) return { host };
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65535) throw refused(typed, 'its port is not a number from 1 to 65535');
  return { host, port };
}

/**
 * Refuses a host name that must not reach a command line or a configuration token.
 * @throws {ConnectionError} phase config, remedy user
 */
export function checkHost(host: string, typed: string): void {
  if (host === '') throw refused(typed, 'the host is missing');
  if (host.startsWith('-')) throw refused(typed, 'a host must not start with "-"');
  if (host.length > 1025) throw refused(typed, 'the host is too long');
  checkCharacters(host, /[\s\p{C}'"`$\\;&<>|(){},[\]@/*?!#^]/u, typed);
}

/**
 * Refuses a user name that must not reach a command line or a configuration token.
 * @throws {ConnectionError} phase config, remedy user
 */
export function checkUser(user: string, typed: string): void {
  if (user === '') throw refused(typed, 'the user before "@" is missing');
  if (user.startsWith('-')) throw refused(typed, 'a user must not start with "-"');
  if (user.length > 256) throw refused(typed, 'the user is too long');
  // A backslash is allowed between two ordinary characters: DOMAIN\user.
  checkCharacters(user, /[\s\p{C}'"`$;&<>|(){}]|\\$/u, typed);
}

function checkCharacters(name: string, forbidden: RegExp, typed: string): void {
  const found = forbidden.exec(name)?.[0];
  if (found === undefined) return;
  const shown = /[\s\p{C}]/u.test(found) ? 'a blank or control character' : `the character ${found}`;
  throw refused(typed, `it contains ${shown}`);
}

function refused(typed: string, why: string): ConnectionError {
  const shown = typed.replace(/\p{C}/gu, '�').slice(0, 80);
  return new ConnectionError(
    'config',
    'user',
    `"${shown}" cannot be used as the name of a host: ${why}.`,
    'Type an alias of your SSH configuration, or user@host:port.',
  );
}
