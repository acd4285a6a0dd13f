import type { Plan, PlannedContainer, PlannedTarget } from '../../core/actions/plan';
import { resultsOf, type TargetResult } from '../../core/actions/result';
import { byApi, knownToApi } from './byApi';
import { freezeTargets } from './freezing';
import { killTargets } from './killing';
import type { Means } from './means';
import { signalProcess } from './signalling';

/**
 * Carries out a plan on its selected targets.
 * @returns a result for each of them, in the order of the plan. Never rejects: what nothing was sent for is `not-done`.
 */
export async function carryOut(plan: Plan, means: Means): Promise<TargetResult[]> {
  const hit = plan.targets.filter(({ selected }) => selected);
  return resultsOf(plan.targets, await sendTo(hit, plan, means), 'not-done');
}

async function sendTo(hit: readonly PlannedTarget[], plan: Plan, means: Means): Promise<TargetResult[]> {
  const { t } = means;
  const groups = hit.filter((target) => target.kind !== 'process');
  const containers = hit.filter((target): target is PlannedContainer => target.kind === 'container');
  const known = containers.filter(knownToApi);
  switch (plan.action.id) {
    case 'kill-all-containers':
    case 'kill-containers':
      return killTargets(groups, means);
    case 'freeze-all-containers':
    case 'freeze-containers':
      return freezeTargets('freeze', groups, means);
    case 'thaw-containers':
      return freezeTargets('thaw', groups, means);
    case 'stop-containers':
      return byApi(known, { kind: 'stop' }, t('Stopping'), means);
    case 'restart-containers':
      return byApi(known, { kind: 'restart' }, t('Restarting'), means);
    case 'disable-restart-policy':
      return byApi(known, { kind: 'disable-restart' }, t('Disabling restart policies'), means);
    case 'set-memory-limit': {
      const { limitBytes: memoryBytes } = plan;
      if (memoryBytes === undefined) return [];
      return byApi(known, { kind: 'set-memory-limit', memoryBytes }, t('Setting the limit'), means);
    }
    case 'terminate-process':
    case 'kill-process': {
      const results: TargetResult[] = [];
      for (const target of hit) {
        if (target.kind !== 'process') continue;
        results.push(await signalProcess(target, plan.action.id === 'terminate-process', means));
      }
      return results;
    }
    case 'check-connection':
    case 'checkup':
    case 'open-terminal':
    case 'reconnect':
    case 'show-ledger':
      return [];
  }
}
