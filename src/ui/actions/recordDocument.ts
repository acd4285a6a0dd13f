import * as vscode from 'vscode';

const scheme = 'remote-memory-actions';

/** The record of actions as a read-only document, in plain text. */
export class RecordDocument implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  private text = '';

  /** Shows the text in place of what the document says now. */
  async show(text: string): Promise<void> {
    this.text = text;
    const uri = vscode.Uri.from({ scheme, path: `/${vscode.l10n.t('Record of actions')}` });
    this.changed.fire(uri); // it may be open already
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'plaintext');
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
