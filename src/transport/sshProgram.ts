import { existsSync } from 'node:fs';
import { cleanText } from './cleanText';
import { ConnectionError } from './connection';
import type { Target } from './hostName';
import { isShortage, runProgram } from './runProgram';
import type { ConfigValues } from './sshSettings';

/** The keywords whose one line holds several paths. */
const pathLists = new Set(['userknownhostsfile', 'globalknownhostsfile']);

/**
 * Asks the ssh program what it would do for a host (`ssh -G`): it resolves Include, Match and everything else itself.
 * Undefined: there is no such program.
 * @throws {ConnectionError} phase config: the configuration is broken, or resolving it took longer than `timeoutMs`
 */
export async function askSsh(
  program: string,
  target: Target,
  options: { configFile: string | undefined; timeoutMs: number; signal: AbortSignal },
): Promise<ConfigValues | undefined> {
  const args = ['-G', '-T'];
  if (options.configFile !== undefined) args.push('-F', options.configFile);
  if (target.user !== undefined) args.push('-l', target.user);
  if (target.port !== undefined) args.push('-p', String(target.port));
  args.push('--', target.host);

  const result = await runProgram(program, args, options);
  switch (result.kind) {
    case 'absent':
      return undefined;
    case 'aborted':
      throw new ConnectionError('config', 'cancelled', 'The connection was cancelled.');
    case 'failed':
      throw new ConnectionError(
        'config',
        isShortage(result.code) ? 'retry' : 'user',
        `The ssh program ${program} cannot be started on this machine: ${result.code}.`,
        'It is needed to read the SSH configuration.',
      );
    case 'timedOut':
      throw new ConnectionError(
        'config',
        'retry',
        `Resolving the SSH configuration of ${target.typed} took longer than ${options.timeoutMs / 1000} s.`,
        'Look for a "Match exec" or a name lookup in the SSH configuration that hangs.',
      );
    case 'overlong':
      throw new ConnectionError(
        'config',
        'user',
        `The ssh program ${program} prints more for ${target.typed} than any SSH configuration holds.`,
        'Look for a list that is far too long in the SSH configuration; "ssh -G HOST" prints the same.',
      );
    case 'ended':
      if (result.code === 0) return withoutOldDefaults(parseSshG(result.output));
      throw failure(target, result.errors);
  }
}

/**
 * Reads the output of `ssh -G`: `keyword value`, one a line, keywords in lower case, some of them repeated.
 * @throws {ConnectionError} phase config: a list of paths cannot be told apart
 */
export function parseSshG(output: string): ConfigValues {
  const values = new Map<string, string[]>();
  for (const line of output.split(/\r?\n/)) {
    const blank = line.indexOf(' ');
    if (blank < 1) continue;
    const keyword = line.slice(0, blank).toLowerCase();
    const value = line.slice(blank + 1);
    const list = values.get(keyword) ?? [];
    list.push(...(pathLists.has(keyword) ? splitPaths(keyword, value) : [value]));
    values.set(keyword, list);
  }
  return values;
}

/**
 * ssh prints its lists of algorithms whether they were configured or not, and before OpenSSH 8.8 its own list of host key
 * algorithms held ssh-rsa, whose signatures are SHA-1. That list has the certificate of ssh-rsa among the certificates,
 * before rsa-sha2-256; where somebody adds ssh-rsa, it comes last.
 */
export function withoutOldDefaults(values: ConfigValues): ConfigValues {
  const algorithms = values.get('hostkeyalgorithms')?.[0]?.split(',') ?? [];
  const certificate = algorithms.indexOf('ssh-rsa-cert-v01@openssh.com');
  if (certificate < 0 || certificate > algorithms.indexOf('rsa-sha2-256')) return values;
  const rest = algorithms.filter((algorithm) => algorithm !== 'ssh-rsa');
  return new Map(values).set('hostkeyalgorithms', [rest.join(',')]);
}

/**
 * ssh prints lists of paths without quotes: a piece that does not begin like a path goes on the one before it. Where it may
 * be a path of its own it is an error, or a host key that is revoked there would be trusted.
 */
function splitPaths(keyword: string, value: string): string[] {
  const paths: string[][] = [];
  for (const piece of value.split(' ')) {
    const last = paths.at(-1);
    if (last === undefined || beginsPath.test(piece)) paths.push([piece]);
    else last.push(piece);
  }
  if (paths.some(isAmbiguous)) {
    throw new ConnectionError(
      'config',
      'user',
      `It cannot be told which files the SSH configuration means by "${keyword} ${cleanText(value, 300)}".`,
      'Write whole paths, from the root or from ~/.',
    );
  }
  return paths.map((pieces) => pieces.join(' '));
}

const beginsPath = /^([/~%$\\]|\.\.?[/\\]|[A-Za-z]:|none$)/;

/** Whether these pieces may be one path with blanks as well as several, the later ones relative to the current folder. */
function isAmbiguous([first = '', ...rest]: readonly string[]): boolean {
  if (rest.length === 0) return false;
  if (!beginsPath.test(first)) return true;
  return (
    [...rest, rest.join(' ')].some((file) => existsSync(file)) && !existsSync([first, ...rest].join(' '))
  );
}

function failure(target: Target, errors: string): ConnectionError {
  const said = errors.split('\n').find((line) => line.trim() !== '' && !line.startsWith('Pseudo-terminal'));
  return new ConnectionError(
    'config',
    'user',
    `ssh cannot read its configuration for ${target.typed}: ${cleanText(said ?? 'it does not say why', 300)}.`,
    'Correct the SSH configuration; "ssh -G HOST" shows the same error.',
  );
}
