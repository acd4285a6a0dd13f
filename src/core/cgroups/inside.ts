import { memoryCurrent, memoryUsageInBytes } from '../proc/cgroupAmount';
import { memoryHigh, memoryLimitInBytes, memoryMax, type Limit } from '../proc/cgroupLimit';
import { cgroupMembership, type CgroupMembership } from '../proc/cgroupMembership';
import { cgroupMemoryStat } from '../proc/cgroupMemoryStat';
import { cgroupMemoryStatV1 } from '../proc/cgroupMemoryStatV1';
import type { Source } from '../proc/source';
import type { Zone } from '../proc/zoneinfo';
import { readSource } from '../sample';
import { workingSetOf } from './cgroupOf';
import { ownerOf } from './cgroupOwner';
import { memoryGroupOf } from './processOwner';

export type ContainerKind =
  | 'docker'
  | 'podman'
  | 'kubernetes'
  | 'containerd'
  | 'cri-o'
  | 'buildkit'
  | 'lxc'
  | 'systemd-nspawn'
  | 'openvz'
  /** A container, of which nothing tells more. */
  | 'unknown';

/** What a host that is itself a container has, and what the machine under it has. */
export interface InsideView {
  readonly container: ContainerKind;
  /** The least limit that it can see: it may use no more. Undefined: none is known, though there may be one out of sight. */
  readonly limitBytes: number | undefined;
  /** Beyond it, it is slowed down (`memory.high`). Undefined: none is known. */
  readonly highBytes: number | undefined;
  /** All that is charged to it, page cache too. */
  readonly usageBytes: number | undefined;
  readonly workingSetBytes: number | undefined;
  /** All memory of the machine. Undefined: the container cannot see it. */
  readonly machineTotalBytes: number | undefined;
  /** Whether `/proc/meminfo` is the container's own, by lxcfs or the like, and not the machine's. */
  readonly ownMeminfo: boolean;
}

/** What tells the kind by itself or by its first words, most telling first. */
const signs = {
  serviceAccount: 'run/secrets/kubernetes.io/serviceaccount/namespace',
  containerenv: 'run/.containerenv',
  manager: 'run/host/container-manager',
  systemd: 'run/systemd/container',
  dockerenv: '.dockerenv',
} as const;

/** The files of a cgroup that the machine's root has, or has not: they tell whether a folder is that of the root. */
const onRootOnly1 = 'sys/fs/cgroup/memory/cgroup.sane_behavior';
const notOnRoot2 = 'sys/fs/cgroup/cgroup.events';
const ofVersion2 = 'sys/fs/cgroup/cgroup.controllers';

const folder1 = 'sys/fs/cgroup/memory';
const folder2 = 'sys/fs/cgroup';

/** A cgroup's file at the root of its mount. */
const at = <T>(folder: string, source: Source<T>): Source<T> => ({
  ...source,
  path: `${folder}/${source.path}`,
});

const own = {
  max2: at(folder2, memoryMax),
  high2: at(folder2, memoryHigh),
  current2: at(folder2, memoryCurrent),
  stat2: at(folder2, { ...cgroupMemoryStat, keep: ['anon', 'inactive_file'] }),
  limit1: at(folder1, memoryLimitInBytes),
  usage1: at(folder1, memoryUsageInBytes),
  stat1: at(folder1, {
    ...cgroupMemoryStatV1,
    keep: ['total_rss', 'total_inactive_file', 'hierarchical_memory_limit'],
  }),
} as const;

const firstProcess: Source<CgroupMembership> = { ...cgroupMembership, path: 'proc/1/cgroup' };
const lxcfsMounts = { path: 'proc/mounts', keep: ['lxcfs'] };

/** The files that are read once for {@link insideOf}. Most hosts lack most of them; some are empty. */
export const insidePaths: readonly Pick<Source<unknown>, 'path' | 'keep'>[] = [
  ...Object.values(signs).map((path) => ({ path })),
  ...[onRootOnly1, notOnRoot2, ofVersion2].map((path) => ({ path })),
  ...[firstProcess, ...Object.values(own)].map(({ path, keep }: Source<unknown>) => ({
    path,
    ...(keep && { keep }),
  })),
  lxcfsMounts,
];

/** What is known of the machine otherwise. */
export interface MachineFacts {
  /** `MemTotal` of /proc/meminfo. */
  readonly memTotalBytes: number | undefined;
  /** /proc/zoneinfo, which lxcfs leaves as it is. */
  readonly zones: readonly Zone[] | undefined;
  readonly pageSizeBytes: number | undefined;
}

/**
 * Tells whether a host is itself a container, and what it may use.
 *
 * A container with a cgroup namespace, or with its own part of version 1's tree, has at the root of the mount a group that
 * the machine's root could not be; that is certain. `/.dockerenv` alone is not: machines made from an image have it too.
 * @param texts of {@link insidePaths}, by path; one that could not be read is not there.
 * @returns undefined where nothing says so.
 */
export function insideOf(
  texts: Readonly<Record<string, string>>,
  machine: MachineFacts,
): InsideView | undefined {
  const has = (path: string): boolean => Object.hasOwn(texts, path);
  const read = <T>(source: Source<T>): T | undefined => readSource(source, texts).value;

  const max2 = read(own.max2);
  const partOf1 = has(own.limit1.path) && !has(onRootOnly1);
  const partOf2 = has(notOnRoot2) || max2 !== undefined;
  const atMachineRoot = has(onRootOnly1) || (has(ofVersion2) && !partOf2);
  const lxcfs = isLxcfs(has(lxcfsMounts.path) ? (texts[lxcfsMounts.path] ?? '') : '');
  const told = kindOf(texts, read(firstProcess), !atMachineRoot) ?? (lxcfs ? 'lxc' : undefined);
  const stat1 = partOf1 ? read(own.stat1) : undefined;
  const ownLimit = leastOf(partOf1 ? [read(own.limit1), stat1?.hierarchicalMax] : [max2]);
  // The root of version 1 can have no limit.
  const certain = partOf2 || (partOf1 && ownLimit !== undefined);
  const container = told ?? (certain ? 'unknown' : undefined);
  if (container === undefined) return undefined;

  const usageBytes = partOf1 ? read(own.usage1) : read(own.current2);
  const inactiveFileBytes = partOf1 ? stat1?.common.inactiveFileBytes : read(own.stat2)?.inactiveFileBytes;
  const { memTotalBytes } = machine;
  const managedBytes = managedBytesOf(machine);
  // Without a limit, lxcfs shows what the machine has.
  const isLess =
    memTotalBytes !== undefined && managedBytes !== undefined && memTotalBytes < managedBytes * 0.95;
  const ownMeminfo = lxcfs || isLess || (memTotalBytes !== undefined && memTotalBytes === ownLimit);
  const machineTotalBytes = ownMeminfo ? managedBytes : memTotalBytes;
  const limitBytes = leastOf([ownLimit, isLess ? memTotalBytes : undefined]);
  return {
    container,
    limitBytes:
      limitBytes !== undefined && limitBytes < (machineTotalBytes ?? Infinity) ? limitBytes : undefined,
    highBytes: partOf1 ? undefined : leastOf([read(own.high2)]),
    usageBytes,
    workingSetBytes: workingSetOf(usageBytes, inactiveFileBytes),
    machineTotalBytes,
    ownMeminfo,
  };
}

/** @param dockerenvCounts whether nothing says that it is a machine made from an image. */
function kindOf(
  texts: Readonly<Record<string, string>>,
  firstProcess: CgroupMembership | undefined,
  dockerenvCounts: boolean,
): ContainerKind | undefined {
  const has = (path: string): boolean => Object.hasOwn(texts, path);
  const word = (path: string): string | undefined =>
    has(path) ? texts[path]?.trim().split(/\s/, 1)[0] : undefined;
  // Without a cgroup namespace the first process is seen where the machine's own runtime put it.
  const { path = '/' } = firstProcess === undefined ? {} : (memoryGroupOf(firstProcess) ?? {});
  const owner = ownerOf(path);
  if (owner.kind === 'pod' || (owner.kind === 'container' && owner.pod) || has(signs.serviceAccount))
    return 'kubernetes';
  if (has(signs.containerenv)) return 'podman';
  for (const sign of [signs.manager, signs.systemd]) {
    const kind = kindsByWord.get(word(sign) ?? '');
    if (kind !== undefined) return kind;
  }
  if (has(signs.dockerenv) && dockerenvCounts) return 'docker';
  if (owner.kind === 'container') return owner.runtime ?? 'unknown';
  if (owner.kind === 'machine') return owner.manager === 'nspawn' ? 'systemd-nspawn' : 'lxc';
  return undefined;
}

/** Words of https://systemd.io/CONTAINER_INTERFACE; `wsl` is one of them and a virtual machine. */
const kindsByWord = new Map<string, ContainerKind>([
  ['docker', 'docker'],
  ['podman', 'podman'],
  ['lxc', 'lxc'],
  ['lxc-libvirt', 'lxc'],
  ['systemd-nspawn', 'systemd-nspawn'],
  ['openvz', 'openvz'],
  ['oci', 'unknown'],
]);

function leastOf(limits: readonly (Limit | undefined)[]): number | undefined {
  const known = limits.filter((limit) => typeof limit === 'number');
  return known.length === 0 ? undefined : Math.min(...known);
}

/** What the page allocator has on all nodes: `MemTotal` of the machine. */
function managedBytesOf({ zones, pageSizeBytes }: MachineFacts): number | undefined {
  if (zones === undefined || zones.length === 0 || pageSizeBytes === undefined) return undefined;
  return zones.reduce<number | undefined>(
    (sum, { managed }) =>
      sum === undefined || managed === undefined ? undefined : sum + managed * pageSizeBytes,
    0,
  );
}

/** A line such as `lxcfs /proc/meminfo fuse.lxcfs rw,nosuid 0 0`. */
function isLxcfs(mounts: string): boolean {
  return mounts.split('\n').some((line) => line.split(' ')[1] === '/proc/meminfo');
}
