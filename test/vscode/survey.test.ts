import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** The document of that scheme, when it is shown. */
async function shown(scheme: string, withinMs: number): Promise<vscode.TextDocument> {
  for (const end = Date.now() + withinMs; Date.now() < end;) {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.uri.scheme === scheme) return document;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no document of ${scheme}`);
}

/** Runs a command until it does not only say what is not there yet, and gives what it shows. */
async function shownBy(command: string, scheme: string): Promise<vscode.TextDocument> {
  for (const end = Date.now() + 20_000; ;) {
    await vscode.commands.executeCommand(command);
    try {
      return await shown(scheme, 500);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

describe('Documents about a host', function () {
  this.timeout(60_000);

  before(async () => {
    await vscode.commands.executeCommand('remoteMemory.attach', 'local');
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('remoteMemory.detach');
  });

  it('where the memory is: lines that come to all memory, and what other tools print', async () => {
    const document = await shownBy('remoteMemory.showLedger', 'remote-memory-ledger');
    assert.equal(document.languageId, 'markdown');
    const text = document.getText();
    assert.match(text, /^# Where the memory of This machine is\n/);
    assert.match(text, /\n\| All lines .* 100\.0 % \| MemTotal \|\n/);
    assert.match(text, /\n\| Memory of programs .* \| AnonPages \|\n/);
    assert.match(text, /\n\| free, top, vmstat -s .*[\d.]+ [KMGT]iB \| MemTotal − MemAvailable \|\n/);
    assert.match(text, /\n## Not accounted\n/);
  });

  it('who would be killed: a forecast of the machine, by what it told just now', async () => {
    const document = await shownBy('remoteMemory.showOomForecast', 'remote-memory-forecast');
    assert.equal(document.languageId, 'plaintext');
    assert.match(document.getText(), /^OOM forecast for This machine\n=+\n/);
    // It follows what is read of the host.
    const wanted = /\nThe machine, [\d.]+ [KMGT]iB of RAM and swap\n-+\n\n[^]*\bwould\s+probably\s+kill\s/;
    for (const end = Date.now() + 20_000; !wanted.test(document.getText()) && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.match(document.getText(), wanted);
    assert.doesNotMatch(document.getText(), /It was not read just now/);
  });

  it('a checkup: ten sections, computed from two moments ten seconds apart', async () => {
    const before = Date.now();
    await vscode.commands.executeCommand('remoteMemory.checkup');
    const document = await shown('remote-memory-checkup', 40_000);
    assert.ok(Date.now() - before >= 10_000);
    assert.equal(document.languageId, 'markdown');
    const sections = document.getText().split('\n## ').slice(1, 11);
    assert.deepEqual(
      sections.map((section) => /^[a-z]+(?: -n [A-Z]+)?/.exec(section)?.[0]),
      ['uptime', 'dmesg', 'vmstat', 'mpstat', 'pidstat', 'iostat', 'free', 'sar -n DEV', 'sar -n TCP', 'top'],
    );
    const empty = sections.filter((section) => section.includes('(nothing)'));
    assert.deepEqual(
      empty.filter((section) => !/^(dmesg|iostat)/.test(section)), // a machine without disks, or whose log may not be read
      [],
    );
    await vscode.commands.executeCommand('type', { text: 'x' });
    assert.equal(document.isDirty, false);
  });
});
