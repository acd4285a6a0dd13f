import { oomEventDocument, proseLines, type DocumentSection } from '../oom/document';
import { wallText } from '../oom/explanation/eventTime';
import { groupText } from '../oom/explanation/ownerText';
import { nameText } from '../oom/explanation/words';
import type { Translate } from '../translate';
import { formatBytes, formatDuration } from '../units';
import type { KillLoop } from './aftermath';
import { aftermathSentence, loopText } from './aftermathText';
import type { GoneProcess, HostOomEvent, MinutesBefore, WitnessedKills } from './hostEvent';
import { minutesBeforeLines } from './minutesChart';
import { sourcesText, witnessLedgerText } from './witnessText';
import type { WitnessLedger } from './witnesses';

/** What is known around an event. */
export interface EventSurroundings {
  /** The loop that it is part of. */
  readonly loop?: KillLoop | undefined;
  /** Of its boot. */
  readonly ledger?: WitnessLedger | undefined;
}

/**
 * The document about one event of a host: what the log tells of it or, where none does, what the counters tell; what
 * became of the victim, the minutes before, and where all of that comes from. Plain text, harmless and bounded.
 */
export function hostEventDocument(
  host: string,
  found: HostOomEvent,
  { loop, ledger }: EventSurroundings,
  t: Translate,
): string {
  const { atMs, witnessed, aftermath, before, sources } = found;
  // The log may tell no time of day, which is known from the host's clock.
  const event =
    found.event.wallMs === undefined && atMs !== undefined ? { ...found.event, wallMs: atMs } : found.event;
  const afterwards = [
    ...(aftermath ? [aftermathSentence(aftermath, t)] : []),
    ...(loop ? [t('It is one of a loop. {0}.', loopText(loop, t))] : []),
  ];
  const origin = [
    ...(sources.length > 0 ? [t('Told by: {0}.', sourcesText(sources, t))] : []),
    ...(ledger ? [t('Kills of this boot: {0}.', witnessLedgerText(ledger, t))] : []),
  ];
  const sections: readonly DocumentSection[] = [
    { title: t('Afterwards'), lines: proseLines(afterwards) },
    ...(before ? [minutesSection(before, t)] : []),
    { title: t('Sources'), lines: proseLines(origin) },
  ];
  return oomEventDocument(host, { event }, t, {
    ...(witnessed && {
      heading: witnessedTitle(witnessed, t),
      story: witnessedStory(found, witnessed, t),
      isFigured: false,
    }),
    sections,
  });
}

/** Kills that no log tells of, as a title: `2 processes, no log line`. */
export function witnessedTitle({ count }: WitnessedKills, t: Translate): string {
  return count === 1
    ? t('A process was killed, no log line')
    : t('{0} processes were killed, no log line', count);
}

/** What counters tell, and what they do not. */
function witnessedStory(
  { atMs }: HostOomEvent,
  { count, fromCount, toCount, fromMs, toMs, cgroups, gone }: WitnessedKills,
  t: Translate,
): string[] {
  const between = t(
    'between {0} and {1} after the machine’s start',
    formatDuration(fromMs),
    formatDuration(toMs),
  );
  const wall = wallText(atMs);
  const rose = t(
    'The kernel’s counter of OOM kills (oom_kill) rose from {0} to {1} {2}',
    fromCount,
    toCount,
    between,
  );
  return [
    wall === undefined ? `${rose}.` : t('{0}, about {1}.', rose, wall),
    count === 1
      ? t(
          'No log line tells of one of these kills: who asked for memory and who was killed is not known for certain.',
        )
      : t(
          'No log line tells of {0} of these kills: who asked for memory and who was killed is not known for certain.',
          count,
        ),
    cgroups.length === 0
      ? t('In which cgroup that was is not known.')
      : t(
          'It rose in: {0}.',
          cgroups.map(({ path, kills }) => t('{0}, by {1}', groupText(path, t), kills)).join('; '),
        ),
    gone.length === 0
      ? t('No process is known to have gone in that time.')
      : t(
          'These processes were there before and are gone since; each may have ended by itself: {0}.',
          gone.map((process) => goneText(process, t)).join(', '),
        ),
  ];
}

/** `python3 (pid 882), which held 300 MiB`. */
export function goneText({ name, pid, rssBytes }: GoneProcess, t: Translate): string {
  return rssBytes === undefined
    ? t('{0} (pid {1})', nameText(name), pid)
    : t('{0} (pid {1}, held {2})', nameText(name), pid, formatBytes(rssBytes));
}

/** From the first moment that is known. */
function minutesSection(before: MinutesBefore, t: Translate): DocumentSection {
  const shown = fromFirstKnown(before);
  const lines = minutesBeforeLines(shown, t);
  const start = wallText(shown.fromMs);
  const end = wallText(shown.fromMs + shown.availableBytes.length * shown.stepMs);
  const span = start === undefined || end === undefined ? [] : [t('From {0} to {1}.', start, end), ''];
  return { title: t('The minutes before'), lines: lines.length === 0 ? [] : [...span, ...lines] };
}

/** The host may have been watched for a part of the time only. */
function fromFirstKnown(before: MinutesBefore): MinutesBefore {
  const { fromMs, stepMs, availableBytes, pageCacheBytes, memoryFullPercent } = before;
  const firsts = [availableBytes, pageCacheBytes, memoryFullPercent].map((values) =>
    values.findIndex((value) => value !== null),
  );
  const first = Math.min(...firsts.filter((index) => index >= 0));
  if (!Number.isFinite(first)) return before;
  return {
    fromMs: fromMs + first * stepMs,
    stepMs,
    availableBytes: availableBytes.slice(first),
    pageCacheBytes: pageCacheBytes.slice(first),
    memoryFullPercent: memoryFullPercent.slice(first),
  };
}
