import type { OomEvent } from '../event';
import { gfpFlagsOf } from '../gfpFlags';
import type { Translate } from '../../translate';

/**
 * What was asked for, by the flags of the request, in words; undefined: no name of a flag tells.
 *
 * The page of a program is charged to its memory cgroup with GFP_KERNEL as well (`mem_cgroup_charge`, mm/memory.c), so in
 * a report about a cgroup's limit that name does not tell for whom it was.
 */
export function requestKind({ trigger, scope }: OomEvent, t: Translate): string | undefined {
  if (trigger?.gfp === undefined) return undefined;
  const { what, names, remarks } = gfpFlagsOf(trigger.gfp);
  const charged = scope === 'memcg' && names.includes('GFP_KERNEL');
  const kind = charged ? 'memory to be charged to its cgroup, for a program or for the kernel' : what;
  const parts = kind === undefined ? remarks : [kind, ...remarks];
  return parts.length === 0 ? undefined : parts.map((part) => t(part)).join(', ');
}
