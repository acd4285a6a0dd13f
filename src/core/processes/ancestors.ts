import type { Process } from './process';

/** No tree is deeper: what is below stands at its top. */
const mostDepth = 64;

type Kin = Pick<Process, 'pid' | 'startTicks'> & { readonly stat: Pick<Process['stat'], 'ppid'> };

/**
 * Parents of processes, and theirs, as far as they are not among them; each once.
 * @param find the process that has a pid now.
 * @param most no more of them.
 */
export function ancestorsOf<P extends Kin>(
  processes: readonly P[],
  find: (pid: number) => P | undefined,
  most: number,
): P[] {
  const known = new Set(processes.map(({ pid }) => pid));
  const found: P[] = [];
  for (const process of processes) {
    let parent = parentOf(process, find);
    for (let depth = 0; parent && !known.has(parent.pid) && depth < mostDepth; depth++) {
      if (found.length >= most) return found;
      known.add(parent.pid);
      found.push(parent);
      parent = parentOf(parent, find);
    }
  }
  return found;
}

/**
 * The parent of a process; undefined: it has none, or it is not known. One that started later is none: it has got the pid of
 * the parent since.
 */
export function parentOf<P extends Kin>(
  { pid, startTicks, stat }: P,
  find: (pid: number) => P | undefined,
): P | undefined {
  if (stat.ppid === undefined || stat.ppid === 0 || stat.ppid === pid) return undefined;
  const parent = find(stat.ppid);
  return parent && parent.startTicks <= startTicks ? parent : undefined;
}
