import { allLines } from '../core/ledger/ledger';
import type { Ledger, LedgerLine, LedgerLineId } from '../core/ledger/types';
import { formatBytes } from '../core/units';
import type { LedgerRow, LedgerSection } from '../protocol';
import type { Translate } from '../core/translate';

/**
 * A ledger as it is shown: lines that hold something, free memory last, with shares of all memory that add up to 100.
 * @param notes what is to be said before it.
 */
export function ledgerSectionOf(ledger: Ledger, notes: readonly string[], t: Translate): LedgerSection {
  const { lines, views, totalBytes } = ledger;
  const free = lines.filter(({ id }) => id === 'free');
  const filled = [...lines.filter(({ id }) => id !== 'free'), ...free].filter(({ bytes = 0 }) => bytes > 0);
  // Where the lines exceed all memory, their sum is the whole.
  const wholeBytes = Math.max(
    totalBytes,
    filled.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  );
  const shares = sharesOf(
    filled.map(({ bytes = 0 }) => bytes),
    wholeBytes,
  );
  const rowOf = (line: LedgerLine, percent: number): LedgerRow => ({
    id: line.id,
    title: t(line.title),
    bytes: line.bytes ?? 0,
    percent,
    formula: t(line.formula),
    explanation: t(line.explanation),
    remarks: line.id === 'not-accounted' ? [...reasonTexts(ledger, t), ...chartRemarks(ledger, t)] : [],
    parts: line.parts
      .filter(({ bytes = 0 }) => bytes > 0)
      .map((part) => rowOf(part, shareOf(part.bytes, wholeBytes))),
  });
  const titles = new Map<LedgerLineId, string>(
    lines.flatMap((line) => [line, ...line.parts].map(({ id, title }) => [id, t(title)] as const)),
  );
  return {
    totalBytes,
    lines: filled.map((line, index) => rowOf(line, shares[index] ?? 0)),
    views: views.map((view) => ({
      id: view.id,
      title: t(view.title),
      bytes: view.bytes,
      percent: shareOf(view.bytes, wholeBytes),
      formula: t(view.formula),
      explanation: t(view.explanation),
      remarks: [t('Counted in: {0}', view.within.map((id) => titles.get(id) ?? id).join(', '))],
      parts: [],
    })),
    notes: [...notes, ...ledger.notes.map((note) => t(note))],
    remarks: [
      namesOf(lines, (bytes) => bytes === 0, 'Empty: {0}.', t),
      namesOf(lines, (bytes) => bytes === undefined, 'Not told by this host: {0}.', t),
    ].filter((remark) => remark !== undefined),
  };
}

/** What may be behind the memory that is in no line, one paragraph each. */
export function reasonTexts({ notAccountedReasons }: Ledger, t: Translate): string[] {
  return notAccountedReasons.map(({ title, mostBytes, explanation }) =>
    mostBytes === undefined
      ? `${t(title)}: ${t(explanation)}`
      : `${t(title)} (${t('at most {0}', formatBytes(mostBytes))}): ${t(explanation)}`,
  );
}

/** Where the chart of memory says more of the memory that is in no line. */
function chartRemarks(ledger: Ledger, t: Translate): string[] {
  const lists = allLines(ledger).find(({ id }) => id === 'free-processor-lists');
  return (lists?.bytes ?? 0) > 0
    ? [
        t(
          'The memory chart counts free pages on per-processor lists here as well, since it knows /proc/meminfo alone.',
        ),
      ]
    : [];
}

/** Percent in tenths, rounded so that they add up to those of the whole (largest remainder). */
export function sharesOf(amounts: readonly number[], whole: number): number[] {
  if (!(whole > 0)) return amounts.map(() => 0);
  const exact = amounts.map((amount) => (amount / whole) * 1000);
  const tenths = exact.map((share) => Math.floor(share));
  const total = Math.round(exact.reduce((sum, share) => sum + share, 0));
  const missing = total - tenths.reduce((sum, share) => sum + share, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((one, other) => other.remainder - one.remainder);
  const raised = new Set(byRemainder.slice(0, missing).map(({ index }) => index));
  return tenths.map((share, index) => (share + (raised.has(index) ? 1 : 0)) / 10);
}

function shareOf(bytes: number | undefined, whole: number): number {
  return whole > 0 ? Math.round(((bytes ?? 0) / whole) * 1000) / 10 : 0;
}

function namesOf(
  lines: readonly LedgerLine[],
  wanted: (bytes: number | undefined) => boolean,
  text: string,
  t: Translate,
): string | undefined {
  const names = lines.filter(({ bytes }) => wanted(bytes)).map(({ title }) => t(title));
  return names.length === 0 ? undefined : t(text, names.join(', '));
}
