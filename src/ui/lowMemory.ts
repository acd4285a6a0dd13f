import * as vscode from 'vscode';
import { LowMemoryAlarm } from '../core/lowMemoryAlarm';
import { availableText, availableView } from './memoryText';
import type { AttachedHost, Hosts } from './hosts';
import { onSettingsChanged, settings } from './settings';

const lastingMs = 10_000;

/** A notification when available memory stays below the error threshold for ten seconds; once per fall. */
export function watchLowMemory(hosts: Hosts): vscode.Disposable {
  let { errorPercent } = settings;
  const following = onSettingsChanged(() => ({ errorPercent } = settings));
  const watching = hosts.onDidAttach((host) => {
    const alarm = new LowMemoryAlarm(lastingMs);
    // Ends with the monitor, which is never used again once its host is detached.
    host.monitor.onMoment((moment) => {
      const available = availableView(moment);
      // What comes late tells of a moment that has passed.
      if (!available || moment !== host.monitor.latest) return;
      if (alarm.push(moment.sample.at, available.percent, errorPercent) && settings.notifyLowMemory) {
        void notify(host, availableText(available));
      }
    });
  });
  return vscode.Disposable.from(following, watching);
}

async function notify(host: AttachedHost, available: string): Promise<void> {
  const showPanel = vscode.l10n.t('Show Panel');
  const killContainers = vscode.l10n.t('Kill all Docker containers…');
  const pick = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} has only {1} of memory available.', host.label, available),
    showPanel,
    killContainers,
  );
  if (pick === showPanel) await vscode.commands.executeCommand('remoteMemory.showPanel', host);
  if (pick === killContainers) await vscode.commands.executeCommand('remoteMemory.killAllContainers', host);
}
