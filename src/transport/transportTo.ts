import type { Transport } from './connection';
import { localTransport } from './local';
import { sshTransport } from './ssh';

/** The name of the machine that the extension itself runs on. */
export const localTarget = 'local';

export interface TransportOptions {
  /** Path of the SSH configuration file; absent: the user's own. */
  readonly configFile?: string;
  /** The ssh program that resolves the configuration; absent: the one on PATH. */
  readonly sshPath?: string;
  readonly log?: (line: string) => void;
}

/** The way to `target`: {@link localTarget}, or what one would type after `ssh`. */
export function transportTo(target: string, options: TransportOptions): Transport {
  return target === localTarget ? localTransport() : sshTransport({ target, ...options });
}
