import { figureLines } from './documentFigures';
import { bytesText, textTable, wrapped, type Column } from './documentTable';
import { taskLines } from './documentTasks';
import type { OomEvent } from './event';
import { wallText } from './explanation/eventTime';
import { explanationOf } from './explanation/explanation';
import { groupText } from './explanation/ownerText';
import { nameText, taskText } from './explanation/words';
import { printable } from '../proc/printable';
import type { Translate } from '../translate';

/** Lines of prose are broken here; tables and raw text are as wide as they are. */
const width = 88;

/** The kernel's lines are shorter. */
const longestRawLine = 500;

/** An event, and its lines of the log where they are at hand. */
export interface DocumentedEvent {
  readonly event: OomEvent;
  readonly raw?: readonly string[];
}

/** What a log told. */
export interface LogFindings {
  /** Where the log comes from, in words; may hold any character. */
  readonly source: string;
  readonly lines: number;
  /** In the order of the log, the last ones of it. */
  readonly events: readonly OomEvent[];
  /** How many came before those. */
  readonly earlierEvents: number;
  /** The last of `events`, whole; the others are told in the overview only. */
  readonly detailed: readonly DocumentedEvent[];
}

/** The document about a log: plain text, harmless and bounded whatever the log holds. */
export function oomDocument(findings: LogFindings, t: Translate): string {
  const { source, lines, events, earlierEvents, detailed } = findings;
  const title = t('OOM kills in {0}', nameText(source, 120));
  const head = [title, '='.repeat(title.length), ''];
  if (events.length === 0) return textOf([...head, ...nothingLines(lines, t)]);
  const count = events.length + earlierEvents;
  const first = events.length - detailed.length;
  return textOf([
    ...head,
    count === 1 ? t('One event in {0} lines.', lines) : t('{0} events in {1} lines.', count, lines),
    '',
    ...(count === 1 ? [] : overviewLines(findings, t)),
    ...detailed.flatMap((documented, index) => [
      ...headingOf(count === 1 ? undefined : earlierEvents + first + index + 1, documented.event, t),
      '',
      ...eventLines(documented, t),
      '',
    ]),
  ]);
}

/** A part of a document under a heading of its own; without lines it is left out. */
export interface DocumentSection {
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * The document about one event.
 * @param story paragraphs; absent: what the log tells.
 * @param sections what else is known, after the story.
 * @param isFigured false: the event has no figures of its own.
 */
export function oomEventDocument(
  source: string,
  documented: DocumentedEvent,
  t: Translate,
  {
    heading = t('Killed: {0}', eventTitle(documented.event, t)),
    story = storyOf(documented.event, t),
    sections = [],
    isFigured = true,
  }: {
    readonly heading?: string;
    readonly story?: readonly string[];
    readonly sections?: readonly DocumentSection[];
    readonly isFigured?: boolean;
  } = {},
): string {
  const title = t('OOM kill on {0}', nameText(source, 120));
  return textOf([
    title,
    '='.repeat(title.length),
    '',
    heading,
    '-'.repeat(heading.length),
    '',
    ...story.flatMap((paragraph) => [...wrapped(paragraph, width), '']),
    ...sections.flatMap((one) => section(one.title, one.lines)),
    ...(isFigured ? tableLines(documented, t) : []),
  ]);
}

/** Prose as lines of a section. */
export function proseLines(paragraphs: readonly string[]): string[] {
  return paragraphs.flatMap((paragraph) => wrapped(paragraph, width));
}

/** A few words for an event: whom it killed, or that it killed nobody. */
export function eventTitle({ victims, outcome, kind, cgroup, container }: OomEvent, t: Translate): string {
  const [victim] = victims;
  if (victim !== undefined) {
    const task = taskText(victim, t);
    return victims.length === 1 ? task : t('{0} and {1} more', task, victims.length - 1);
  }
  if (container !== undefined) return t('container {0}', nameText(container.slice(0, 12)));
  if (outcome === 'killed' && cgroup?.task !== undefined) return groupText(cgroup.task, t);
  switch (outcome) {
    case 'no-killable-process':
      return t('nobody: no process could be killed');
    case 'already-exiting':
      return t('nobody: a process was ending already');
    case 'deadlock':
      return t('nobody: deadlocked on memory');
    case 'panic':
      return t('nobody: kernel panic');
    case 'killed':
    case 'unknown':
      return kind === 'kernel' ? t('victim not in this text') : t('nobody');
  }
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n').trimEnd()}\n`;
}

/** @param number undefined: it is the only one. */
function headingOf(number: number | undefined, event: OomEvent, t: Translate): string[] {
  const title = eventTitle(event, t);
  const heading = number === undefined ? t('Killed: {0}', title) : t('Event {0}: {1}', number, title);
  return [heading, '-'.repeat(heading.length)];
}

function eventLines(documented: DocumentedEvent, t: Translate): string[] {
  const story = storyOf(documented.event, t).flatMap((paragraph) => [...wrapped(paragraph, width), '']);
  return [...story, ...tableLines(documented, t)];
}

function storyOf(event: OomEvent, t: Translate): string[] {
  return explanationOf(event, t).sentences.map(({ text }) => text);
}

function tableLines({ event, raw }: DocumentedEvent, t: Translate): string[] {
  const tasks = taskLines(event, t);
  return [
    ...section(t('Figures'), figureLines(event, t)),
    ...section(t('Tasks'), tasks),
    ...(raw === undefined || raw.length === 0 ? [] : section(t('Raw text'), raw.map(rawLine))),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, '.'.repeat(title.length), ...lines, ''];
}

function rawLine(line: string): string {
  const clean = printable(line.replaceAll('\t', '    '), longestRawLine + 1).trimEnd();
  return clean.length > longestRawLine ? `${clean.slice(0, longestRawLine)}…` : clean;
}

interface Numbered {
  readonly number: number;
  readonly event: OomEvent;
}

function overviewLines({ events, earlierEvents, detailed }: LogFindings, t: Translate): string[] {
  const columns: readonly Column<Numbered>[] = [
    { title: '#', text: ({ number }) => String(number), right: true },
    { title: t('when'), text: ({ event }) => whenText(event, t) },
    { title: t('by'), text: ({ event }) => event.kind },
    { title: t('scope'), text: ({ event }) => event.scope },
    { title: t('memory'), text: ({ event }) => bytesText(heldBytesOf(event)), right: true },
    { title: t('killed'), text: ({ event }) => eventTitle(event, t) },
  ];
  const rows = events.map((event, index): Numbered => ({ number: earlierEvents + index + 1, event }));
  const notes = [
    ...(earlierEvents > 0 ? [t('{0} earlier events are left out.', earlierEvents)] : []),
    ...(detailed.length < events.length
      ? [
          t(
            'The last {0} are told in full; select the lines of another one and analyze the selection.',
            detailed.length,
          ),
        ]
      : []),
  ];
  return [...textTable(columns, rows), ...notes, ''];
}

function whenText({ wallMs, localTime, kernelTimeMs }: OomEvent, t: Translate): string | undefined {
  if (wallMs !== undefined) return wallText(wallMs);
  if (localTime !== undefined) return nameText(localTime.replace('T', ' '));
  return kernelTimeMs === undefined
    ? undefined
    : t('{0} s after the start', (kernelTimeMs / 1000).toFixed(1));
}

/** Together, where every victim's size is told. */
function heldBytesOf({ victims }: OomEvent): number | undefined {
  let sum = 0;
  for (const { anonRssBytes, fileRssBytes, shmemRssBytes, rssBytes } of victims) {
    const bytes = rssBytes ?? anonRssBytes;
    if (bytes === undefined) return undefined;
    sum += rssBytes ?? bytes + (fileRssBytes ?? 0) + (shmemRssBytes ?? 0);
  }
  return victims.length === 0 ? undefined : sum;
}

/** What was looked for, and what to do. */
function nothingLines(lines: number, t: Translate): string[] {
  return [
    lines === 1 ? t('No OOM kill was found in 1 line.') : t('No OOM kill was found in {0} lines.', lines),
    '',
    ...wrapped(
      t(
        'Looked for: reports of the kernel’s OOM killer (“invoked oom-killer”, “oom-kill:”, “Killed process”, “oom_reaper:”) as dmesg, /dev/kmsg, journalctl and syslog print them, and kills by systemd-oomd, earlyoom, nohang, oomd and container runtimes.',
      ),
      width,
    ),
    '',
    ...wrapped(
      t(
        'What to do: the kill may be in another part of the log. “journalctl -k -b -1” has the boot before this one, /var/log/kern.log.1 or messages-* an older file; a compressed log (.gz, .xz, .zst) has to be unpacked first. A log without the kernel’s messages does not tell: “dmesg” needs root on most hosts. Failed allocations, a Java OutOfMemoryError or a message of a graphics card are no kills.',
      ),
      width,
    ),
  ];
}
