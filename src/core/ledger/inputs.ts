import type { Arcstats } from '../proc/arcstats';
import { hugePoolsOf, type HugePool } from '../proc/hugepages';
import type { Meminfo } from '../proc/meminfo';
import type { Pagesets } from '../proc/pagesets';
import type { Sockstat } from '../proc/sockstat';
import type { Vmstat } from '../proc/vmstat';
import type { ZramMmStat } from '../proc/zramMmStat';
import type { FamilyFacts, SlowFacts } from '../survey/survey';

/** What the ledger is made of. Only `meminfo` must be; without the others, more is "not accounted". */
export interface LedgerInputs {
  readonly meminfo: Meminfo;
  readonly vmstat?: Vmstat | undefined;
  readonly pageSizeBytes?: number | undefined;
  readonly pagesets?: Pagesets | undefined;
  /** All zram devices; an empty list: there are none. */
  readonly zram?: readonly ZramMmStat[] | undefined;
  readonly hugePools?: readonly HugePool[] | undefined;
  readonly arcstats?: Arcstats | undefined;
  readonly sockstat?: Sockstat | undefined;
}

/** What a sample is made of that the ledger needs, and the page size of the host. */
export type FastInputs = Pick<LedgerInputs, 'meminfo' | 'vmstat' | 'pageSizeBytes'>;

/** A sample's facts with what a survey has read last of the others. Those are some seconds older. */
export function ledgerInputsOf(fast: FastInputs, slow: SlowFacts, families: FamilyFacts): LedgerInputs {
  const counts = new Map<string, number>();
  for (const id of ['nrHugepages', 'freeHugepages', 'resvHugepages', 'surplusHugepages'] as const) {
    for (const [path, { value }] of Object.entries(families[id] ?? {})) {
      if (value !== undefined) counts.set(path, value);
    }
  }
  const zram = families.zramMmStat && Object.values(families.zramMmStat).map(({ value }) => value);
  return {
    ...fast,
    pagesets: slow.pagesets?.value,
    arcstats: slow.arcstats?.value,
    sockstat: slow.sockstat?.value,
    zram: zram?.filter((device) => device !== undefined),
    hugePools: counts.size === 0 ? undefined : hugePoolsOf(counts),
  };
}
