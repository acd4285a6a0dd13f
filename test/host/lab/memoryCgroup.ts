import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killIfAlive } from './signal';

/** Where memory cgroups are made on this machine. Hybrid machines have the memory controller in v1 or in v2, not both. */
interface Hierarchy {
  readonly version: 1 | 2;
  readonly root: string;
}

function findHierarchy(): Hierarchy | undefined {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, root = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup' && options.split(',').includes('memory')) return { version: 1, root };
    if (type === 'cgroup2' && words(join(root, 'cgroup.controllers')).includes('memory')) {
      return { version: 2, root };
    }
  }
  return undefined;
}

function words(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(/\s+/) : [];
}

/** Why no memory cgroup can be made here, in words; undefined where it can. */
export function memoryCgroupObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'memory cgroups need Linux';
  if (process.getuid?.() !== 0) return 'memory cgroups need root';
  const hierarchy = findHierarchy();
  if (hierarchy === undefined) return 'this machine has no memory controller';
  try {
    rmdirSync(makeFolder(hierarchy, `probe-${process.pid}-${Date.now()}`));
    return undefined;
  } catch (error) {
    return `no memory cgroup can be made: ${String(error)}`;
  }
}

function makeFolder({ version, root }: Hierarchy, name: string): string {
  const children = join(root, 'cgroup.subtree_control');
  if (version === 2 && !words(children).includes('memory')) writeFileSync(children, '+memory');
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

/** A memory cgroup of one's own under the root of the hierarchy. */
export class MemoryCgroup {
  private constructor(
    readonly version: 1 | 2,
    /** Its folder. */
    readonly folder: string,
    /** As the kernel log names it. */
    readonly path: string,
  ) {}

  /** @throws Error where {@link memoryCgroupObstacle} says so, or where the name is taken. */
  static create(name: string): MemoryCgroup {
    const obstacle = memoryCgroupObstacle();
    const hierarchy = findHierarchy();
    if (obstacle !== undefined || hierarchy === undefined) throw new Error(obstacle);
    return new MemoryCgroup(hierarchy.version, makeFolder(hierarchy, name), `/${name}`);
  }

  /** Swap is forbidden as well where the kernel counts it. */
  async limit(bytes: number): Promise<void> {
    const [memory, swap, swapLimit] =
      this.version === 2
        ? ['memory.max', 'memory.swap.max', 0]
        : ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', bytes];
    await writeFile(join(this.folder, memory), String(bytes));
    if (existsSync(join(this.folder, swap))) await writeFile(join(this.folder, swap), String(swapLimit));
  }

  /** Starts a program inside, by way of a shell that moves itself first: the pid is the program's. */
  spawn(command: string, ...args: string[]): ChildProcess {
    const script = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
    return spawn('/bin/sh', ['-c', script, 'sh', this.folder, command, ...args], { stdio: 'ignore' });
  }

  /** Processes killed in it for want of memory, as the kernel counts (4.13+). */
  async oomKills(): Promise<number> {
    const file = this.version === 2 ? 'memory.events' : 'memory.oom_control';
    const count = /^oom_kill (\d+)$/m.exec(await readFile(join(this.folder, file), 'utf8'))?.[1];
    if (count === undefined) throw new Error(`${file} does not count OOM kills on this kernel`);
    return Number(count);
  }

  /** Kills what is in it, until nothing is. */
  async killAll(): Promise<void> {
    for (let attempt = 0; this.killOnce() > 0; attempt++) {
      if (attempt === 100) throw new Error(`processes in ${this.folder} do not end`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** @returns how many there were. */
  private killOnce(): number {
    const pids = words(join(this.folder, 'cgroup.procs')).filter((word) => word !== '');
    for (const pid of pids) killIfAlive(Number(pid));
    return pids.length;
  }

  /** Kills what is left in it and removes it. */
  async remove(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      this.killOnce();
      try {
        await rmdir(this.folder);
        return;
      } catch (error) {
        // A process that was killed holds the cgroup until it has ended.
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

/** A process that the kernel killed. */
export interface OomKill {
  readonly pid: number;
  readonly name: string;
  /** The cgroup whose limit it reached, as the kernel log names it. */
  readonly cgroup: string;
}

/**
 * Lets the kernel kill a process of that name (at most 15 bytes, no slash) at a limit of that many MB. The hog is GNU
 * `tail`, which keeps a line that never ends; its name is that of the link by which it is started.
 * @throws Error where it was not killed.
 */
export async function oomKill(name: string, limitMb: number): Promise<OomKill> {
  const folder = mkdtempSync(join(tmpdir(), 'oom-kill-'));
  const cgroup = MemoryCgroup.create(`oom-kill-${process.pid}-${Date.now()}`);
  try {
    await cgroup.limit(limitMb << 20);
    const hog = join(folder, name);
    symlinkSync('/usr/bin/tail', hog);
    const child = cgroup.spawn(hog, '/dev/zero');
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (child.pid === undefined || signal !== 'SIGKILL' || (await cgroup.oomKills()) !== 1) {
      throw new Error(`the kernel did not kill ${name}: ${String(signal)}`);
    }
    return { pid: child.pid, name, cgroup: cgroup.path };
  } finally {
    await cgroup.remove();
    rmSync(folder, { recursive: true });
  }
}
