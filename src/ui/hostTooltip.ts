import * as vscode from 'vscode';
import { formatBytes } from '../core/units';
import { availableText, availableView, freeLines } from './memoryText';
import { cleanText } from '../transport/cleanText';
import type { AttachedHost } from './hosts';
import { describeState } from './stateText';

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
  const available = availableView(moment);
  if (available?.computed) {
    tooltip.appendText(
      vscode.l10n.t(
        'This kernel does not tell MemAvailable ({0}); it is computed.',
        availableText(available),
      ),
    );
    tooltip.appendMarkdown('\n\n');
  }
  for (const problem of Object.values(moment?.sample.problems ?? {})) {
    tooltip.appendMarkdown('- ').appendText(cleanText(problem.message, 200)).appendMarkdown('\n');
  }
  return tooltip;
}
