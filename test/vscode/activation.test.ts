import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

const id = 'remote-memory-diagnostics.remote-memory-diagnostics';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('activation', () => {
  let extension: vscode.Extension<unknown>;

  before(() => {
    const found = vscode.extensions.getExtension<unknown>(id);
    assert.ok(found, `${id} is not installed`);
    extension = found;
  });

  it('activates', async () => {
    const startedAt = performance.now();
    await extension.activate();
    console.log(`[test]     activate() awaited ${(performance.now() - startedAt).toFixed(1)} ms`);
    assert.equal(extension.isActive, true);
  });

  it('registers every command that it contributes', async () => {
    const { commands } = (extension.packageJSON as Manifest).contributes;
    assert.ok(commands.length > 0, 'package.json contributes no command');
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = commands.map(({ command }) => command).filter((command) => !registered.has(command));
    assert.deepEqual(missing, []);
  });
});
