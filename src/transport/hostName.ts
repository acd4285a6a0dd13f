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
 * Refuses a typed user name that must not reach a command line or a configuration token.
 * @throws {ConnectionError} phase config, remedy user
 */
export function checkUser(user: string, typed: string): void {
  if (user === '') throw refused(typed, 'the user before "@" is missing');
  const why = whyNot(user, /\s/) ?? whyNoUser(user);
  if (why !== undefined) throw refused(typed, why);
}

/**
 * Refuses a User of the SSH configuration that must not reach a command line or a configuration token. It may hold blanks, as
 * accounts of a directory do.
 * @param typed the host that it was configured for
 * @throws {ConnectionError} phase config, remedy user
 */
export function checkConfiguredUser(user: string, typed: string): void {
  const why = user === '' ? 'it is empty' : whyNoUser(user);
  if (why === undefined) return;
  throw new ConnectionError(
    'config',
    'user',
    `User of the SSH configuration of ${shownName(typed)} cannot be used: ${why}.`,
    'Correct User.',
  );
}

function whyNoUser(user: string): string | undefined {
  if (user.startsWith('-')) return 'a user must not start with "-"';
  if (user.length > 256) return 'the user is too long';
  // valid_ruser() of OpenSSH's ssh.c and the dollar, which a shell would read in a ProxyCommand with %r. A backslash is allowed
  // between two ordinary characters: DOMAIN\user.
  return whyNot(user, /[^\S ]|[\p{C}'"`$;&<>|(){}]|\s-|\\$/u);
}

function checkCharacters(name: string, forbidden: RegExp, typed: string): void {
  const why = whyNot(name, forbidden);
  if (why !== undefined) throw refused(typed, why);
}

function whyNot(name: string, forbidden: RegExp): string | undefined {
  const found = forbidden.exec(name)?.[0];
  if (found === undefined) return undefined;
  if (found === ' -') return 'it contains "-" after a blank';
  const shown = /[\s\p{C}]/u.test(found) ? 'a blank or control character' : `the character ${found}`;
  return `it contains ${shown}`;
}

function refused(typed: string, why: string): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    `"${shownName(typed)}" cannot be used as the name of a host: ${why}.`,
    'Type an alias of your SSH configuration, or user@host:port.',
  );
}

function shownName(typed: string): string {
  return typed.replace(/\p{C}/gu, '�').slice(0, 80);
}
