import type { Process } from '../processes/process';

/** What the killer of one kernel counts, and which one it takes of several that are as bad (mm/oom_kill.c). */
export interface BadnessFormula {
  readonly pageBytes: number;
  /** Those that may administer the machine (CAP_SYS_ADMIN) count less: by thousandths of the total, or of what they hold. */
  readonly rootBonus: 'none' | 'of-total' | 'of-held';
  /** What may be killed at all counts at least one page. */
  readonly atLeastOne: boolean;
  /** A child of the one that was chosen is killed in its place, the worst of them; and of equals the earlier task is chosen. */
  readonly childInstead: boolean;
}

/** What a kernel adds up of one process. */
export interface BadnessFacts {
  /** Resident, in swap, and page tables. */
  readonly heldBytes: number;
  readonly oomScoreAdj: number;
  /** Whether it has CAP_SYS_ADMIN. */
  readonly isAdmin: boolean;
}

/** From 5.9 on `oom_score` of a task that holds nothing is 666. */
const leastNewScore = 600;

/**
 * The formula of a kernel: 30 thousandths of the total for root until 3.13 (2.6.36 to 3.13), 3 % of what it holds from 3.14
 * (778c14affaf9) to 4.16 (d46078b28889); a child instead until 5.0 (bbbe480297d7); at least 1 until 5.8 (9066e5cfb73c).
 * The last is told by the scale of `oom_score` where one is known, as vendors take changes into older kernels.
 * @param osrelease e.g. `6.1.0-50-cloud-amd64`; undefined or odd: taken for a new one.
 */
export function formulaOf(
  osrelease: string | undefined,
  pageBytes: number,
  processes: Iterable<Process>,
): BadnessFormula {
  const version = versionOf(osrelease) ?? Infinity;
  const isNewScale = newScaleOf(processes) ?? version >= 5009;
  return {
    pageBytes,
    rootBonus: isNewScale || version >= 4017 ? 'none' : version >= 3014 ? 'of-held' : 'of-total',
    atLeastOne: !isNewScale,
    childInstead: version < 5001,
  };
}

/**
 * `oom_badness`: pages in memory, in swap and of page tables, and for each of oom_score_adj a thousandth of the total, cut
 * to whole pages, in bytes. May be below 0 (since 5.9).
 */
export function badnessOf(facts: BadnessFacts, totalBytes: number, formula: BadnessFormula): number {
  const { pageBytes, rootBonus, atLeastOne } = formula;
  let pages = Math.floor(facts.heldBytes / pageBytes);
  let adjustment = facts.oomScoreAdj;
  if (facts.isAdmin && rootBonus === 'of-held') pages -= Math.trunc((pages * 3) / 100);
  if (facts.isAdmin && rootBonus === 'of-total') adjustment -= 30;
  pages += adjustment * thousandthOf(totalBytes, pageBytes);
  return (atLeastOne ? Math.max(1, pages) : pages) * pageBytes;
}

/** `/proc/PID/oom_score` of a process that is as bad (`proc_oom_score`, fs/proc/base.c), by the total of the whole machine. */
export function oomScoreFrom(badnessBytes: number, totalBytes: number, formula: BadnessFormula): number {
  const share = Math.trunc((badnessBytes * 1000) / totalBytes);
  return formula.atLeastOne ? share : Math.trunc(((1000 + share) * 2) / 3);
}

/** The kernel divides first: up to 999 pages are lost. */
function thousandthOf(totalBytes: number, pageBytes: number): number {
  return Math.floor(Math.floor(totalBytes / pageBytes) / 1000);
}

/** `4.19` is 4019; undefined: no version. */
function versionOf(osrelease: string | undefined): number | undefined {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})/.exec(osrelease ?? '') ?? [];
  return major === undefined ? undefined : Number(major) * 1000 + Number(minor);
}

/**
 * Undefined: no score tells. 0 is in both scales: one that holds nothing in the old one, and one that is never killed, as the
 * first process, in the new one.
 */
function newScaleOf(processes: Iterable<Process>): boolean | undefined {
  let isNew: boolean | undefined;
  for (const { details } of processes) {
    const { oomScore = 0, oomScoreAdj } = details ?? {};
    if (oomScoreAdj !== 0 || oomScore === 0) continue;
    if (oomScore < leastNewScore) return false;
    isNew = true;
  }
  return isNew;
}
