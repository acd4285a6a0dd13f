import { arcstats } from '../proc/arcstats';
import { buddyinfo } from '../proc/buddyinfo';
import { freeHugepages, nrHugepages, resvHugepages, surplusHugepages } from '../proc/hugepages';
import { nodeMeminfo } from '../proc/nodeMeminfo';
import { pagesets } from '../proc/pagesets';
import { slabinfo } from '../proc/slabinfo';
import { passwd } from '../proc/passwd';
import { sockstat } from '../proc/sockstat';
import { tmpfsMounts } from '../proc/tmpfsMounts';
import { zramMmStat } from '../proc/zramMmStat';
import { diskCounters } from '../proc/diskCounters';
import { loadavg } from '../proc/loadavg';
import { meminfo } from '../proc/meminfo';
import { netDev } from '../proc/netDev';
import { linkDuplex, linkSpeed } from '../proc/netLink';
import { netNetstat } from '../proc/netNetstat';
import { netSnmp } from '../proc/netSnmp';
import { processorStat } from '../proc/processorStat';
import { uptime } from '../proc/uptime';
import { vmstat } from '../proc/vmstat';
import type { Source } from '../proc/source';

/**
 * Files of which a host has any number, one for each device or node, e.g. `sys/block/zram*\/mm_stat`. `path` is a pattern
 * in which `*` stands for any characters but `/`; `parse` gets one file's text.
 */
export type FamilySource<T> = Source<T>;

/** Slow sources with one file each. A new one is one word here. */
export const slowSources = {
  arcstats,
  buddyinfo,
  pagesets,
  passwd,
  slabinfo,
  sockstat,
  tmpfsMounts,
} as const satisfies Record<string, Source<unknown>>;

/** Slow sources with any number of files. */
export const familySources = {
  zramMmStat,
  nrHugepages,
  freeHugepages,
  resvHugepages,
  surplusHugepages,
  nodeMeminfo,
} as const satisfies Record<string, FamilySource<unknown>>;

/**
 * Read only while a checkup runs, at its start and at its end: files of which samples hold fewer lines, or none.
 */
export const checkupSources = {
  uptime,
  loadavg,
  processorStat,
  vmstat,
  meminfo,
  diskCounters,
  netDev,
  netSnmp,
  netNetstat,
} as const satisfies Record<string, Source<unknown>>;

/** Read once in a checkup, at its end. Reading fails for interfaces without a link: that is no error. */
export const checkupFamilySources = {
  linkSpeed,
  linkDuplex,
} as const satisfies Record<string, FamilySource<unknown>>;

export type SlowId = keyof typeof slowSources;
export type FamilyId = keyof typeof familySources;

/** Each is read about this often, in ms. */
const usuallyEveryMs = 30_000;

/** What hardly ever changes is read less often, what changes by hundreds of megabytes more often; ms. */
const otherwise: Readonly<Partial<Record<SlowId | FamilyId, number>>> = { passwd: 600_000, pagesets: 10_000 };

/** How often each slow source is read, by its name, in ms. */
export const sourceEveryMs: Readonly<Record<string, number>> = Object.fromEntries(
  [...Object.keys(slowSources), ...Object.keys(familySources)].map((name) => [
    name,
    otherwise[name as SlowId | FamilyId] ?? usuallyEveryMs,
  ]),
);

/** The name of the set of files that tell whether the host is itself a container, see `cgroups/inside.ts`. */
export const insideSet = 'inside';
