import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** The text of the document that is shown, when it has come. */
async function shown(): Promise<vscode.TextDocument> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.uri.scheme === 'remote-memory-permissions') return document;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no document');
}

/** Waits for the document to hold that; it is renewed by itself. */
async function renewed(document: vscode.TextDocument, wanted: RegExp): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if (wanted.test(document.getText())) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${wanted.source} in: ${document.getText()}`);
}

describe('Show permissions', () => {
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await vscode.commands.executeCommand('remoteMemory.detach');
  });

  it('shows what can be seen on a host as a document that can be read and copied, not changed', async () => {
    await vscode.commands.executeCommand('remoteMemory.attach', 'local');
    await vscode.commands.executeCommand('remoteMemory.showPermissions');
    const document = await shown();
    assert.equal(document.languageId, 'markdown');
    assert.match(document.getText(), /^# What can be seen on This machine\n/);
    // A row that comes of the question alone, and that the document has only once it was answered.
    await renewed(document, /(✓|–|✗) Kernel log \(kills of the OOM killer\)/);
    assert.match(document.getText(), /(✓|–|\?|✗) Samples through a freeze/);
    assert.doesNotMatch(document.getText(), /has not been asked yet/);
    const text = document.getText();
    await vscode.commands.executeCommand('type', { text: 'x' });
    assert.equal(document.getText(), text);
  });
});
