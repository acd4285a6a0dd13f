import { readdirSync, readFileSync } from 'node:fs';
import { until } from './until';

/**
 * Stops processes and resolves when they stand still: the threads of a process stop one after the other, each when it gets
 * a processor, and on a busy machine one of them may answer meanwhile. SIGCONT lets them go on.
 */
export async function standStill(...pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await until(() => pids.every((pid) => threadStates(pid).every((state) => state === 'T')));
}

/** The state of each thread by its letter, see proc_pid_stat(5); T: stopped. A thread that has just ended is not among them. */
function threadStates(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
      return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    } catch {
      return [];
    }
  });
}
