import * as vscode from 'vscode';
import { commandOf, registerCommands } from './ui/commands';
import { Hosts } from './ui/hosts';
import { HostsView } from './ui/hostsView';
import { watchLowMemory } from './ui/lowMemory';
import { OomView } from './ui/oomView';
import { Panels } from './ui/panel';
import { StatusBar } from './ui/statusBar';
import { offerSudo } from './ui/sudoOffer';

/** Makes the parts in order and hands them to VS Code; what each of them opens it closes itself. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel(vscode.l10n.t('Remote Memory'), { log: true });
  const hosts = new Hosts(context, log);
  const panels = new Panels(context.extensionUri, hosts, (host, action) => {
    void vscode.commands.executeCommand(commandOf[action], host);
  });
  context.subscriptions.push(
    hosts,
    panels,
    new StatusBar(hosts),
    new HostsView(hosts),
    new OomView(hosts),
    watchLowMemory(hosts),
    offerSudo(hosts, context.globalState),
    registerCommands(hosts, panels, log),
    log, // last: what is disposed before may still write to it
  );
  hosts.restore();
}
