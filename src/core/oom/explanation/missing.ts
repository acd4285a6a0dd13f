import type { OomEvent, OomMissing } from '../event';
import { sentence } from './words';
import type { Translate } from '../../translate';

const words: Readonly<Record<OomMissing, string>> = {
  trigger: 'who asked for memory',
  scope: 'whose memory ran out',
  cgroup: 'which cgroup it was',
  victim: 'who was killed',
  sizes: 'the sizes of the victim',
  'kernel-time': 'the time since the start of the machine',
  'memory-information': 'the state of the memory',
  'task-table': 'the table of tasks',
};

/** What the text lacks; undefined: nothing. */
export function missingSentence({ missing, tasks }: OomEvent, t: Translate): string | undefined {
  const parts = missing.map((part) => t(words[part]));
  if (tasks !== undefined && !tasks.whole && !missing.includes('task-table'))
    parts.push(t('a part of the table of tasks'));
  if (tasks !== undefined && tasks.moreRows > 0)
    parts.push(t('{0} more rows of that table, of which too many were printed', tasks.moreRows));
  return parts.length === 0 ? undefined : sentence([t('Not in this text: {0}', parts.join(', '))]);
}
