import type * as vscode from 'vscode';
import { showConnectionError } from './connectionNotice';
import { showErrors } from './errors';
import type { Hosts } from './hosts';

/**
 * A notification when a host has failed for a reason that somebody has to do something about: one each time it comes to
 * that, and none for the attempts before it, which go on by themselves. A person who cancels hears nothing.
 */
export function notifyFailures(hosts: Hosts, log: vscode.LogOutputChannel): vscode.Disposable {
  return hosts.onDidAttach((host) => {
    // Ends with the monitor, which is never used again once its host is detached.
    host.monitor.onState((state) => {
      if (state.kind === 'failed') void showErrors(log, () => showConnectionError(state.error, host));
    });
  });
}
