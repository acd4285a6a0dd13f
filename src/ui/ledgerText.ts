import { dockerMemoryOf } from '../core/cgroups/dockerStats';
import type { WatchedCgroup } from '../core/cgroups/cgroup';
import type { Reconciliation } from '../core/ledger/types';
import { formatBytes } from '../core/units';
import type { LedgerRow, LedgerSection } from '../protocol';
import { markdownTable } from './ledgerTable';
import { plainMarkdown } from './plainText';
import { ownerWords } from './surveyOwner';
import type { Translate } from '../core/translate';

/** Of the containers, so many are printed. */
const mostContainers = 50;

/** What the document about a host's memory is made of. */
export interface LedgerReport {
  /** The host's name for people. */
  readonly label: string;
  /** When its latest sample was taken, in words. */
  readonly time: string;
  readonly ledger: LedgerSection;
  readonly reconciliations: readonly Reconciliation[];
  /** Largest first. */
  readonly containers: readonly ContainerMemory[];
}

/** What `docker stats` prints of one container, and what else is known of it. */
export interface ContainerMemory {
  /** Kind and name, cleaned. */
  readonly name: string;
  readonly dockerBytes: number | undefined;
  readonly currentBytes: number | undefined;
}

/** The document about where the memory of a host is, as Markdown: right as it stands, and in a preview. */
export function ledgerText(report: LedgerReport, t: Translate): string {
  const { label, time, ledger } = report;
  const { lines, views } = ledger;
  const notAccounted = lines.find(({ id }) => id === 'not-accounted');
  const parts = [
    `# ${t('Where the memory of {0} is', plainMarkdown(label))}`,
    t('All memory (MemTotal): {0}, on {1}.', formatBytes(ledger.totalBytes), time),
    ...ledger.notes,
    markdownTable(
      [t('Line'), `${t('Memory')}>`, `${t('Share')}>`, t('Computed as')],
      [...lines.flatMap((line) => [line, ...line.parts.map(asPart)]).map(cells), totalCells(ledger, t)],
    ),
    ...ledger.remarks,
    ...(views.length === 0
      ? []
      : [
          `## ${t('Of which')}`,
          t('Memory of the lines above seen in another way; it is not added to them.'),
          markdownTable([t('View'), `${t('Memory')}>`, `${t('Share')}>`, t('Computed as')], views.map(cells)),
        ]),
    `## ${t('Not accounted')}`,
    ...(notAccounted
      ? [notAccounted.explanation, listOf(notAccounted.remarks)]
      : [t('Nothing: the lines come to all memory.')]),
    `## ${t('What other tools print')}`,
    reconciliationTable(report.reconciliations, t),
    listOf(
      report.reconciliations.map(({ tool, version, figure, why }) =>
        t('{0} ({1}), “{2}”: {3}', tool, t(version), figure, t(why)),
      ),
    ),
    ...containerParts(report.containers, t),
    `## ${t('What each line is')}`,
    listOf(
      [...lines.flatMap((line) => [line, ...line.parts]), ...views].map(
        ({ title, explanation }) => `**${title}**: ${explanation}`,
      ),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

/**
 * The containers among the groups that were read, largest first: those that `docker stats` lists, and those whose runtime
 * the path does not tell, since they may be Docker's. Each is its outermost group.
 */
export function containerMemoryOf(
  groups: readonly WatchedCgroup[],
  memTotalBytes: number | undefined,
  t: Translate,
): ContainerMemory[] {
  const outermost = new Map<string, WatchedCgroup>();
  for (const group of groups) {
    const { owner, path } = group;
    if (owner.kind !== 'container' || owner.monitor) continue;
    if (owner.runtime !== undefined && owner.runtime !== 'docker') continue;
    const other = outermost.get(owner.id);
    if (!other || path.length < other.path.length) outermost.set(owner.id, group);
  }
  const sizeOf = ({ dockerBytes, currentBytes }: ContainerMemory): number => dockerBytes ?? currentBytes ?? 0;
  return Array.from(outermost.values(), (group): ContainerMemory => {
    const words = ownerWords(group.owner, t);
    return {
      name: words ? `${words.kind} ${words.name}` : '',
      dockerBytes: dockerMemoryOf(group, memTotalBytes)?.usedBytes,
      currentBytes: group.currentBytes,
    };
  }).sort((one, other) => sizeOf(other) - sizeOf(one));
}

function asPart(row: LedgerRow): LedgerRow {
  return { ...row, title: `– ${row.title}` };
}

function cells({ title, bytes, percent, formula }: LedgerRow): string[] {
  return [title, formatBytes(bytes), shareText(percent), formula];
}

function totalCells({ totalBytes, lines }: LedgerSection, t: Translate): string[] {
  const percent = lines.reduce((sum, line) => sum + line.percent, 0);
  return [t('All lines'), formatBytes(totalBytes), shareText(percent), 'MemTotal'];
}

/** With one decimal, so that the shares add up in print too. */
function shareText(percent: number): string {
  return `${percent.toFixed(1)} %`;
}

function reconciliationTable(reconciliations: readonly Reconciliation[], t: Translate): string {
  return markdownTable(
    [t('Tool'), t('Version'), t('Figure'), `${t('Memory')}>`, t('Computed as')],
    reconciliations.map(({ tool, version, figure, bytes, formula }) => [
      tool,
      t(version),
      figure,
      bytes === undefined ? '–' : formatBytes(bytes),
      t(formula),
    ]),
  );
}

function containerParts(containers: readonly ContainerMemory[], t: Translate): string[] {
  if (containers.length === 0) return [];
  const text = (bytes: number | undefined): string => (bytes === undefined ? '–' : formatBytes(bytes));
  return [
    `### ${t('Containers, as docker stats prints them')}`,
    markdownTable(
      [t('Container'), `${t('MEM USAGE')}>`, `${t('With all page cache')}>`],
      containers
        .slice(0, mostContainers)
        .map(({ name, dockerBytes, currentBytes }) => [
          plainMarkdown(name),
          text(dockerBytes),
          text(currentBytes),
        ]),
    ),
    ...(containers.length > mostContainers ? [t('and {0} more', containers.length - mostContainers)] : []),
  ];
}

function listOf(texts: readonly string[]): string {
  return texts.map((text) => `- ${text}`).join('\n');
}
