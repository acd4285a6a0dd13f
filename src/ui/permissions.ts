import * as vscode from 'vscode';
import { hostLimitsOf } from '../core/permissions/hostLimits';
import { hostToolsOf } from '../core/permissions/hostTools';
import { permissionsOf } from '../core/permissions';
import type { Permission } from '../core/permissions/permission';
import { kernelLogSudoCommands } from '../monitor/permissionProbe';
import type { Disposable } from '../monitor/emitter';
import type { AttachedHost, Hosts } from './hosts';
import { permissionsText } from './permissionsText';
import { settings } from './settings';

const scheme = 'remote-memory-permissions';

/**
 * What is seen on a host and what not. Before the host was asked for the rights of its user, only the rows about its
 * kernel and tools.
 */
export function permissionsOfHost(host: AttachedHost): readonly Permission[] {
  const { latest, facts, ownClock } = host.monitor;
  const answers = host.monitor.permissions;
  const tools = hostToolsOf(latest?.sample, facts, ownClock);
  if (!answers) return hostLimitsOf(tools, undefined);
  return permissionsOf(answers, {
    tools,
    sudoAllowed: settings.allowSudo.includes(host.target),
    rootObstacle: host.monitor.standby?.rootObstacle,
    dockerSocket: settings.dockerSocket,
    sudoCommands: kernelLogSudoCommands,
  });
}

/** Read-only documents that say what can be seen on a host, and what an administrator could do about the rest. */
export class PermissionDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: Disposable[];

  constructor(private readonly hosts: Hosts) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      hosts.onDidAttach((host) => {
        host.monitor.onPermissions(() => this.changed.fire(uriOf(host))); // ends with the monitor
      }),
    ];
  }

  /** Shows the document of a host, and asks the host anew: the document follows. */
  async show(host: AttachedHost): Promise<void> {
    host.monitor.probeAgain();
    const uri = uriOf(host);
    this.changed.fire(uri); // it may be open already
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'markdown');
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const host = this.hosts.get(uri.query);
    if (!host) return `${vscode.l10n.t('That host is not attached any more.')}\n`;
    return permissionsText(host.label, permissionsOfHost(host), host.monitor.permissions !== undefined);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }
}

/** The last part of the path is the title of the editor. */
function uriOf({ target, label }: AttachedHost): vscode.Uri {
  const title = vscode.l10n.t('Permissions on {0}', label).replaceAll('/', '_');
  return vscode.Uri.from({ scheme, path: `/${title}.md`, query: target });
}
