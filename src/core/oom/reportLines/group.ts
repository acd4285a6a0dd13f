/** The whole cgroup of the victim dies (`memory.oom.group`, 4.19+): its members follow, the victim itself once more. */
export interface GroupLine {
  readonly kind: 'group';
  readonly path: string;
}

const start = 'Tasks in ';
const end = ' are going to be killed due to memory.oom.group set';

/** `Tasks in /a/b are going to be killed due to memory.oom.group set`. */
export function readGroup(text: string): GroupLine | undefined {
  if (!text.startsWith(start)) return undefined;
  const trimmed = text.trimEnd();
  if (!trimmed.endsWith(end) || trimmed.length < start.length + end.length) return undefined;
  return { kind: 'group', path: trimmed.slice(start.length, trimmed.length - end.length) };
}
