import * as vscode from 'vscode';
import type { AttachedHost, Hosts } from './hosts';
import { settings } from './settings';

const askedKey = 'sudoOffered';

/**
 * Offers `sudo -n` once for a host whose kernel log its user may not read. It is never used before somebody has said
 * yes for that very host.
 */
export function offerSudo(hosts: Hosts, memory: vscode.Memento): vscode.Disposable {
  return hosts.onDidAttach((host) => {
    host.monitor.oom.onLogState((state) => {
      if (state.kind !== 'denied' || settings.allowSudo.includes(host.target)) return;
      const asked = memory.get<readonly string[]>(askedKey, []);
      if (asked.includes(host.target)) return;
      void memory.update(askedKey, [...asked, host.target]);
      void ask(host);
    });
  });
}

async function ask(host: AttachedHost): Promise<void> {
  const allow = vscode.l10n.t('Allow sudo…');
  const pick = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'Your user may not read the kernel log of {0}, so kills of the OOM killer stay unseen. May “sudo -n” be used there?',
      host.label,
    ),
    allow,
  );
  if (pick === allow) await vscode.commands.executeCommand('remoteMemory.allowSudo', host);
}
