import { existsSync, readFileSync } from 'node:fs';

/** The group that the memory of a process is charged to, as `/proc/PID/cgroup` names it. @throws where there is none. */
export function memoryCgroupOf(pid: number): string {
  return groupOf(pid).path;
}

/** The memory limit that the kernel holds a process to, in bytes, by the group that it is in. @throws where there is none. */
export function memoryLimitOf(pid: number): number {
  return Number(readFileSync(groupOf(pid).limitFile, 'utf8'));
}

function groupOf(pid: number): { readonly path: string; readonly limitFile: string } {
  for (const line of readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n')) {
    const [, controllers = '', path = ''] = line.split(':');
    const limitFile = controllers.split(',').includes('memory')
      ? `/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`
      : `/sys/fs/cgroup${path}/memory.max`;
    if (existsSync(limitFile)) return { path, limitFile };
  }
  throw new Error(`process ${pid} is in no memory cgroup`);
}
