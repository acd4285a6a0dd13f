import type { HostUser } from './answers';
import type { HostTools } from './hostTools';
import type { SudoCommand } from './sudoers';

export type PermissionId =
  | 'kernel-log'
  | 'journal'
  | 'other-processes'
  | 'process-memory'
  | 'process-io'
  | 'docker'
  | 'podman'
  | 'sudo'
  | 'pressure'
  | 'mem-available'
  | 'own-clock';

/** Plain English with `{0}`, `{1}` … for `args`; whoever shows it translates it. */
export interface Words {
  readonly text: string;
  /** Only numbers, checked names and our own settings: nothing here is free text of a host. */
  readonly args?: readonly string[];
}

/** What somebody who administers the host can do. */
export interface Remedy {
  /** One line for a shell on the host; absent where none is known to be right there. */
  readonly line?: string;
  /**
   * What is to be changed and for whom, also where there is no line: most of these rights reach further than one wants at
   * first sight.
   */
  readonly means: Words;
}

/** One thing that is seen on a host or not. */
export interface Permission {
  readonly id: PermissionId;
  /** `absent`: the host does not have it. `unknown`: not tried, or not answered. */
  readonly state: 'yes' | 'no' | 'unknown' | 'absent';
  readonly why: Words;
  /** The narrowest first; empty where nothing helps or nothing has to be done. */
  readonly remedies: readonly Remedy[];
}

/** Plain English; whoever shows it translates it. */
export const permissionTitles: Readonly<Record<PermissionId, string>> = {
  'kernel-log': 'Kernel log (kills of the OOM killer)',
  journal: 'System journal',
  'other-processes': 'Processes of other users',
  'process-memory': 'Exact memory of other users’ processes (PSS)',
  'process-io': 'Reads and writes of other users’ processes',
  docker: 'Docker',
  podman: 'Podman',
  sudo: 'sudo without a password',
  pressure: 'Pressure (PSI)',
  'mem-available': 'MemAvailable',
  'own-clock': 'Samples through a freeze',
};

/** What is ours and not the host's. */
export interface PermissionContext {
  readonly tools: HostTools;
  /** Whether the user allowed `sudo -n` on this host. */
  readonly sudoAllowed: boolean;
  /** Path of the Docker API's socket, from the settings. */
  readonly dockerSocket: string;
  /** Why a shell of root's could not be opened with `sudo -n`; absent: it was, or it was not tried. */
  readonly rootObstacle?: string | undefined;
  /** What is run there with `sudo -n` to read the kernel log. */
  readonly sudoCommands: readonly SudoCommand[];
}

/** Stands in a line where the host's word for it may not. */
const anyUser = 'YOUR_USER';

const notAnswered: Words = { text: 'The host did not answer this.' };

export const nameOf = (user: HostUser | undefined): string => user?.name ?? anyUser;
export const yes = (id: PermissionId, text: string, args: readonly string[] = []): Permission => ({
  id,
  state: 'yes',
  why: { text, args },
  remedies: [],
});
export const absent = (id: PermissionId, text: string): Permission => ({
  id,
  state: 'absent',
  why: { text },
  remedies: [],
});
export const unknown = (id: PermissionId): Permission => ({
  id,
  state: 'unknown',
  why: notAnswered,
  remedies: [],
});
