import { readFileSync, writeFileSync } from 'node:fs';
import type { Connection, Prompts } from '../../../src/transport/connection';
import { openSshTransport, type OpenSshOptions } from '../../../src/transport/openssh/openSsh';
import { processTable } from '../../../scripts/processTable.mjs';
import type { Sshd } from '../sshd';
import { scripted } from './attaching';

/** Connects with the system's ssh program. */
export function connectOpenSsh(
  options: OpenSshOptions,
  prompts: Prompts = scripted(),
  signal = new AbortController().signal,
): Promise<Connection> {
  return openSshTransport(options).connect(prompts, signal);
}

/** The same configuration without the key that the server made for us, so that the other ones count. */
export function withoutServersKey(sshd: Sshd, options: OpenSshOptions): OpenSshOptions {
  const file = options.configFile ?? '';
  writeFileSync(file, readFileSync(file, 'utf8').replace(`  IdentityFile ${sshd.userKey}\n`, ''));
  return options;
}

/** The ssh programs that run with that configuration file, and so for one test only. */
export function sshPrograms(configFile: string): number[] {
  return processTable()
    .filter(({ name }) => name === 'ssh')
    .map(({ pid }) => pid)
    .filter((pid) => commandLine(pid).includes(configFile));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
