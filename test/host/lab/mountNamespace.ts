import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';

/** Why nothing can be mounted in a namespace of one's own here, in words; undefined where it can. */
export function mountNamespaceObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'mount namespaces need Linux';
  if (process.getuid?.() !== 0) return 'a mount namespace needs root';
  try {
    execFileSync('unshare', ['--mount', 'mount', '--bind', tmpdir(), tmpdir()], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `nothing can be mounted in a namespace of one's own: ${String(error)}`;
  }
}
