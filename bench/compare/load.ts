import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running, Start } from './children';
import { ControlGroup } from './controlGroup';

export interface LoadSize {
  /** Processes on the whole machine, kernel threads and what runs there anyhow counted. */
  readonly processes: number;
  /** Memory cgroups that ours are spread over. */
  readonly groups: number;
}

/** So many of ours change all the time. */
const changing = 30;

/** Once a second: takes 1 to 4 MB, runs for about a millisecond, gives the memory back. */
const changingProgram =
  'my $i = $$; while (1) { my $x = "x" x ((1 + $i++ % 4) << 20); my $n = 0; $n += $_ for 1 .. 10000; select undef, undef, undef, 1; undef $x }';

/** Starts them all, each in its group; `$1` is the folder of the groups. */
const script = `
i=0
while [ $i -lt "$2" ]; do
  (
    echo 0 >"$1/g$((i % $3))/cgroup.procs" || exit 1
    if [ $i -lt "$4" ]; then exec perl -e "$5"; fi
    exec sleep infinity
  ) &
  i=$((i + 1))
done
wait`;

/** Processes in memory cgroups of their own: most sleep, some change. */
export class Load {
  private constructor(
    /** Processes of the load. */
    readonly processes: number,
    private readonly running: Running,
    private readonly group: ControlGroup,
  ) {}

  /** Resolves when all of it runs. */
  static async start(start: Start, size: LoadSize, signal: AbortSignal): Promise<Load> {
    const processes = Math.max(2 * size.groups, changing, size.processes - processesNow());
    const group = ControlGroup.of('memory', `load-${size.processes}`);
    try {
      delegateMemory(group.folder);
      const groups = Array.from({ length: size.groups }, (_, i) => group.within(`g${i}`));
      const args = [group.folder, processes, size.groups, changing, changingProgram].map(String);
      const running = start('sh', ['-c', script, 'load', ...args], { output: 2, errors: 2 });
      const load = new Load(processes, running, group);
      const deadline = performance.now() + 30_000;
      while (groups.reduce((count, { pids }) => count + pids.length, 0) < processes) {
        if (performance.now() > deadline) throw new Error('the load did not start');
        await sleep(50, undefined, { signal });
      }
      return load;
    } catch (error) {
      await group.remove();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.group.remove();
    await this.running.stop();
  }
}

/** All processes that there are, as `ps -e` counts them. */
export function processesNow(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
}

/** cgroup v2 counts memory only below groups that hand the controller on; v1 always. */
function delegateMemory(folder: string): void {
  if (folder.startsWith('/sys/fs/cgroup/memory/')) return;
  for (const each of ['/sys/fs/cgroup', folder])
    writeFileSync(join(each, 'cgroup.subtree_control'), '+memory');
}
