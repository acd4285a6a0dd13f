import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killIfAlive } from './signal';

/** Where groups that can be frozen are made on this machine, by the version of the hierarchy. */
function rootOf(version: 1 | 2): string | undefined {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, root = '', type, options = ''] = line.split(' ');
    if (version === 1 && type === 'cgroup' && options.split(',').includes('freezer')) return root;
    if (version === 2 && type === 'cgroup2') return root;
  }
  return undefined;
}

/** Why no group can be frozen here in that version, in words; undefined where one can. */
export function freezerObstacle(version: 1 | 2): string | undefined {
  if (process.platform !== 'linux') return 'cgroups need Linux';
  if (process.getuid?.() !== 0) return 'cgroups need root';
  if (rootOf(version) === undefined) return `there is no freezer of cgroup v${version} here`;
  try {
    const group = FreezerGroup.create(version, `probe-${process.pid}-${Date.now()}`);
    const isThere = existsSync(join(group.folder, version === 1 ? 'freezer.state' : 'cgroup.freeze'));
    rmdirSync(group.folder);
    return isThere ? undefined : `the kernel's cgroup v${version} cannot freeze`;
  } catch (error) {
    return `no group can be made: ${String(error)}`;
  }
}

/** A group of one's own that can be frozen. */
export class FreezerGroup {
  readonly pids: number[] = [];
  private readonly below: string[] = [];

  private constructor(
    readonly folder: string,
    /** As `/proc/PID/cgroup` names it. */
    readonly path: string,
  ) {}

  static create(version: 1 | 2, name: string): FreezerGroup {
    const folder = join(rootOf(version) ?? '', name);
    mkdirSync(folder);
    return new FreezerGroup(folder, `/${name}`);
  }

  /** Starts a shell in it, or in a group of that name below it. @returns the pid. */
  async start(script: string, below = ''): Promise<number> {
    const folder = join(this.folder, below);
    if (below !== '') {
      mkdirSync(folder);
      this.below.unshift(folder);
    }
    const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore', detached: true });
    const { pid } = child;
    if (pid === undefined) throw new Error('nothing was started');
    writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    this.pids.push(pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return pid;
  }

  /** Processes in it and below it. */
  get processes(): number[] {
    return [this.folder, ...this.below].flatMap((folder) =>
      readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number),
    );
  }

  /** Thaws and kills what is in it, and removes it. */
  async remove(): Promise<void> {
    const [file, word] = existsSync(join(this.folder, 'freezer.state'))
      ? ['freezer.state', 'THAWED']
      : ['cgroup.freeze', '0'];
    writeFileSync(join(this.folder, file), word);
    for (let attempt = 0; ; attempt++) {
      for (const pid of this.processes) killIfAlive(pid);
      try {
        for (const folder of [...this.below, this.folder]) if (existsSync(folder)) rmdirSync(folder);
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}
