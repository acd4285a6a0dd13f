import { wrapped } from '../oom/documentTable';
import { formatBytes, formatDuration, formatPercent } from '../units';
import type { Translate } from '../translate';
import type { MinutesBefore } from './hostEvent';

type Values = readonly (number | null)[];

/** A line of the document is not to be broken by an editor. */
const mostColumns = 60;
const sentenceWidth = 88;
/** Of fewer values there is nothing to be drawn. */
const leastKnown = 3;
/** Each row has eight levels. */
const rowCount = 3;
const blocks = ' ▁▂▃▄▅▆▇█';

/** One figure of the minutes before a kill. */
interface Figure {
  readonly title: string;
  readonly values: Values;
  readonly text: (value: number) => string;
  /** Which of several values in one column counts, and is told apart from both ends. */
  readonly extreme: 'lowest' | 'highest';
  /** Of the scale, which begins at 0; undefined: the highest value. */
  readonly top?: number;
}

/**
 * What the charts showed in the minutes before a kill, as lines of text: for each figure a sentence with both ends and the
 * extreme, which is all that a screen reader needs, and then bars. Empty where nothing was measured.
 */
export function minutesBeforeLines(before: MinutesBefore, t: Translate): string[] {
  const figures: readonly Figure[] = [
    {
      title: t('Available memory'),
      values: before.availableBytes,
      text: formatBytes,
      extreme: 'lowest',
    },
    { title: t('Page cache'), values: before.pageCacheBytes, text: formatBytes, extreme: 'lowest' },
    {
      title: t('Time in which all programs waited for memory (PSI full)'),
      values: before.memoryFullPercent,
      text: formatPercent,
      extreme: 'highest',
      top: 100,
    },
  ];
  const lines = figures.flatMap((figure) => figureLines(figure, before.stepMs, t));
  return lines.slice(0, -1); // without the last blank line
}

function figureLines(figure: Figure, stepMs: number, t: Translate): string[] {
  const { extreme, text, title, values } = figure;
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined || known.length < leastKnown) return [];
  const far = known.reduce((one, other) => (isFarther(other.value, one.value, extreme) ? other : one));
  const ends = t('{0}: {1} at first, {2} in the end', title, text(first.value), text(last.value));
  const beforeEnd = formatDuration((last.index - far.index) * stepMs);
  const farText =
    extreme === 'lowest'
      ? t('{0}; lowest {1}, {2} before the end.', ends, text(far.value), beforeEnd)
      : t('{0}; highest {1}, {2} before the end.', ends, text(far.value), beforeEnd);
  const top = figure.top ?? known.reduce((highest, { value }) => Math.max(highest, value), 0);
  return [
    ...wrapped(far.value === last.value ? `${ends}.` : farText, sentenceWidth),
    ...bars(columnsOf(values, extreme), top, [text(top), text(0)]),
    '',
  ];
}

function isFarther(value: number, than: number, extreme: Figure['extreme']): boolean {
  return extreme === 'lowest' ? value < than : value > than;
}

/** At most so many values as there is room for: of those that share a column the extreme. */
function columnsOf(values: Values, extreme: Figure['extreme']): Values {
  const perColumn = Math.max(1, Math.ceil(values.length / mostColumns));
  const columns: (number | null)[] = [];
  for (let from = 0; from < values.length; from += perColumn) {
    const known = values.slice(from, from + perColumn).filter((value) => value !== null);
    columns.push(known.length === 0 ? null : extreme === 'lowest' ? Math.min(...known) : Math.max(...known));
  }
  return columns;
}

/** Rows of blocks, the highest first; a value that is not known is a blank, 0 the lowest block. */
function bars(columns: Values, top: number, [topText, zeroText]: readonly [string, string]): string[] {
  const labelWidth = Math.max(topText.length, zeroText.length);
  const levels = columns.map((value) =>
    value === null ? undefined : Math.max(1, Math.round((Math.max(0, value) / (top || 1)) * rowCount * 8)),
  );
  return Array.from({ length: rowCount }, (_, fromTop) => {
    const base = (rowCount - 1 - fromTop) * 8;
    const row = levels.map((level) => blocks[Math.min(8, Math.max(0, (level ?? 0) - base))] ?? ' ').join('');
    const label = fromTop === 0 ? topText : fromTop === rowCount - 1 ? zeroText : '';
    return `  ${label.padStart(labelWidth)} |${row}|`;
  });
}
