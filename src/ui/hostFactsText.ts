import * as vscode from 'vscode';
import type { HostFacts } from '../core/hostFacts';
import { formatBytes } from '../core/units';
import { cleanText } from '../transport/cleanText';

/** What a host is, in short phrases: kernel, processors, swap, how it gives memory away. Unknown facts are left out. */
export function hostFactsText(facts: HostFacts): string[] {
  const t = vscode.l10n.t;
  const swapBytes = facts.swaps?.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [
    facts.osrelease === undefined ? undefined : `Linux ${cleanText(facts.osrelease, 60)}`,
    facts.processors === undefined
      ? undefined
      : facts.processors === 1
        ? t('1 processor')
        : t('{0} processors', facts.processors),
    facts.pageSizeBytes === undefined ? undefined : t('pages of {0}', formatBytes(facts.pageSizeBytes)),
    swapBytes === undefined
      ? undefined
      : swapBytes === 0
        ? t('no swap')
        : t('swap {0}', formatBytes(swapBytes)),
    facts.cgroupVersion === undefined ? undefined : t('cgroup {0}', facts.cgroupVersion),
    overcommit(facts.overcommitMemory),
    facts.panicOnOom !== undefined && facts.panicOnOom > 0 ? t('panics when out of memory') : undefined,
    facts.oomKillAllocatingTask === 1 ? t('the OOM killer takes the process that asks') : undefined,
  ].filter((fact) => fact !== undefined);
}

/** vm.overcommit_memory: 0 heuristic, 1 always, 2 never (Documentation/mm/overcommit-accounting). */
function overcommit(mode: number | undefined): string | undefined {
  if (mode === 1) return vscode.l10n.t('overcommit always');
  if (mode === 2) return vscode.l10n.t('overcommit never');
  return undefined;
}
