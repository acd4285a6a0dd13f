import { ancestorPathsOf } from '../cgroups/effectiveLimit';
import { isOwnOfContainer, ownerOf } from '../cgroups/cgroupOwner';
import { memoryGroupOf } from '../cgroups/processOwner';
import { cgroupMembership } from '../proc/cgroupMembership';

/**
 * The cgroup of a container, by where its first process is. The pid may be another process's by now, so a path counts only
 * where it names the container.
 * @param text of /proc/PID/cgroup. Never throws, whatever it is.
 * @param id of the container: 12 to 64 hexadecimal digits.
 * @returns undefined where it is in no group that names it.
 */
export function containerCgroupOf(text: string, id: string): string | undefined {
  const path = memoryPathOf(text);
  if (path === undefined) return undefined;
  // The container may have groups of its own within, and its first process is in one of them.
  return [path, ...ancestorPathsOf(path)].filter((group) => isOf(group, id)).at(-1);
}

function isOf(path: string, id: string): boolean {
  const owner = ownerOf(path);
  return isOwnOfContainer(owner) && id.length >= 12 && owner.id.startsWith(id);
}

function memoryPathOf(text: string): string | undefined {
  try {
    return memoryGroupOf(cgroupMembership.parse(text, () => undefined))?.path;
  } catch {
    return undefined;
  }
}
