import { present } from '../present';
import { isTaskName } from './taskName';
import { unsignedUid } from '../userId';

/** Since 5.0: the line that says in one what was decided (`dump_oom_victim`, mm/oom_kill.c). */
export interface OomKillLine {
  readonly kind: 'oom-kill';
  readonly constraint: string;
  /** Whose memory ran out: everybody's. False also where the line is cut off before that. */
  readonly global: boolean;
  readonly limit?: string;
  readonly task?: string;
  /** The victim that was chosen, where the end of the line is there. */
  readonly pid?: number;
  readonly name?: string;
  readonly uid?: number;
}

/**
 * `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=c,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,
 * task=sshd,pid=13276,uid=0`, or `…,global_oom,task_memcg=…`. Read from the right, since names may hold commas. The
 * kernel cuts it at about 1,000 characters, so that its end may lack.
 */
export function readOomKill(text: string): OomKillLine | undefined {
  const constraint = /^oom-kill:constraint=([^,]{1,64}),/.exec(text)?.[1];
  if (constraint === undefined) return undefined;
  const end = /,pid=(\d{1,10}),uid=(-?\d{1,10})\s*$/.exec(text.slice(-64));
  const taskAt = end === null ? -1 : findTask(text, text.length - end[0].length);
  const pathsEnd = taskAt < 0 ? text.length : taskAt;
  const memcgAt = text.lastIndexOf(',task_memcg=', pathsEnd);
  const before = memcgAt < 0 ? text : text.slice(0, memcgAt);
  const limitAt = before.lastIndexOf(',oom_memcg=');
  // A kernel without memory cgroups has nobody else's memory.
  const global = before.endsWith(',global_oom') || (constraint === none && taskAt >= 0 && memcgAt < 0);
  return present<OomKillLine>({
    kind: 'oom-kill',
    constraint,
    global,
    // A path is only whole where the next field follows.
    limit: global || limitAt < 0 || memcgAt < 0 ? undefined : before.slice(limitAt + ',oom_memcg='.length),
    task: memcgAt < 0 || taskAt < 0 ? undefined : text.slice(memcgAt + ',task_memcg='.length, taskAt),
    pid: end === null ? undefined : Number(end[1]),
    name:
      end === null || taskAt < 0
        ? undefined
        : text.slice(taskAt + taskStart.length, text.length - end[0].length),
    uid: end === null ? undefined : unsignedUid(Number(end[2])),
  });
}

const none = 'CONSTRAINT_NONE';
const taskStart = ',task=';

/** Where `,task=` begins before the name that ends at `nameEnd`: the leftmost one, since a name may hold it as well. */
function findTask(text: string, nameEnd: number): number {
  let found = -1;
  let at = text.lastIndexOf(taskStart, nameEnd - taskStart.length);
  while (at >= 0 && isTaskName(text.slice(at + taskStart.length, nameEnd))) {
    found = at;
    at = at === 0 ? -1 : text.lastIndexOf(taskStart, at - 1);
  }
  return found;
}
