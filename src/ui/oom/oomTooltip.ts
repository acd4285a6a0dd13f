import * as vscode from 'vscode';
import type { KillLoop } from '../../core/oomEvents/aftermath';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import { cleanText } from '../../transport/cleanText';
import { eventLines } from './eventLines';
import { eventName } from './eventFacts';
import { momentText } from './momentText';

/** What is known of an event, as Markdown that is not trusted: all that comes from the host is escaped text. */
export function eventTooltip(found: HostOomEvent, loop: KillLoop | undefined): vscode.MarkdownString {
  const { t } = vscode.l10n;
  const text = new vscode.MarkdownString();
  text
    .appendMarkdown('**')
    .appendText(cleanText(eventName(found, t), 200))
    .appendMarkdown('**\n\n');
  const row = (label: string, value: string): void => {
    text
      .appendMarkdown('- ')
      .appendText(`${label}: ${cleanText(value, 300)}`)
      .appendMarkdown('\n');
  };
  row(t('When'), found.atMs === undefined ? t('not known') : momentText(found.atMs, Date.now()));
  for (const { label, description = '' } of eventLines(found, loop, t)) row(label, description);
  return text;
}
