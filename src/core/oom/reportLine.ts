import type { OomVictim } from './event';
import { present } from './present';

/**
 * What one message of the kernel says about an OOM kill. Recognised by its shape, never by the kernel's version:
 * vendors backport the newer wordings (mm/oom_kill.c; RHEL 6 and 7 have forms of their own).
 */
export type ReportLine =
  | { readonly kind: 'header'; readonly name: string; readonly order?: number; readonly gfp?: string }
  | { readonly kind: 'asking-task'; readonly pid: number; readonly name: string }
  | { readonly kind: 'memcg-usage' }
  | { readonly kind: 'memcg-task'; readonly limit: string; readonly task: string }
  | {
      readonly kind: 'oom-kill';
      readonly constraint: string;
      readonly global: boolean;
      readonly limit?: string;
      readonly task?: string;
      readonly pid?: number;
    }
  | { readonly kind: 'chosen'; readonly memcg: boolean }
  | { readonly kind: 'killed'; readonly cause: KillCause; readonly victim: OomVictim }
  | { readonly kind: 'group' }
  | { readonly kind: 'already-exiting' }
  | { readonly kind: 'no-killable-process' }
  | { readonly kind: 'deadlock' }
  | { readonly kind: 'panic' }
  | { readonly kind: 'reaper'; readonly pid: number; readonly name: string };

/** What the words before `Killed process` tell. `shortage`: global, cpuset or mempolicy alike; `none`: no such words. */
export type KillCause = 'memcg' | 'shortage' | 'cpuset' | 'mempolicy' | 'none';

/** @returns undefined for a message that is no part of an OOM report that is read so far. */
export function readReportLine(text: string): ReportLine | undefined {
  for (const read of readers) {
    const line = read(text);
    if (line !== undefined) return line;
  }
  return undefined;
}

const readers: readonly ((text: string) => ReportLine | undefined)[] = [
  readHeader,
  readAskingTask,
  readMemcgUsage,
  readMemcgTask,
  readOomKill,
  readKilled,
  readGroup,
  readChosen,
  readEnding,
  readReaper,
];

/**
 * `sshd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`; older kernels also print `nodemask`
 * and `oom_adj` here.
 */
function readHeader(text: string): ReportLine | undefined {
  const at = text.indexOf(' invoked oom-killer: gfp_mask=');
  if (at < 0) return undefined;
  const name = text.slice(0, at);
  // Something longer than a task's name is another program that quotes the kernel.
  if (!isTaskName(name)) return undefined;
  const values = text.slice(at);
  const order = /, {1,2}order=(-?\d{1,3})(?:,|$)/.exec(values)?.[1];
  return present<ReportLine & { kind: 'header' }>({
    kind: 'header',
    name,
    order: order === undefined ? undefined : Number(order),
    gfp: /gfp_mask=(0x[0-9a-f]{1,16}(?:\([^(),]{0,300}\))?),/.exec(values)?.[1],
  });
}

/** TASK_COMM_LEN is 16 with the closing NUL. A byte that is no text may stand as `\xNN`. */
function isTaskName(name: string): boolean {
  return name.length <= 60 && Array.from(name.replace(/\\x[0-9a-f]{2}/g, '?')).length <= 15;
}

/** `CPU: 0 PID: 977 Comm: sshd Not tainted …`, since 6.11 `CPU: 1 UID: 0 PID: …`; 2.6: `Pid: 977, comm: sshd Not …`. */
function readAskingTask(text: string): ReportLine | undefined {
  if (!text.startsWith('CPU: ') && !text.startsWith('Pid: ')) return undefined;
  const match =
    /^(?:CPU: \d{1,5} (?:UID: \d{1,10} )?PID: |Pid: )(\d{1,10}),? [Cc]omm: (.{0,60}?)(?: Kdump: loaded)? (?:Not t|T)ainted/.exec(
      text,
    );
  return match === null ? undefined : { kind: 'asking-task', pid: Number(match[1]), name: match[2] ?? '' };
}

/** `memory: usage 65536kB, limit 65536kB, failcnt 269` stands in reports about a memory cgroup only. */
function readMemcgUsage(text: string): ReportLine | undefined {
  return text.startsWith('memory: usage ') && text.includes('kB, limit ')
    ? { kind: 'memcg-usage' }
    : undefined;
}

/** Before 5.0: `Task in /a/b killed as a result of limit of /a`. */
function readMemcgTask(text: string): ReportLine | undefined {
  const start = 'Task in ';
  const middle = ' killed as a result of limit of ';
  const at = text.startsWith(start) ? text.indexOf(middle) : -1;
  if (at < 0) return undefined;
  return {
    kind: 'memcg-task',
    task: text.slice(start.length, at),
    limit: text.slice(at + middle.length).trimEnd(),
  };
}

/**
 * Since 5.0: `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=c,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,
 * task=sshd,pid=13276,uid=0`, or `…,global_oom,task_memcg=…`. Read from the right, since names may hold commas. The
 * kernel cuts it at about 1,000 characters, so that its end may lack.
 */
function readOomKill(text: string): ReportLine | undefined {
  const constraint = /^oom-kill:constraint=([^,]{1,64}),/.exec(text)?.[1];
  if (constraint === undefined) return undefined;
  const end = /,pid=(\d{1,10}),uid=\d{1,10}\s*$/.exec(text.slice(-64));
  const taskAt = end === null ? -1 : findTask(text, text.length - end[0].length);
  const pathsEnd = taskAt < 0 ? text.length : taskAt;
  const memcgAt = text.lastIndexOf(',task_memcg=', pathsEnd);
  const before = memcgAt < 0 ? text : text.slice(0, memcgAt);
  const limitAt = before.lastIndexOf(',oom_memcg=');
  const global = before.endsWith(',global_oom');
  return present<ReportLine & { kind: 'oom-kill' }>({
    kind: 'oom-kill',
    constraint,
    global,
    // A path is only whole where the next field follows.
    limit: global || limitAt < 0 || memcgAt < 0 ? undefined : before.slice(limitAt + ',oom_memcg='.length),
    task: memcgAt < 0 || taskAt < 0 ? undefined : text.slice(memcgAt + ',task_memcg='.length, taskAt),
    pid: end === null ? undefined : Number(end[1]),
  });
}

/** Where `,task=` begins before the name that ends at `nameEnd`: the leftmost one, since a name may hold it as well. */
function findTask(text: string, nameEnd: number): number {
  const start = ',task=';
  let found = -1;
  let at = text.lastIndexOf(start, nameEnd - start.length);
  while (at >= 0 && isTaskName(text.slice(at + start.length, nameEnd))) {
    found = at;
    at = at === 0 ? -1 : text.lastIndexOf(start, at - 1);
  }
  return found;
}

const causes: readonly (readonly [words: string, cause: KillCause])[] = [
  ['Memory cgroup out of memory: ', 'memcg'],
  ['Out of memory: ', 'shortage'],
  ['Out of memory (oom_kill_allocating_task): ', 'shortage'],
  ['No available memory in cpuset: ', 'cpuset'],
  ['No available memory (MPOL_BIND): ', 'mempolicy'],
];

/**
 * `Out of memory: Killed process 882 (name) total-vm:846780kB, anon-rss:835228kB, …`. Kernels before 5.1 print it
 * without the words before; RHEL 6 and 7 print `Killed process 882, UID 0, (name) …` and `… 882 (name), UID 0, …`.
 */
function readKilled(text: string): ReportLine | undefined {
  const [words, cause] = causes.find(([start]) => text.startsWith(start)) ?? ['', 'none' as const];
  const match = /^Killed process (\d{1,10})(?:, UID (\d{1,10}),)? \(/.exec(
    text.slice(words.length, words.length + 64),
  );
  if (match === null) return undefined;
  const rest = text.slice(words.length + match[0].length);
  // The last one: a name may hold ` total-vm:` itself.
  const sizesAt = rest.lastIndexOf(' total-vm:');
  if (sizesAt < 0 && cause === 'none') return undefined;
  const head = sizesAt < 0 ? rest : rest.slice(0, sizesAt);
  const uidAfterName = /\), UID (\d{1,10}),$/.exec(head);
  const nameEnd = uidAfterName?.index ?? head.lastIndexOf(')');
  if (nameEnd < 0) return undefined;
  const sizes = sizesAt < 0 ? '' : rest.slice(sizesAt);
  const uid = match[2] ?? uidAfterName?.[1] ?? /, UID:(\d{1,10}) /.exec(sizes)?.[1];
  const oomScoreAdj = / oom_score_adj:(-?\d{1,4})\s*$/.exec(sizes)?.[1];
  return {
    kind: 'killed',
    cause,
    victim: present<OomVictim>({
      pid: Number(match[1]),
      name: head.slice(0, nameEnd),
      uid: uid === undefined ? undefined : Number(uid),
      totalVmBytes: bytes(sizes, / total-vm:(\d{1,16})kB/),
      anonRssBytes: bytes(sizes, / anon-rss:(\d{1,16})kB/),
      fileRssBytes: bytes(sizes, / file-rss:(\d{1,16})kB/),
      shmemRssBytes: bytes(sizes, / shmem-rss:(\d{1,16})kB/),
      pgtablesBytes: bytes(sizes, / pgtables:(\d{1,16})kB/),
      oomScoreAdj: oomScoreAdj === undefined ? undefined : Number(oomScoreAdj),
    }),
  };
}

function bytes(sizes: string, pattern: RegExp): number | undefined {
  const kB = pattern.exec(sizes)?.[1];
  return kB === undefined ? undefined : Number(kB) * 1024;
}

/** `Tasks in /a/b are going to be killed due to memory.oom.group set` (4.19+); its victims follow. */
function readGroup(text: string): ReportLine | undefined {
  return text.startsWith('Tasks in ') && text.trimEnd().endsWith(' killed due to memory.oom.group set')
    ? { kind: 'group' }
    : undefined;
}

/** Before 5.1: `Out of memory: Kill process 882 (name) score 752 or sacrifice child`. Not yet a kill; it tells whose memory. */
function readChosen(text: string): ReportLine | undefined {
  const words = causes.find(([start]) => text.startsWith(start))?.[0];
  if (words === undefined || !text.startsWith('Kill process ', words.length)) return undefined;
  return { kind: 'chosen', memcg: words.startsWith('Memory cgroup') };
}

/** An invocation that kills nobody. */
function readEnding(text: string): ReportLine | undefined {
  if (/^(?:Memory cgroup out|Out) of memory: OOM victim \d{1,10} \(/.test(text))
    return { kind: 'already-exiting' };
  if (text.startsWith('Out of memory and no killable processes')) return { kind: 'no-killable-process' };
  const panic = 'Kernel panic - not syncing: ';
  const reason = text.startsWith(panic) ? text.slice(panic.length) : text;
  if (reason.startsWith('System is deadlocked on memory')) return { kind: 'deadlock' };
  return reason !== text && /^out of memory\b/i.test(reason) ? { kind: 'panic' } : undefined;
}

/** `oom_reaper: reaped process 882 (name), now anon-rss:0kB, …` (4.6+), `oom_reaper: unable to reap pid:882 (name)`. */
function readReaper(text: string): ReportLine | undefined {
  const match = /^oom_reaper: (?:reaped process |unable to reap pid:)(\d{1,10}) \(/.exec(text);
  if (match === null) return undefined;
  const rest = text.slice(match[0].length);
  const sizesAt = rest.lastIndexOf(', now anon-rss:');
  const nameEnd = rest.lastIndexOf(')', sizesAt < 0 ? rest.length : sizesAt);
  return nameEnd < 0 ? undefined : { kind: 'reaper', pid: Number(match[1]), name: rest.slice(0, nameEnd) };
}
