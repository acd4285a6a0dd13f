import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/vmstat';

/**
 * Counters of the virtual memory system since boot, in the kernel's units: pages where not said otherwise.
 * A line that the kernel has not, or that was refused, is undefined.
 */
export interface Vmstat {
  /** Read from and written to block devices, swap included, in KiB. */
  readonly pgpginKib?: number;
  readonly pgpgoutKib?: number;
  readonly pswpin?: number;
  readonly pswpout?: number;
  /** Number of page faults, and of those that had to wait for a disk. */
  readonly pgfault?: number;
  readonly pgmajfault?: number;
  /** Pages read again soon after they were dropped. One figure, `workingset_refault`, from 3.15 to 5.8: files only. */
  readonly workingsetRefaultFile?: number;
  /** Since 5.9. */
  readonly workingsetRefaultAnon?: number;
  /** Refaulted pages that would not have been dropped with a little more memory. */
  readonly workingsetActivateFile?: number;
  readonly workingsetActivateAnon?: number;
  /** Refaulted pages that had been in active use when they were dropped. Since 4.20. */
  readonly workingsetRestoreFile?: number;
  readonly workingsetRestoreAnon?: number;
  /** Pages looked at and pages freed by programs that had to wait for memory (`direct`), and by kswapd. */
  readonly pgscanDirect?: number;
  readonly pgscanKswapd?: number;
  readonly pgstealDirect?: number;
  readonly pgstealKswapd?: number;
  /** How often a program had to free memory itself before it got some. */
  readonly allocstall?: number;
  /** Processes killed by the OOM killer, by memory cgroups as well. Since 4.13. */
  readonly oomKill?: number;
  /** A level, no counter: pages that hold compressed memory of zram and zswap. Since 4.8. */
  readonly nrZspages?: number;
}

/** Reclaim was counted by zone before 4.8; since 4.8 allocstall is. */
const zones = ['dma', 'dma32', 'normal', 'high', 'movable', 'device'];
const byZone = (word: string, field: keyof Vmstat): [string, keyof Vmstat][] => [
  [word, field],
  ...zones.map((zone): [string, keyof Vmstat] => [`${word}_${zone}`, field]),
];

/** Field by the kernel's word. Words with the same field are added up; no kernel has a total beside its parts. */
const fields = new Map<string, keyof Vmstat>([
  ['pgpgin', 'pgpginKib'],
  ['pgpgout', 'pgpgoutKib'],
  ['pswpin', 'pswpin'],
  ['pswpout', 'pswpout'],
  ['pgfault', 'pgfault'],
  ['pgmajfault', 'pgmajfault'],
  ['workingset_refault', 'workingsetRefaultFile'],
  ['workingset_refault_file', 'workingsetRefaultFile'],
  ['workingset_refault_anon', 'workingsetRefaultAnon'],
  ['workingset_activate', 'workingsetActivateFile'],
  ['workingset_activate_file', 'workingsetActivateFile'],
  ['workingset_activate_anon', 'workingsetActivateAnon'],
  ['workingset_restore', 'workingsetRestoreFile'],
  ['workingset_restore_file', 'workingsetRestoreFile'],
  ['workingset_restore_anon', 'workingsetRestoreAnon'],
  ...byZone('pgscan_direct', 'pgscanDirect'),
  ...byZone('pgscan_kswapd', 'pgscanKswapd'),
  ...byZone('pgsteal_direct', 'pgstealDirect'),
  ...byZone('pgsteal_kswapd', 'pgstealKswapd'),
  ...byZone('allocstall', 'allocstall'),
  ['oom_kill', 'oomKill'],
  ['nr_zspages', 'nrZspages'],
]);

/** `/proc/vmstat` (mm/vmstat.c), e.g. `pgmajfault 18481`. */
export const vmstat: Source<Vmstat> = {
  path,
  keep: [...fields.keys()],
  parse(text, refuse) {
    const sums = new Map<keyof Vmstat, number | undefined>();
    for (const line of linesOf(text)) {
      const [word = '', value] = fieldsOf(line);
      const field = fields.get(word);
      if (field === undefined) continue;
      const sum = sums.has(field) ? sums.get(field) : 0;
      const count = countOf(refuse, line, value);
      // A sum of which one part is not known is not known.
      sums.set(field, sum === undefined || count === undefined ? undefined : sum + count);
    }
    if (!sums.has('pgpginKib') && !sums.has('pgfault')) {
      throw new ParseError(path, 0, text, 'pgpgin and pgfault are missing');
    }
    return Object.fromEntries([...sums].filter(([, sum]) => sum !== undefined));
  },
};
