import * as vscode from 'vscode';
import { formatBytes } from '../core/units';
import { freeLines } from './memoryText';
import { cleanText } from '../transport/cleanText';
import type { AttachedHost } from './hosts';
import { permissionsOfHost } from './permissions';
import { checklistItem } from './permissionsText';
import { describeState } from './stateText';
import { watchingText } from './watchingText';

/** So many counters that jumped are told; a broken host may have hundreds. */
const mostRefused = 5;

/**
 * How a host is doing, as Markdown: state, what `free` would print, and where the figures come from. Everything that
 * comes from a host goes in as escaped text.
 */
export function hostTooltip(host: AttachedHost): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString(undefined, true);
  const { text, detail } = describeState(host.monitor.state, performance.now());
  tooltip
    .appendMarkdown('**')
    .appendText(host.label)
    .appendMarkdown('** — ')
    .appendText(text)
    .appendMarkdown('\n\n');
  if (detail !== '') tooltip.appendText(detail).appendMarkdown('\n\n');
  const moment = host.monitor.latest;
  const lines = moment && freeLines(moment);
  if (lines) {
    tooltip.appendMarkdown(`| | ${new Date(moment.wallMs).toLocaleTimeString()} |\n|:--|--:|\n`);
    for (const [name, bytes] of lines) tooltip.appendMarkdown(`| ${name} | ${formatBytes(bytes)} |\n`);
    tooltip.appendMarkdown('\n');
  }
  for (const phrase of watchingText(host.monitor)) {
    tooltip.appendMarkdown('- ').appendText(phrase).appendMarkdown('\n');
  }
  for (const problem of Object.values(moment?.sample.problems ?? {})) {
    tooltip.appendMarkdown('- ').appendText(cleanText(problem.message, 200)).appendMarkdown('\n');
  }
  for (const refused of (moment?.rates?.refused ?? []).slice(0, mostRefused)) {
    tooltip.appendMarkdown('- ').appendText(cleanText(refused, 200)).appendMarkdown('\n');
  }
  appendChecklist(tooltip, host);
  return tooltip;
}

/** What is seen and not seen; what the host does not have is left out. The reasons stand where the command shows them. */
function appendChecklist(tooltip: vscode.MarkdownString, host: AttachedHost): void {
  const rows = permissionsOfHost(host).filter(({ state }) => state === 'yes' || state === 'no');
  if (rows.length === 0) return;
  tooltip.appendMarkdown('\n\n');
  for (const row of rows) tooltip.appendMarkdown('- ').appendText(checklistItem(row)).appendMarkdown('\n');
  if (rows.every(({ state }) => state === 'yes')) return;
  tooltip
    .appendMarkdown('\n')
    .appendText(
      vscode.l10n.t('“Memory: Show permissions” says why something is not seen, and what would change that.'),
    );
}
