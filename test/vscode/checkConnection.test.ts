import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('Check connection', () => {
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('shows a report of a host that is not attached, and attaches nothing', async () => {
    await vscode.commands.executeCommand('remoteMemory.checkConnection', 'local');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'remote-memory-connection');
    assert.equal(document.languageId, 'markdown');
    const text = document.getText();
    assert.match(text, /^# Connection check of `This machine`\n/);
    assert.match(text, /Remote Memory Diagnostics \d+\.\d+\.\d+, .*\d+\.\d+\.\d+/);
    assert.match(text, /\*\*The connection works\.\*\*/);
    assert.match(text, /^ +[\d.]+ ms {2}shell /m);
    assert.match(text, /(✓|–|✗) Kernel log \(kills of the OOM killer\): /);
  });
});
