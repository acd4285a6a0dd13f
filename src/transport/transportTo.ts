import type { Transport } from './connection';
import { localTransport } from './local';
import type { ShowNotice } from './openssh/askingPerson';
import { offeringOpenSsh } from './openssh/offeringOpenSsh';
import { openSshTransport } from './openssh/openSsh';
import type { SecretKeeper } from './secretKeeper';
import { sshTransport } from './ssh';

/** The name of the machine that the extension itself runs on. */
export const localTarget = 'local';

/**
 * Who speaks SSH: we ourselves (`ssh2`), the system's own ssh program (`openssh`), or we ourselves with an error that offers
 * the other where that can do what is lacking (`auto`).
 */
export const transportKinds = ['auto', 'ssh2', 'openssh'] as const;
export type TransportKind = (typeof transportKinds)[number];

export interface TransportOptions {
  /** Absent: `auto`. */
  readonly transport?: TransportKind;
  /** Path of the SSH configuration file; absent: the user's own. */
  readonly configFile?: string;
  /** The ssh program that resolves the configuration, and that connects where it is the transport; absent: the one on PATH. */
  readonly sshPath?: string;
  /** Shows what the ssh program only wants to tell, e.g. that a FIDO key waits to be touched. */
  readonly notice?: ShowNotice;
  /** Keeps secrets beyond the window; the ssh program keeps its own in its agent. */
  readonly keeper?: SecretKeeper;
  readonly log?: (line: string) => void;
}

/** The way to `target`: {@link localTarget}, or what one would type after `ssh`. */
export function transportTo(target: string, options: TransportOptions): Transport {
  if (target === localTarget) return localTransport();
  const { transport = 'auto', configFile, sshPath, log, keeper, notice } = options;
  const common = { target, configFile, sshPath, log };
  switch (transport) {
    case 'openssh':
      return openSshTransport({ ...common, notice });
    case 'ssh2':
      return sshTransport({ ...common, keeper });
    case 'auto':
      return offeringOpenSsh(sshTransport({ ...common, keeper }), common);
  }
}
