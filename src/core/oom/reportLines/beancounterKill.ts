import type { OomVictim } from '../event';
import { present } from '../present';
import type { KilledLine } from './killed';
import { isTaskName } from './taskName';

/**
 * The kernels of OpenVZ and Virtuozzo 6 (2.6.32-042stab) have beancounters (`UB`) for containers:
 * `Out of memory in UB 1234: OOM killed process 21738 (php-cgi) score 0 vm:281988kB, rss:17004kB, swap:0kB`; for the whole
 * machine `Out of memory: OOM killed process …`.
 */
export function readBeancounterKill(text: string): KilledLine | undefined {
  const start = /^Out of memory(?: in (UB \d{1,10}))?: OOM killed process (\d{1,10}) \(/.exec(
    text.slice(0, 100),
  );
  if (start === null) return undefined;
  const rest = text.slice(start[0].length, start[0].length + 300);
  const end = /\) score (-?\d{1,15}) vm:(\d{1,16})kB, rss:(\d{1,16})kB(?:, swap:\d{1,16}kB)?\s*$/.exec(rest);
  const name = rest.slice(0, end === null ? rest.lastIndexOf(')') : end.index);
  if (!rest.includes(')') || !isTaskName(name)) return undefined;
  return present<KilledLine>({
    kind: 'killed',
    cause: start[1] === undefined ? 'shortage' : 'memcg',
    allocatingTask: false,
    bare: false,
    limit: start[1],
    victim: present<OomVictim>({
      pid: Number(start[2]),
      name,
      totalVmBytes: kBytes(end?.[2]),
      rssBytes: kBytes(end?.[3]),
      score: end === null ? undefined : Number(end[1]),
    }),
  });
}

function kBytes(kB: string | undefined): number | undefined {
  return kB === undefined ? undefined : Number(kB) * 1024;
}
