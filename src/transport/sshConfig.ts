import { ConnectionError } from './connection';
import { leadsTo, type ConnectTrace } from './connectTrace';
import { parseTarget, type Target } from './hostName';
import { configFiles, readConfigValues, readHostNames } from './sshConfigFile';
import { askSsh } from './sshProgram';
import { settingsFrom, type ConfigValues, type SshSettings } from './sshSettings';

export interface ResolveOptions {
  /** Read instead of the user's and the system's SSH configuration. */
  readonly configFile?: string | undefined;
  /** The ssh program; absent: `ssh` on PATH. */
  readonly sshPath?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly trace?: ConnectTrace;
  /** Told in words what could not be done. */
  readonly log?: (line: string) => void;
}

/**
 * What the SSH configuration says of a host: by the ssh program where there is one, else by reading the files.
 * @throws {ConnectionError} phase config
 */
export async function resolveHost(target: Target, options: ResolveOptions = {}): Promise<SshSettings> {
  const settings = (by: string, values: ConfigValues): SshSettings => {
    const resolved = settingsFrom(values, target);
    const files = configFiles(options.configFile);
    options.trace?.({ kind: 'configured', name: target.typed, by, files, leadsTo: leadsTo(resolved) });
    return resolved;
  };
  const values = await askSsh(options.sshPath ?? 'ssh', target, {
    configFile: options.configFile,
    timeoutMs: options.timeoutMs ?? 15_000,
    signal: options.signal ?? new AbortController().signal,
  });
  if (values) return settings(`${options.sshPath ?? 'ssh'} -G`, values);
  if (options.sshPath !== undefined) {
    throw new ConnectionError(
      'config',
      'user',
      `There is no ssh program at ${options.sshPath}.`,
      'Correct the setting for the path of ssh, or leave it empty.',
    );
  }
  return settings('read without ssh', await readConfigValues(target, options.configFile, options.log));
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
