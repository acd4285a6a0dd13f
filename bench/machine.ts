import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

/** What was measured on, e.g. `2 × AMD EPYC, Debian GNU/Linux 12 (bookworm), kernel 6.1.0-28-amd64`. */
export function describeMachine(): string {
  const all = cpus();
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  return `${all.length} × ${all[0]?.model ?? 'unknown processor'}, ${system}, kernel ${release()}`;
}
