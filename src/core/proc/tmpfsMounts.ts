import { ParseError, type Source } from './source';
import { fieldsOf, linesOf, unescaped } from './text';

const path = 'proc/mounts';

/** So many are kept; hosts with containers have some for each. */
const mostMounts = 200;
/** A path is cut off here (PATH_MAX). */
const longestPath = 4096;

/** A file system that lives in memory. What is in it is part of `Shmem`. */
export interface TmpfsMount {
  readonly mountPoint: string;
  /** `devtmpfs` is one of these too. */
  readonly kind: 'tmpfs' | 'devtmpfs';
  /** It may hold so much; undefined: half of the memory, as is the kernel's default. */
  readonly limitBytes: number | undefined;
}

/** Kinds of file systems whose lines stay on the host. */
const otherKinds = [
  'overlay|aufs|squashfs|ext[234]|xfs|btrfs|zfs|vfat|iso9660|nfs4?|cifs|fuse[^ ]*|nsfs|autofs|ramfs',
  'proc|sysfs|cgroup2?|devpts|mqueue|securityfs|selinuxfs|bpf|tracefs|debugfs|pstore|hugetlbfs|configfs|fusectl',
  'efivarfs|binfmt_misc|rpc_pipefs|nfsd',
];

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * The lines of tmpfs in `/proc/mounts` (fs/proc_namespace.c), e.g. `tmpfs /dev/shm tmpfs rw,size=24684092k 0 0`: those of
 * the reader's mount namespace. How full one is costs a system call for each and is not asked.
 */
export const tmpfsMounts: Source<readonly TmpfsMount[]> = {
  path,
  drop: `^[^ ]+ [^ ]+ (${otherKinds.join('|')}) `,
  parse(text, refuse) {
    const mounts: TmpfsMount[] = [];
    for (const line of linesOf(text)) {
      const [, mountPoint, kind, options] = fieldsOf(line);
      if (mountPoint === undefined || kind === undefined || options === undefined) {
        refuse(line, 'not a mount');
        continue;
      }
      if ((kind !== 'tmpfs' && kind !== 'devtmpfs') || mounts.length === mostMounts) continue;
      const limit = options.split(',').find((option) => option.startsWith('size='));
      const [, digits, unit = ''] = /^size=(\d{1,15})([kmg]?)$/.exec(limit ?? '') ?? [];
      const limitBytes = digits === undefined ? undefined : Number(digits) * (units[unit] ?? 1);
      if (limit !== undefined && (limitBytes === undefined || !Number.isSafeInteger(limitBytes))) {
        refuse(line, `not a size: ${limit.slice(0, 40)}`);
      }
      mounts.push({
        mountPoint: unescaped(mountPoint.slice(0, longestPath)),
        kind,
        limitBytes: Number.isSafeInteger(limitBytes) ? limitBytes : undefined,
      });
    }
    if (text.trim() !== '' && !text.includes(' '))
      throw new ParseError(path, 1, text, 'not a list of mounts');
    return mounts;
  },
};
