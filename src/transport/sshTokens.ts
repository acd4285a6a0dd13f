import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { ConnectionError } from './connection';
import { localUser } from './localUser';

/** What the `%` tokens of ssh_config stand for, see ssh_config(5) "TOKENS". */
export interface TokenValues {
  /** %n: the name as it was typed. */
  readonly original: string;
  /** %h: the name after HostName was applied. */
  readonly hostName: string;
  /** %p */
  readonly port: number;
  /** %r */
  readonly user: string;
  /** %k: HostKeyAlias, else the name as it was typed. */
  readonly hostKeyAlias?: string;
  /** Whether there is a ProxyJump, of which %j and %C tell. */
  readonly jumps?: boolean;
}

/**
 * Expands `%` tokens. An unknown one stays as it is.
 * @throws {ConnectionError} phase config: %C or %j of a host with a ProxyJump
 */
export function expandTokens(text: string, values: TokenValues): string {
  const local = localUser();
  const known: Readonly<Record<string, string>> = {
    '%': '%',
    C: connectionHash(values),
    d: local.home,
    h: values.hostName,
    i: String(process.getuid?.() ?? ''),
    j: '',
    k: values.hostKeyAlias ?? values.original,
    L: hostname().split('.')[0] ?? '',
    l: hostname(),
    n: values.original,
    p: String(values.port),
    r: values.user,
    u: local.name,
  };
  const expanded = (part: string): string =>
    part.replace(/%(.)/g, (whole, letter: string) => {
      if (values.jumps === true && (letter === 'C' || letter === 'j')) throw dependsOnVersion(whole, values);
      return known[letter] ?? whole;
    });
  // `ssh -G` tells some texts expanded: the zone of an address within them (`fe80::1%home`) is no token.
  const { hostName } = values;
  return hostName.includes('%') ? text.split(hostName).map(expanded).join(hostName) : expanded(text);
}

/** ssh_connection_hash() of OpenSSH's readconf.c, without a ProxyJump. */
function connectionHash({ hostName, port, user }: TokenValues): string {
  return createHash('sha1').update(`${hostname()}${hostName}${port}${user}`).digest('hex');
}

/** Before OpenSSH 9.6 there was no %j, and %C told nothing of a ProxyJump. */
function dependsOnVersion(token: string, { original }: TokenValues): ConnectionError {
  return new ConnectionError(
    'config',
    'user',
    `The SSH configuration of ${original} names a file by ${token}, which together with ProxyJump depends on the version of ssh.`,
    'Name the file without it, e.g. by %h, %p and %r.',
  );
}

/**
 * Expands `~`, `${VARIABLE}` and `%` tokens of a path of the SSH configuration.
 * @throws {ConnectionError} as {@link expandTokens}
 */
export function expandPath(text: string, values: TokenValues): string {
  const variables = text.replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? '');
  return expandTokens(expandHome(variables), values);
}

/** Expands a leading `~/`. */
export function expandHome(text: string): string {
  if (text !== '~' && !/^~[/\\]/.test(text)) return text;
  return path.join(localUser().home, text.slice(1));
}
