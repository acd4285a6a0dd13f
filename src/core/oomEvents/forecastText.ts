import { groupText } from '../oom/explanation/ownerText';
import { nameText, taskText } from '../oom/explanation/words';
import type { Translate } from '../translate';
import { formatBytes } from '../units';
import { forecastVictimOf, type Forecast, type ForecastCandidate, type ForecastDoubt } from './forecast';

/** Whom a process belongs to, as a person would say it; undefined: nobody in particular. */
export type OwnerNames = (candidate: ForecastCandidate) => string | undefined;

/** A forecast in a few sentences: who would be killed, who would be next, what would die with it. */
export function forecastSentences(forecast: Forecast, ownerOf: OwnerNames, t: Translate): string[] {
  const { scope, candidates, marginBytes, groupKilled, child } = forecast;
  const [first, second] = candidates;
  const victim = forecastVictimOf(forecast);
  if (first === undefined || victim === undefined) {
    return [
      scope.kind === 'machine'
        ? t('If the machine ran out of memory now, no process could be killed, and the kernel would panic.')
        : t('If this cgroup met its limit now, no process in it could be killed.'),
    ];
  }
  const whom = whomText(victim, ownerOf, t);
  return [
    scope.kind === 'machine'
      ? t('If the machine ran out of memory now, the kernel would probably kill {0}.', whom)
      : t('If this cgroup met its limit now, the kernel would probably kill {0}.', whom),
    ...(child === undefined
      ? []
      : [
          t(
            'It is a child of {0}, which counts most: this kernel takes the child instead.',
            taskText(first, t),
          ),
        ]),
    ...(second === undefined || marginBytes === undefined
      ? []
      : [t('Next would be {0}, {1} behind.', taskText(second, t), formatBytes(marginBytes))]),
    ...(groupKilled === undefined
      ? []
      : [t('All of {0} would die with it (memory.oom.group).', groupText(groupKilled, t))]),
  ];
}

/** Why another one may be killed, as a sentence. */
export function forecastDoubtText(doubt: ForecastDoubt, t: Translate): string {
  switch (doubt) {
    case 'not-all-read':
      return t('Not all processes have been read, or some too long ago: another one may count more.');
    case 'same-score':
      return t(
        'The first two count the same: which of them comes first depends on their order in the kernel.',
      );
    case 'allocating-task':
      return t(
        'vm.oom_kill_allocating_task is set: the kernel kills whoever asks for memory at that moment, whatever it holds.',
      );
    case 'panic':
      return t('vm.panic_on_oom is set: the kernel panics instead of killing.');
    case 'kill-disabled':
      return t(
        'memory.oom_control forbids to kill here: the tasks of this cgroup stand still at the limit instead.',
      );
    case 'total':
      return t('How much swap, or memory, oom_score_adj is a share of is not known for sure.');
    case 'container':
      return t(
        'This host is a container: the machine under it has processes that cannot be seen from here, and any of them may come first.',
      );
    case 'root-bonus':
      return t(
        'This kernel counts 3 % less for processes that may administer the machine, and the margin is within that.',
      );
    case 'score-differs':
      return t('The kernel’s own oom_score of the first is another than this formula gives.');
    case 'user-space-killer':
      return t('A program that ends processes before the kernel does runs here.');
  }
}

function whomText(victim: ForecastCandidate, ownerOf: OwnerNames, t: Translate): string {
  const { heldBytes, oomScoreAdj } = victim;
  const owner = ownerOf(victim);
  const held =
    oomScoreAdj === 0
      ? t('{0}, which holds {1}', taskText(victim, t), formatBytes(heldBytes))
      : t(
          '{0}, which holds {1} and has oom_score_adj {2}',
          taskText(victim, t),
          formatBytes(heldBytes),
          oomScoreAdj,
        );
  return owner === undefined ? held : t('{0} ({1})', held, nameText(owner, 80));
}
