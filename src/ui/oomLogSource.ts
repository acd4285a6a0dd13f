import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { errorText } from '../core/errorText';
import { LogFinder } from '../core/oom/documentLog';
import type { LogFindings } from '../core/oom/document';
import { cleanText } from '../transport/cleanText';
import { UserError } from './errors';

/** A log to be read: a text that is there, or a file. */
export type OomLogSource =
  | { readonly kind: 'text'; readonly name: string; readonly text: string }
  | { readonly kind: 'file'; readonly uri: vscode.Uri };

/**
 * Asks which log is meant: the selection or the editor that is in front, the clipboard, or a file.
 * @returns undefined where the person chose none.
 */
export async function pickOomLog(): Promise<OomLogSource | undefined> {
  const t = vscode.l10n.t;
  const items: (vscode.QuickPickItem & { readonly source: () => Promise<OomLogSource | undefined> })[] = [
    ...editorItems(vscode.window.activeTextEditor),
    {
      label: t('A file…'),
      description: t('a log of any length, of any host'),
      source: pickFile,
    },
    { label: t('The clipboard'), description: t('lines that were copied'), source: readClipboard },
  ];
  const pick = await vscode.window.showQuickPick(items, {
    title: t('Which log is to be analyzed?'),
    placeHolder: t('Output of dmesg, journalctl or a syslog file with the kernel’s messages'),
  });
  return pick?.source();
}

/** Reads the log while it shows how far it is. @throws {UserError} it cannot be read. @throws {vscode.CancellationError} cancelled. */
export async function readOomLog(source: OomLogSource): Promise<LogFindings> {
  if (source.kind === 'text') {
    const finder = new LogFinder();
    finder.take(source.text);
    return finder.end(source.name);
  }
  const name = nameOf(source.uri);
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Reading {0}', cleanText(name, 100)),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    try {
      return await readFile(source.uri, name, (percent) => progress.report({ increment: percent }), token);
    } catch (error) {
      if (error instanceof vscode.CancellationError) throw error;
      throw new UserError(
        vscode.l10n.t('{0} cannot be read: {1}', cleanText(name, 100), cleanText(errorText(error), 200)),
      );
    }
  });
}

/** @param onPart is told how many percent more have been read. */
async function readFile(
  uri: vscode.Uri,
  name: string,
  onPart: (percent: number) => void,
  token: vscode.CancellationToken,
): Promise<LogFindings> {
  const finder = new LogFinder();
  const decoder = new TextDecoder();
  if (uri.scheme !== 'file') {
    finder.take(decoder.decode(await vscode.workspace.fs.readFile(uri)));
    return finder.end(name);
  }
  const { size } = await stat(uri.fsPath);
  const stream = createReadStream(uri.fsPath);
  const cancelled = token.onCancellationRequested(() => stream.destroy(new vscode.CancellationError()));
  try {
    let told = 0;
    let read = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      finder.take(decoder.decode(chunk, { stream: true }));
      read += chunk.length;
      const percent = size === 0 ? 100 : Math.floor((read / size) * 100);
      if (percent > told) onPart(percent - told);
      told = Math.max(told, percent);
    }
  } finally {
    cancelled.dispose();
    stream.destroy();
  }
  if (token.isCancellationRequested) throw new vscode.CancellationError();
  finder.take(decoder.decode());
  return finder.end(name);
}

function editorItems(
  editor: vscode.TextEditor | undefined,
): (vscode.QuickPickItem & { readonly source: () => Promise<OomLogSource> })[] {
  if (editor === undefined) return [];
  const t = vscode.l10n.t;
  const { document } = editor;
  const name = nameOf(document.uri);
  const selected = editor.selections.some((selection) => !selection.isEmpty);
  const text = selected
    ? editor.selections.map((selection) => document.getText(selection)).join('\n')
    : document.getText();
  return [
    {
      label: selected ? t('The selection') : t('The active editor'),
      description: cleanText(name, 100),
      source: () => Promise.resolve({ kind: 'text', name, text }),
    },
  ];
}

async function pickFile(): Promise<OomLogSource | undefined> {
  const [uri] = (await vscode.window.showOpenDialog({ title: vscode.l10n.t('Kernel log to analyze') })) ?? [];
  return uri && { kind: 'file', uri };
}

async function readClipboard(): Promise<OomLogSource> {
  const text = await vscode.env.clipboard.readText();
  if (text.trim() === '') {
    throw new UserError(
      vscode.l10n.t('The clipboard holds no text. Copy the lines of a kernel log and try again.'),
    );
  }
  return { kind: 'text', name: vscode.l10n.t('the clipboard'), text };
}

/** The last part of the path. */
function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1) || uri.path;
}
