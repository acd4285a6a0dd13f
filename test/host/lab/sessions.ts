import { readdirSync, readFileSync } from 'node:fs';

/** A process on the host that a session of ours runs, or has left behind. */
export interface SessionProcess {
  readonly pid: number;
  /** Its arguments, joined by blanks. */
  readonly command: string;
}

/** A line of sshd_config that marks all processes of its sessions, however they are started or orphaned. */
export function markSessions(mark: string): string {
  return `SetEnv LAB_SESSION=${mark}`;
}

/** The living processes that were started by sessions with that mark. A zombie is not one of them. */
export function sessionProcesses(mark: string): SessionProcess[] {
  const entry = `\0LAB_SESSION=${mark}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => `\0${textOf(`/proc/${name}/environ`)}`.includes(entry))
    .map((name) => ({
      pid: Number(name),
      command: textOf(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim(),
    }));
}

/** Empty where the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
