import type { OomScope } from './event';
import type { MemoryInformationReader } from './memoryInformationReader';
import type { CpusetLine } from './reportLines/cpuset';
import type { HeaderLine } from './reportLines/header';
import type { KillCause } from './reportLines/killCause';
import type { OomKillLine } from './reportLines/oomKill';

/** What a report says that bears on whose memory ran out. */
export interface ScopeFacts {
  readonly header: HeaderLine | undefined;
  readonly oomKill: OomKillLine | undefined;
  readonly cause: KillCause;
  /** Some line spoke of a memory cgroup. */
  readonly memcg: boolean;
  /** A panic said so. */
  readonly systemWide: boolean;
  /** It ended without a kill, so that there is no line with the constraint. */
  readonly nobodyKilled: boolean;
  /** Kernels before 5.0 print no constraint: then what they print instead. */
  readonly wholeMachine: boolean;
}

/** Whose memory ran out. Never guessed: `Out of memory:` alone does not tell, cpuset and mempolicy kills say it too. */
export function scopeOf(facts: ScopeFacts): OomScope {
  const { header, oomKill, cause, memcg } = facts;
  if (header?.order === -1) return 'sysrq';
  // Before the constraint: 5.0 and 5.1 print CONSTRAINT_NONE for a memory cgroup as well.
  if (memcg || cause === 'memcg' || oomKill?.constraint === 'CONSTRAINT_MEMCG') return 'memcg';
  if (cause === 'cpuset' || oomKill?.constraint === 'CONSTRAINT_CPUSET') return 'cpuset';
  if (cause === 'mempolicy' || oomKill?.constraint === 'CONSTRAINT_MEMORY_POLICY') return 'mempolicy';
  if (oomKill !== undefined) return oomKill.global ? 'global' : 'unknown';
  const unconstrained = facts.wholeMachine && (cause === 'shortage' || facts.nobodyKilled);
  return facts.systemWide || unconstrained ? 'global' : 'unknown';
}

/** Memory that a cpuset or a mempolicy keeps from the task is not printed (2.6.39+); holes of the addresses are counted. */
const leastShownShare = 0.7;

/** Whether the task that asked might have had memory of every node, so that only the machine's shortage is left. */
export function mayUseWholeMachine(
  memory: MemoryInformationReader,
  pageBytes: number | undefined,
  header: HeaderLine | undefined,
  cpuset: CpusetLine | undefined,
): boolean {
  const { nodes } = memory;
  if (nodes.size === 0 || (memory.shownShare(pageBytes) ?? 1) < leastShownShare) return false;
  const covers = (list: string | undefined): boolean => list === undefined || holds(list, nodes);
  return covers(header?.nodemask) && covers(cpuset?.memsAllowed);
}

/** Whether a list like `0-1,4` holds all of these. */
function holds(list: string, nodes: ReadonlySet<number>): boolean {
  const ranges = list.split(',').map((range) => range.split('-').map(Number));
  return [...nodes].every((node) =>
    ranges.some(([first = NaN, last = first]) => node >= first && node <= last),
  );
}
