import { ownerName, ownerOf } from '../cgroups/cgroupOwner';
import { bytesText, textTable, wrapped, type Column } from '../oom/documentTable';
import { groupText } from '../oom/explanation/ownerText';
import { nameText } from '../oom/explanation/words';
import type { Translate } from '../translate';
import { formatBytes, formatPercent } from '../units';
import type { Forecast, ForecastCandidate } from './forecast';
import { forecastDoubtText, forecastSentences, type OwnerNames } from './forecastText';
import type { UserSpaceKiller } from './userSpaceKillers';
import { userSpaceKillerText } from './userSpaceKillersText';

/** Lines of prose are broken here. */
const width = 88;

/** What the document is made of. */
export interface ForecastFindings {
  /** The host's name; may hold any character. */
  readonly host: string;
  /** When the host was read, in words. */
  readonly time: string;
  /** Of the machine first. */
  readonly forecasts: readonly Forecast[];
  readonly killers: readonly UserSpaceKiller[];
  /** Why what is shown may be older than it could be; undefined: all was read just now. */
  readonly notReadNow?: string | undefined;
}

/** The document about who would be killed: plain text, harmless and bounded whatever the host holds. */
export function forecastDocument(findings: ForecastFindings, ownerNameOf: OwnerNames, t: Translate): string {
  const { host, time, forecasts, killers, notReadNow } = findings;
  const title = t('OOM forecast for {0}', nameText(host, 120));
  const lines = [
    title,
    '='.repeat(title.length),
    '',
    ...prose(
      t(
        'A forecast, no promise: what the kernel’s OOM killer would choose by its own measure, from what the host told at {0}. It counts the memory that a process has, in RAM and in swap, its page tables, and for each point of oom_score_adj a thousandth of all that there is. Whoever grows until then may overtake the others.',
        nameText(time, 60),
      ),
    ),
    ...(notReadNow === undefined ? [] : prose(t('It was not read just now: {0}', nameText(notReadNow, 200)))),
    ...(forecasts.length === 0
      ? prose(
          t('Not enough is known of the host yet: its memory, and its processes with their oom_score_adj.'),
        )
      : []),
    ...forecasts.flatMap((forecast) => scopeLines(forecast, ownerNameOf, t)),
    ...killersLines(killers, t),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function scopeLines(forecast: Forecast, ownerNameOf: OwnerNames, t: Translate): string[] {
  const { candidates, doubts, favoured } = forecast;
  const heading = headingOf(forecast, t);
  return [
    heading,
    '-'.repeat(heading.length),
    '',
    ...groupLines(forecast, t),
    ...prose(forecastSentences(forecast, ownerNameOf, t).join(' ')),
    ...(candidates.length === 0 ? [] : [...textTable(columns(forecast, ownerNameOf, t), candidates), '']),
    ...listLines(t('Never killed:'), forecast.protected, reasonOfNever, t),
    ...listLines(t('Others come before these, whose oom_score_adj is below 0:'), favoured, adjustmentOf, t),
    ...doubts.flatMap((doubt) => prose(forecastDoubtText(doubt, t))),
  ];
}

function headingOf({ scope, totalBytes }: Forecast, t: Translate): string {
  if (scope.kind === 'machine') return t('The machine, {0} of RAM and swap', formatBytes(totalBytes));
  return scope.path === '/'
    ? t('This container, limit {0}', formatBytes(scope.limitBytes))
    : t('{0}, limit {1}', nameText(ownerName(ownerOf(scope.path)), 80), formatBytes(scope.limitBytes));
}

/** Which group it is, and how near it is to its limit. */
function groupLines({ scope }: Forecast, t: Translate): string[] {
  if (scope.kind === 'machine') return [];
  const { path, limitBytes, usedBytes } = scope;
  const group = groupText(path, t);
  return usedBytes === undefined
    ? prose(t('The limit of {0}.', group))
    : prose(
        t(
          'The limit of {0}. In use: {1}, {2}, without page cache that is not used.',
          group,
          formatBytes(usedBytes),
          formatPercent((usedBytes * 100) / limitBytes),
        ),
      );
}

function columns(
  { candidates: [first], totalBytes }: Forecast,
  ownerNameOf: OwnerNames,
  t: Translate,
): readonly Column<ForecastCandidate>[] {
  const perMille = ({ badnessBytes }: ForecastCandidate): string =>
    String(Math.round((badnessBytes * 1000) / totalBytes));
  const behind = (one: ForecastCandidate): string | undefined =>
    first === undefined || one === first ? undefined : formatBytes(first.badnessBytes - one.badnessBytes);
  const owner = (one: ForecastCandidate): string | undefined => {
    const text = ownerNameOf(one);
    return text === undefined ? undefined : nameText(text, 80);
  };
  return [
    { title: t('pid'), text: ({ pid }) => String(pid), right: true },
    { title: t('counts'), text: ({ badnessBytes }) => bytesText(badnessBytes), right: true },
    { title: '‰', text: perMille, right: true },
    { title: t('behind'), text: behind, right: true },
    { title: t('holds'), text: ({ heldBytes }) => bytesText(heldBytes), right: true },
    { title: 'oom_score_adj', text: ({ oomScoreAdj }) => String(oomScoreAdj), right: true },
    { title: t('name'), text: ({ name }) => nameText(name) },
    { title: t('belongs to'), text: owner },
  ];
}

function listLines(
  title: string,
  candidates: readonly ForecastCandidate[],
  reasonOf: (candidate: ForecastCandidate, t: Translate) => string,
  t: Translate,
): string[] {
  if (candidates.length === 0) return [];
  const rows = candidates.map((candidate) =>
    t(
      '- {0} (pid {1}), {2}: {3}',
      nameText(candidate.name),
      candidate.pid,
      formatBytes(candidate.heldBytes),
      reasonOf(candidate, t),
    ),
  );
  return [...wrapped(title, width), ...rows, ''];
}

function reasonOfNever(candidate: ForecastCandidate, t: Translate): string {
  return candidate.oomScoreAdj === -1000 ? adjustmentOf(candidate) : t('the first process');
}

function adjustmentOf({ oomScoreAdj }: ForecastCandidate): string {
  return `oom_score_adj ${oomScoreAdj}`;
}

function killersLines(killers: readonly UserSpaceKiller[], t: Translate): string[] {
  if (killers.length === 0) return [];
  const heading = t('Programs that act before the kernel');
  return [
    heading,
    '-'.repeat(heading.length),
    '',
    ...killers.flatMap((killer) => prose(userSpaceKillerText(killer, t))),
  ];
}

/** A paragraph and the blank line after it. */
function prose(text: string): string[] {
  return [...wrapped(text, width), ''];
}
