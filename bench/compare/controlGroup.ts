import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Folders of ours begin with this and the pid of the run that made them. */
const prefix = 'remote-memory-bench-';

/** Where groups of one controller are made: in a hierarchy of its own (cgroup v1 and hybrid) or in the only one (v2). */
function hierarchyOf(controller: 'cpuacct' | 'memory'): string {
  const own = `/sys/fs/cgroup/${controller}`;
  if (existsSync(join(own, 'cgroup.procs'))) return own;
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return '/sys/fs/cgroup';
  throw new Error(`this machine has no cgroups for ${controller}`);
}

/** A cgroup of this run. */
export class ControlGroup {
  private constructor(readonly folder: string) {
    mkdirSync(folder);
  }

  /** Makes one of the controller's, right under its root. @param name what it is called beside others of this run. */
  static of(controller: 'cpuacct' | 'memory', name: string): ControlGroup {
    return new ControlGroup(join(hierarchyOf(controller), `${prefix}${process.pid}-${name}`));
  }

  /** Makes one below this one. */
  within(name: string): ControlGroup {
    return new ControlGroup(join(this.folder, name));
  }

  /** Processor time of all that ever ran in it, what has ended as well, in ms. */
  get usedMs(): number {
    const v1 = join(this.folder, 'cpuacct.usage');
    return existsSync(v1)
      ? Number(readFileSync(v1, 'utf8')) / 1e6
      : usedMsOf(readFileSync(join(this.folder, 'cpu.stat'), 'utf8'));
  }

  /** What runs in it now. */
  get pids(): number[] {
    return readFileSync(join(this.folder, 'cgroup.procs'), 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(Number);
  }

  /** Kills what runs in it, and removes it with all groups below it. */
  async remove(): Promise<void> {
    await removeWithAll(this.folder);
  }
}

/** Removes what runs that were killed have left. @returns the folders. */
export async function removeLeftovers(): Promise<string[]> {
  const roots = new Set([hierarchyOf('cpuacct'), hierarchyOf('memory')]);
  const isLeft = (name: string): boolean =>
    name.startsWith(prefix) && !existsSync(`/proc/${Number.parseInt(name.slice(prefix.length))}`);
  const left = [...roots].flatMap((root) =>
    readdirSync(root)
      .filter(isLeft)
      .map((name) => join(root, name)),
  );
  for (const folder of left) await removeWithAll(folder);
  return left;
}

/** @param text of `cpu.stat`, cgroup v2. @returns ms; NaN where it does not say. */
export function usedMsOf(text: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1]) / 1000;
}

function foldersUnder(folder: string): string[] {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap(({ name }) => foldersUnder(join(folder, name))), folder];
}

/** What was killed is gone a moment later; only then a group can be removed. */
async function removeWithAll(folder: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (existsSync(folder)) {
    for (const each of foldersUnder(folder)) killAllIn(each);
    try {
      removeEmpty(folder);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

/** Kernel filesystem: the files in a group's folder go with it. */
function removeEmpty(folder: string): void {
  for (const each of foldersUnder(folder)) rmdirSync(each);
}

function killAllIn(folder: string): void {
  for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
