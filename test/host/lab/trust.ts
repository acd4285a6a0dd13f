import { appendFileSync } from 'node:fs';
import type { Sshd } from '../sshd';

/** Writes the host key of a server to the known hosts of whoever uses its configuration. */
export function trust(sshd: Sshd): void {
  appendFileSync(sshd.file('known_hosts'), sshd.knownHostsLine());
}
