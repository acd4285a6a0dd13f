import * as vscode from 'vscode';
import { oomDocument } from '../core/oom/document';
import { cleanText } from '../transport/cleanText';
import { pickOomLog, readOomLog, type OomLogSource } from './oomLogSource';

const scheme = 'remote-memory-oom';

/** So many documents are kept; an older one that is still open says that it is not kept any more when it is loaded anew. */
const mostDocuments = 20;

/** Read-only documents about logs and about single events, each as it was when it was asked for. */
export class OomDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration: vscode.Disposable;
  private opened = 0;

  constructor() {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  /**
   * Analyzes a log, of which no host need be attached, and shows what it tells.
   * @param file the log; else it is asked for.
   * @throws {UserError} it cannot be read. @throws {vscode.CancellationError} it was cancelled.
   */
  async analyze(file: vscode.Uri | undefined): Promise<void> {
    const source: OomLogSource | undefined =
      file === undefined ? await pickOomLog() : { kind: 'file', uri: file };
    if (source === undefined) return;
    const findings = await readOomLog(source);
    await this.show(vscode.l10n.t('OOM kills in {0}', findings.source), oomDocument(findings, vscode.l10n.t));
  }

  /** Shows a text as it is now; `title` is that of the editor. */
  async show(title: string, text: string): Promise<void> {
    const key = String(++this.opened);
    this.texts.set(key, text);
    const [oldest] = this.texts.keys();
    if (this.texts.size > mostDocuments && oldest !== undefined) this.texts.delete(oldest);
    // The last part of the path is the title of the editor.
    const path = `/${cleanText(title, 100).replaceAll('/', '_')}.txt`;
    const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme, path, query: key }));
    await vscode.languages.setTextDocumentLanguage(document, 'plaintext');
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return (
      this.texts.get(uri.query) ??
      `${vscode.l10n.t('This document is not kept any more. Run “Memory: Analyze OOM log” again.')}\n`
    );
  }

  dispose(): void {
    this.registration.dispose();
  }
}
