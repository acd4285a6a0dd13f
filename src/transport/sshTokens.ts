import { hostname } from 'node:os';
import path from 'node:path';
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
}

/** Expands `%` tokens. An unknown one stays as it is. */
export function expandTokens(text: string, values: TokenValues): string {
  const local = localUser();
  const known: Readonly<Record<string, string>> = {
    '%': '%',
    d: local.home,
    h: values.hostName,
    i: String(process.getuid?.() ?? ''),
    k: values.hostKeyAlias ?? values.original,
    L: hostname().split('.')[0] ?? '',
    l: hostname(),
    n: values.original,
    p: String(values.port),
    r: values.user,
    u: local.name,
  };
  return text.replace(/%(.)/g, (whole, letter: string) => known[letter] ?? whole);
}

/** Expands `~`, `${VARIABLE}` and `%` tokens of a path of the SSH configuration. */
export function expandPath(text: string, values: TokenValues): string {
  const variables = text.replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? '');
  return expandTokens(expandHome(variables), values);
}

/** Expands a leading `~/`. */
export function expandHome(text: string): string {
  if (text !== '~' && !/^~[/\\]/.test(text)) return text;
  return path.join(localUser().home, text.slice(1));
}
