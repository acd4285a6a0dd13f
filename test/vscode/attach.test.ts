import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

const tabs = (): string[] =>
  vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`did not come: ${tabs().join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('attaching', () => {
  it('opens the panel of a host, one for each host, and detaching closes it', async () => {
    await vscode.commands.executeCommand('remoteMemory.attach', 'local');
    await until(() => tabs().includes('Memory: This machine'));
    await vscode.commands.executeCommand('remoteMemory.attach', 'local');
    await vscode.commands.executeCommand('remoteMemory.showPanel');
    assert.deepEqual(
      tabs().filter((label) => label.startsWith('Memory:')),
      ['Memory: This machine'],
    );
    await vscode.commands.executeCommand('remoteMemory.detach');
    await until(() => !tabs().includes('Memory: This machine'));
  });
});
