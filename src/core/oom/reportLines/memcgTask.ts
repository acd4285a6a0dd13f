/** Kernels before 5.0: the memory cgroup of the victim and the one whose limit was reached. */
export interface MemcgTaskLine {
  readonly kind: 'memcg-task';
  readonly limit: string;
  readonly task: string;
}

const start = 'Task in ';
const middle = ' killed as a result of limit of ';

/** `Task in /a/b killed as a result of limit of /a` (`mem_cgroup_print_oom_info`, mm/memcontrol.c). */
export function readMemcgTask(text: string): MemcgTaskLine | undefined {
  const at = text.startsWith(start) ? text.indexOf(middle) : -1;
  if (at < 0) return undefined;
  return {
    kind: 'memcg-task',
    task: text.slice(start.length, at),
    limit: text.slice(at + middle.length).trimEnd(),
  };
}
