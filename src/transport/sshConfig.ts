import { ConnectionError } from './connection';
import { parseTarget, type Target } from './hostName';
import { readConfigValues, readHostNames } from './sshConfigFile';
import { askSsh } from './sshProgram';
import { settingsFrom, type SshSettings } from './sshSettings';

export interface ResolveOptions {
  /** Read instead of the user's and the system's SSH configuration. */
  readonly configFile?: string | undefined;
  /** The ssh program; absent: `ssh` on PATH. */
  readonly sshPath?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * What the SSH configuration says of a host: by the ssh program where there is one, else by reading the files.
 * @throws {ConnectionError} phase config
 */
export async function resolveHost(target: Target, options: ResolveOptions = {}): Promise<SshSettings> {
  const values = await askSsh(options.sshPath ?? 'ssh', target, {
    configFile: options.configFile,
    timeoutMs: options.timeoutMs ?? 15_000,
    signal: options.signal ?? new AbortController().signal,
  });
  if (values) return settingsFrom(values, target);
  if (options.sshPath !== undefined) {
    throw new ConnectionError(
      'config',
      'user',
      `There is no ssh program at ${options.sshPath}.`,
      'Correct the setting for the path of ssh, or leave it empty.',
    );
  }
  return settingsFrom(await readConfigValues(target, options.configFile), target);
}

/**
 * The hosts that the SSH configuration gives names to and that can be attached to, in its order.
 * @throws {ConnectionError} phase config: a file cannot be read or understood
 */
export async function listHosts(configFile?: string): Promise<string[]> {
  return (await readHostNames(configFile)).filter(isTarget);
}

function isTarget(name: string): boolean {
  try {
    parseTarget(name);
    return true;
  } catch {
    return false;
  }
}
