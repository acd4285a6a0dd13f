import type { CgroupMembership } from '../proc/cgroupMembership';
import { ownerOf, type CgroupOwner } from './cgroupOwner';

/** The cgroup that a process's memory is charged to, and the version of its files. Undefined: the host has none. */
export function memoryGroupOf(membership: CgroupMembership): { path: string; version: 1 | 2 } | undefined {
  if (membership.memoryV1 !== undefined) return { path: membership.memoryV1, version: 1 };
  if (membership.unified !== undefined) return { path: membership.unified, version: 2 };
  return undefined;
}

/** The more a kind says, the earlier. */
const telling: readonly CgroupOwner['kind'][] = [
  'container',
  'machine',
  'pod',
  'unit',
  'session',
  'slice',
  'other',
  'root',
];

/**
 * Says what a process belongs to. In version 1 a process may be in a different group of each hierarchy: a service whose
 * memory systemd does not account for is in the root group of the memory hierarchy, and in its unit in systemd's own; a
 * user's unit is in that of the user's manager, and in its own in systemd's. The hierarchy that says most is believed, the
 * memory controller's first.
 */
export function ownerOfProcess(membership: CgroupMembership): CgroupOwner | undefined {
  const { memoryV1, systemdV1, unified } = membership;
  return [memoryV1, systemdV1, unified]
    .filter((path) => path !== undefined)
    .map((path) => ({ path, owner: ownerOf(path) }))
    .reduce<Candidate | undefined>(
      (best, next) => (best === undefined || saysMore(next, best) ? next : best),
      undefined,
    )?.owner;
}

interface Candidate {
  readonly path: string;
  readonly owner: CgroupOwner;
}

/** Of the same kind, a group says more than one that it is part of. */
function saysMore(one: Candidate, other: Candidate): boolean {
  const rank = ({ owner }: Candidate): number => telling.indexOf(owner.kind);
  return rank(one) < rank(other) || (rank(one) === rank(other) && one.path.startsWith(`${other.path}/`));
}
