import type { InsideView } from '../core/cgroups/inside';
import { ledgerInputsOf } from '../core/ledger/inputs';
import { ledgerOf } from '../core/ledger/ledger';
import type { Process } from '../core/processes/process';
import type { ProcessTarget } from '../core/rescue/request';
import type { Survey } from '../core/survey/survey';
import type { ContainerList } from '../monitor/docker/containerApi';
import type { Moment } from '../monitor/moments';
import type {
  GroupRow,
  LedgerSection,
  ProcessesView,
  ProcessQuery,
  ProcessRow,
  PssView,
  RowsView,
  SurveyView,
} from '../protocol';
import { ledgerSectionOf } from './ledgerSection';
import { ageNote } from './surveyAge';
import { ListedContainers } from './surveyContainers';
import { groupRowsOf, leftOut, shownGroups, worthyGroups, type WorthyGroups } from './surveyGroups';
import { insideNotes } from './surveyInside';
import { pssViewOf } from './surveyPss';
import { processRowOf, processTexts } from './surveyProcesses';
import { queriedProcesses, usualQuery } from './surveyQuery';
import type { Translate } from '../core/translate';

/** What is known of a host, for {@link surveyViewOf}. */
export interface SurveyKnown {
  readonly latest: Moment | undefined;
  readonly survey: Survey | undefined;
  /** Whether the host answers surveys; undefined while there is no connection. */
  readonly surveys: boolean | undefined;
  /** What the API of its containers has told; absent: nothing. */
  readonly containerList?: ContainerList | undefined;
}

/** What a page wants to be told, for {@link surveyViewOf}. */
export interface Wishes {
  readonly query: ProcessQuery;
  /** What is known of the PSS of a process. */
  readonly pssOf: (bootId: string, process: ProcessTarget) => PssView;
}

/** What the page shows of a host besides its samples. */
export function surveyViewOf(host: SurveyKnown, t: Translate, wishes?: Wishes): SurveyView {
  // By name: of a monitor they are getters, which no spreading copies.
  const { latest, surveys, containerList } = host;
  const known = { latest, surveys, containerList, survey: currentSurveyOf(host) };
  const inside = insideOfHost(known);
  const ledger = ledgerOfHost(known, inside, t);
  return {
    ...(ledger && { ledger }),
    processes: processesOf(known, inside, t, wishes),
    groups: groupsOf(known, t),
  };
}

/** The survey of the boot that the latest sample is of: one of a boot before tells nothing of the host as it is. */
export function currentSurveyOf({
  latest,
  survey,
}: Pick<SurveyKnown, 'latest' | 'survey'>): Survey | undefined {
  return latest === undefined || survey?.bootId === latest.sample.bootId ? survey : undefined;
}

function insideOfHost({ latest, survey }: SurveyKnown): InsideView | undefined {
  if (!latest) return undefined;
  const { zones, pageSizeBytes } = latest.facts;
  return survey?.inside({ memTotalBytes: latest.sample.meminfo?.memTotalBytes, zones, pageSizeBytes });
}

function ledgerOfHost(
  { latest, survey }: SurveyKnown,
  inside: InsideView | undefined,
  t: Translate,
): LedgerSection | undefined {
  if (!latest?.sample.meminfo) return undefined;
  const { meminfo, vmstat } = latest.sample;
  const fast = { meminfo, vmstat, pageSizeBytes: latest.facts.pageSizeBytes };
  const inputs = ledgerInputsOf(fast, survey?.slow ?? {}, survey?.families ?? {});
  return ledgerSectionOf(ledgerOf(inputs), inside ? insideNotes(inside, t) : [], t);
}

function processesOf(
  { latest, survey, surveys, containerList }: SurveyKnown,
  inside: InsideView | undefined,
  t: Translate,
  { query = usualQuery, pssOf = () => pssViewOf(undefined, 0, t) }: Partial<Wishes> = {},
): ProcessesView {
  const { filter } = query;
  if (!survey) return { note: noteWithout(surveys, t), filter, rows: [] };
  const nowMs = latest?.sample.at;
  const listed = new ListedContainers(containerList?.containers);
  const context = {
    users: survey.slow.passwd?.value,
    nowMs,
    ownUptime: inside?.ownMeminfo ?? false,
    containerOf: (id: string) => listed.get(id),
    owners: new Map<string, string | undefined>(),
  };
  const { shown, parents, matching, parentPidOf } = queriedProcesses(survey.processes, query, (process) =>
    processTexts(process, context, t),
  );
  const rowOf = (process: Process, placesOthers?: true): ProcessRow => {
    const target = { pid: process.pid, starttimeTicks: process.startTicks };
    const toldWith = { pss: pssOf(survey.bootId, target), parentPid: parentPidOf(process), placesOthers };
    return processRowOf(process, context, toldWith, t);
  };
  return {
    note: [progressOf(survey, surveys, t), ageNote(shown, nowMs, t)].filter((text) => text !== '').join(' '),
    filter,
    ...(matching !== undefined && { matching }),
    rows: [...shown.map((process) => rowOf(process)), ...parents.map((process) => rowOf(process, true))],
  };
}

function groupsOf({ latest, survey, surveys, containerList }: SurveyKnown, t: Translate): RowsView<GroupRow> {
  const nowMs = latest?.sample.at;
  const listed = new ListedContainers(containerList?.containers);
  const worthy = worthyGroups(survey?.cgroups.all ?? [], listed);
  const context = {
    memTotalBytes: latest?.sample.meminfo?.memTotalBytes,
    nowMs,
    find: (path: string) => survey?.cgroups.get(path),
    listed,
  };
  const rows = groupRowsOf(worthy, context, t);
  const notes = [
    survey ? readingNote(survey, worthy, t) : noteWithout(surveys, t),
    leftOutNote(leftOut(worthy), t),
    ageNote(shownGroups(worthy), nowMs, t),
  ];
  return { note: notes.filter((text) => text !== '').join(' '), rows };
}

/** Why there is none, or one without figures. */
function readingNote({ processes }: Survey, { containers, others }: WorthyGroups, t: Translate): string {
  const isAnyUnread = containers.some(({ cgroup }) => !cgroup);
  if (containers.length + others.length > 0 && !isAnyUnread) return '';
  if (processes.hasNew) return t('The containers and units of this host are being read.');
  return isAnyUnread ? '' : t('No container or unit whose memory is counted was found.');
}

function leftOutNote(left: ReturnType<typeof leftOut>, t: Translate): string {
  if (left.length === 0) return '';
  if (left.some(({ cgroup }) => !cgroup)) {
    return left.length === 1
      ? t('One more container, whose size is not known, is not shown.')
      : t('{0} more containers, smaller ones or of unknown size, are not shown.', left.length);
  }
  return left.length === 1
    ? t('One more container, a smaller one, is not shown.')
    : t('{0} more containers, smaller ones, are not shown.', left.length);
}

function noteWithout(surveys: boolean | undefined, t: Translate): string {
  switch (surveys) {
    case undefined:
      return t('Not read yet: there is no connection.');
    case false:
      return t(
        'Not read on this host: it takes awk on the host, and a login that runs commands without a terminal.',
      );
    case true:
      return t('The processes of this host are being read.');
  }
}

/** While all processes are read for the first time, how far that is. */
function progressOf({ processes, roundsDone }: Survey, surveys: boolean | undefined, t: Translate): string {
  if (surveys === false) return t('Not read any more: the part of the program that reads it has ended.');
  const { total } = processes;
  if (total === undefined) return t('The processes of this host are being read.');
  if (roundsDone > 0) return '';
  return t('The processes of this host are being read: {0} of {1}.', processes.processes.length, total);
}
