import { formatBytes } from '../../units';
import type { OomEvent } from '../event';
import { nextVictimsOf, type NextVictim, type NextVictimDoubt } from '../nextVictim';
import { sentence, taskText } from './words';
import type { Translate } from '../../translate';

const doubtTexts: Readonly<Record<NextVictimDoubt, string>> = {
  'table-cut': 'the table of tasks is not whole',
  swap: 'this kernel’s table does not tell swap, which counts too',
  'page-tables': 'this kernel’s table does not tell page tables, which count too',
  total: 'the memory that oom_score_adj is a share of is known only in part',
  'allocating-task': 'with vm.oom_kill_allocating_task the one that asks is killed instead',
  'same-score': 'another task is as bad',
};

/** Who would have been next by the kernel's formula, and what makes that doubtful. */
export function nextSentence(event: OomEvent, t: Translate): string {
  if (event.kind !== 'kernel')
    return sentence([
      event.kind === 'runtime'
        ? t('Who would have been next, the notice does not tell')
        : t('Whom {0} would have taken next, it does not tell', event.kind),
    ]);
  const victims = nextVictimsOf(event);
  if (victims === undefined) return sentence([withoutTable(event, t)]);
  const [first] = victims.tasks;
  if (first === undefined)
    return sentence([t('Nobody was left in the table who could have been killed next')]);
  const { task } = first;
  const doubts = victims.doubts.map((doubt) => t(doubtTexts[doubt]));
  return sentence([
    event.outcome === 'killed'
      ? t('Next would have been {0}, {1}', taskText(task, t), pointsText(first, t))
      : t(
          'Of the tasks in the table the kernel would have taken {0}, {1}',
          taskText(task, t),
          pointsText(first, t),
        ),
    doubts.length === 0 ? undefined : t('not for certain: {0}', doubts.join(', ')),
  ]);
}

function pointsText({ task, badnessBytes }: NextVictim, t: Translate): string {
  const { oomScoreAdj = 0 } = task;
  if (badnessBytes <= 0) return t('although its oom_score_adj of {0} protects it', oomScoreAdj);
  const bytes = formatBytes(badnessBytes);
  return oomScoreAdj === 0
    ? t('which counts {0} by the kernel’s formula (memory, swap, page tables)', bytes)
    : t(
        'which counts {0} by the kernel’s formula (memory, swap, page tables, oom_score_adj {1})',
        bytes,
        oomScoreAdj,
      );
}

function withoutTable({ tasks }: OomEvent, t: Translate): string {
  return tasks === undefined || tasks.rows.length === 0
    ? t('Who would have been next cannot be told without the table of tasks')
    : t('Who would have been next cannot be told from this kernel’s table of tasks');
}
