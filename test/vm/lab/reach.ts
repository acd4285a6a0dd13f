import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transport } from '../../../src/transport/connection';
import { transportTo } from '../../../src/transport/transportTo';
import type { VirtualMachine } from './virtualMachine';

/** A way to a virtual machine, with an SSH configuration and known hosts of its own. */
export interface Reached {
  readonly transport: Transport;
  /** Removes what was written. */
  forget(): void;
}

/** @param user who logs in; root where it is left out. */
export function reach(
  vm: Pick<VirtualMachine, 'knownHostsLine' | 'sshConfig'>,
  alias: string,
  user?: string,
): Reached {
  const folder = mkdtempSync(join(tmpdir(), `${alias}-`));
  const knownHosts = join(folder, 'known_hosts');
  const configFile = join(folder, 'ssh_config');
  writeFileSync(knownHosts, `${vm.knownHostsLine}\n`);
  writeFileSync(configFile, vm.sshConfig(alias, knownHosts, user));
  return {
    transport: transportTo(alias, { configFile }),
    forget: () => rmSync(folder, { recursive: true }),
  };
}
