import { bytesText, numberText, textTable, type Column } from './documentTable';
import type { OomEvent } from './event';
import { nameText } from './explanation/words';
import type { TaskRow } from './taskRow';
import type { Translate } from '../translate';

/** So many tasks are printed; the rest hold less. */
const mostTasks = 200;

/** The table of tasks of a report, those with the most memory first; empty: the report has none. */
export function taskLines({ tasks, victims }: OomEvent, t: Translate): string[] {
  if (tasks === undefined || tasks.rows.length === 0) return [];
  const dead = new Set(victims.map(({ pid }) => pid));
  const sorted = [...tasks.rows].sort((one, other) => memoryOf(other) - memoryOf(one));
  const more = Math.max(0, sorted.length - mostTasks) + tasks.moreRows;
  return [
    t('Tasks that could have been killed, by memory and swap; * was killed'),
    '',
    ...textTable(columns(dead, t), sorted.slice(0, mostTasks)),
    ...(more > 0 ? [t('and {0} more', more)] : []),
    ...(tasks.whole ? [] : [t('The table is not whole: lines of it are missing.')]),
  ];
}

/** What the killer counts, but for page tables, which are small. */
function memoryOf({ rssBytes, swapBytes }: TaskRow): number {
  return (rssBytes ?? 0) + (swapBytes ?? 0);
}

function columns(dead: ReadonlySet<number>, t: Translate): readonly Column<TaskRow>[] {
  return [
    { title: '', text: ({ pid }) => (dead.has(pid) ? '*' : '') },
    { title: t('pid'), text: ({ pid }) => String(pid), right: true },
    { title: t('user'), text: ({ uid }) => numberText(uid), right: true },
    { title: t('memory'), text: ({ rssBytes }) => bytesText(rssBytes), right: true },
    { title: t('anonymous'), text: ({ anonRssBytes }) => bytesText(anonRssBytes), right: true },
    { title: t('files'), text: ({ fileRssBytes }) => bytesText(fileRssBytes), right: true },
    { title: t('shared'), text: ({ shmemRssBytes }) => bytesText(shmemRssBytes), right: true },
    { title: t('swap'), text: ({ swapBytes }) => bytesText(swapBytes), right: true },
    { title: t('page tables'), text: ({ pgtablesBytes }) => bytesText(pgtablesBytes), right: true },
    { title: t('address space'), text: ({ totalVmBytes }) => bytesText(totalVmBytes), right: true },
    { title: 'oom_score_adj', text: ({ oomScoreAdj }) => numberText(oomScoreAdj), right: true },
    { title: t('name'), text: ({ name }) => nameText(name) },
  ];
}
