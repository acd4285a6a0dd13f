import type { Source } from './proc/source';
import { mostProcessors, stat } from './proc/stat';
import { swaps, type Swap } from './proc/swaps';
import { zoneinfo, type Zone } from './proc/zoneinfo';
import { readSource, type Problem } from './sample';

/** `hybrid`: controllers in version 1, and a version 2 tree without them beside it (systemd before 2020). */
export type CgroupVersion = '1' | '2' | 'hybrid';

/** What is asked of a host once, at the start of a connection. What could not be read is undefined. */
export interface HostFacts {
  /** `Linux`. */
  readonly ostype?: string;
  /** e.g. `6.1.0-50-cloud-amd64`. */
  readonly osrelease?: string;
  readonly hostname?: string;
  readonly bootId?: string;
  /** Processors online. */
  readonly processors?: number;
  readonly pageSizeBytes?: number;
  /** An empty list: no swap. */
  readonly swaps?: readonly Swap[];
  readonly zones?: readonly Zone[];
  readonly cgroupVersion?: CgroupVersion;
  /** 0: heuristic, 1: always, 2: never beyond the limit. */
  readonly overcommitMemory?: number;
  readonly overcommitRatioPercent?: number;
  readonly overcommitKbytes?: number;
  readonly panicOnOom?: number;
  readonly oomKillAllocatingTask?: number;
  readonly oomDumpTasks?: number;
  readonly swappiness?: number;
  readonly minFreeKbytes?: number;
  /** Time of boot by the host's clock, ms since the epoch. */
  readonly btimeMs?: number;
  /** The host's clock at the start of the connection, ms since the epoch; whole seconds. */
  readonly wallClockMs?: number;
  /** Why a file that exists gave nothing, or which of its values were refused, by path. */
  readonly problems: Readonly<Record<string, Problem>>;
}

/** A file that is read once; `keep` and `drop` as in {@link Source}. */
export interface FactPath {
  readonly path: string;
  readonly keep?: readonly string[];
  readonly drop?: string;
}

const numbers = {
  overcommitMemory: 'proc/sys/vm/overcommit_memory',
  overcommitRatioPercent: 'proc/sys/vm/overcommit_ratio',
  overcommitKbytes: 'proc/sys/vm/overcommit_kbytes',
  panicOnOom: 'proc/sys/vm/panic_on_oom',
  oomKillAllocatingTask: 'proc/sys/vm/oom_kill_allocating_task',
  oomDumpTasks: 'proc/sys/vm/oom_dump_tasks',
  swappiness: 'proc/sys/vm/swappiness',
  minFreeKbytes: 'proc/sys/vm/min_free_kbytes',
} as const;

const words = {
  ostype: 'proc/sys/kernel/ostype',
  osrelease: 'proc/sys/kernel/osrelease',
  hostname: 'proc/sys/kernel/hostname',
  bootId: 'proc/sys/kernel/random/boot_id',
} as const;

const factPathOf = ({ path, keep, drop }: Source<unknown>): FactPath => ({
  path,
  ...(keep && { keep }),
  ...(drop !== undefined && { drop }),
});

/** The files the remote program reads once. Most hosts lack some of the cgroup files: that is what tells its version. */
export const factPaths: readonly FactPath[] = [
  ...Object.values(words).map((path) => ({ path })),
  ...Object.values(numbers).map((path) => ({ path })),
  factPathOf(swaps),
  factPathOf(zoneinfo),
  factPathOf(stat),
  { path: 'proc/self/smaps', keep: ['KernelPageSize:'] },
  { path: 'sys/devices/system/cpu/online' },
  { path: 'sys/fs/cgroup/cgroup.controllers' },
  { path: 'sys/fs/cgroup/unified/cgroup.controllers' },
  { path: 'proc/cgroups' },
  { path: 'proc/self/cgroup' },
];

/**
 * Reads the texts of {@link factPaths}, by path, and two that the remote program makes where it can:
 * `getconf/PAGESIZE`, and `date/+%s`, the host's clock in seconds. Never throws.
 */
export function hostFactsOf(texts: Readonly<Record<string, string>>): HostFacts {
  const facts: { -readonly [Key in keyof HostFacts]?: HostFacts[Key] } = {};
  const problems: Record<string, Problem> = {};

  const textOf = (path: string): string | undefined =>
    Object.hasOwn(texts, path) ? texts[path]?.trim() : undefined;
  const malformed = (path: string, text: string): void => {
    problems[path] = { kind: 'malformed', message: `${path}: not as expected: ${text.slice(0, 120)}` };
  };
  // None of these can be below zero.
  const numberOf = (path: string): number | undefined => {
    const text = textOf(path);
    if (text === undefined || text === '') return undefined;
    if (/^\d{1,12}$/.test(text)) return Number(text);
    malformed(path, text);
    return undefined;
  };
  const read = <T>(source: Source<T>): T | undefined => {
    const { value, problem } = readSource(source, texts);
    if (problem !== undefined && problem.kind !== 'missing') problems[source.path] = problem;
    return value;
  };
  const set = <Key extends keyof HostFacts>(key: Key, value: HostFacts[Key] | undefined): void => {
    if (value !== undefined) facts[key] = value;
  };

  for (const [key, path] of entriesOf(words)) set(key, textOf(path) === '' ? undefined : textOf(path));
  for (const [key, path] of entriesOf(numbers)) set(key, numberOf(path));

  const online = textOf('sys/devices/system/cpu/online');
  const processors = online === undefined ? undefined : processorsOf(online);
  if (online !== undefined && processors === undefined) malformed('sys/devices/system/cpu/online', online);
  set('processors', processors);
  const pageSize = numberOf('getconf/PAGESIZE') ?? smapsPageSizeOf(textOf('proc/self/smaps') ?? '');
  if (pageSize !== undefined && isPageSize(pageSize)) set('pageSizeBytes', pageSize);
  else if (pageSize !== undefined) malformed('getconf/PAGESIZE', String(pageSize));
  set('swaps', read(swaps));
  set('zones', read(zoneinfo));
  set('btimeMs', read(stat)?.btimeMs);
  const seconds = numberOf('date/+%s');
  set('wallClockMs', seconds === undefined ? undefined : seconds * 1000);
  set('cgroupVersion', cgroupVersionOf(textOf));
  return { ...facts, problems };
}

function entriesOf<Key extends string, Value>(map: Readonly<Record<Key, Value>>): [Key, Value][] {
  return Object.entries(map) as [Key, Value][];
}

/** Counts a list of the kernel's form, e.g. `0-3,5`. */
function processorsOf(list: string): number | undefined {
  let count = 0;
  for (const range of list.split(',')) {
    const [, first, last = first] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(range) ?? [];
    if (first === undefined || Number(last) < Number(first)) return undefined;
    count += Number(last) - Number(first) + 1;
  }
  return count > mostProcessors ? undefined : count;
}

/** The first mapping of a program is one of its file, in pages of the base size: `KernelPageSize:        4 kB`. */
function smapsPageSizeOf(smaps: string): number | undefined {
  const [, kib] = /^KernelPageSize: +(\d+) kB$/m.exec(smaps) ?? [];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** From 4 KiB (most machines) to 64 KiB (some arm64 and ppc64le) and 256 KiB (some embedded). */
function isPageSize(bytes: number): boolean {
  return [4, 8, 16, 32, 64, 128, 256].includes(bytes / 1024);
}

/**
 * `cgroup.controllers` exists in version 2 trees only. Where /sys/fs/cgroup does not tell (not mounted, or elsewhere),
 * /proc/self/cgroup does: the line `0::/…` is that of version 2.
 */
function cgroupVersionOf(textOf: (path: string) => string | undefined): CgroupVersion | undefined {
  if (textOf('sys/fs/cgroup/cgroup.controllers') !== undefined) return '2';
  if (textOf('sys/fs/cgroup/unified/cgroup.controllers') !== undefined) return 'hybrid';
  const own = textOf('proc/self/cgroup');
  if (own === undefined) return textOf('proc/cgroups') === undefined ? undefined : '1';
  const lines = own.split('\n').filter((line) => line !== '');
  const version2 = lines.filter((line) => line.startsWith('0::')).length;
  if (lines.length === 0) return undefined;
  if (version2 === 0) return '1';
  return version2 === lines.length ? '2' : 'hybrid';
}
