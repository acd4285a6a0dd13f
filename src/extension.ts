import * as vscode from 'vscode';
import { RecordBook } from './ui/actions/recordBook';
import { ActionRunner } from './ui/actions/runner';
import { commandOf, registerCommands } from './ui/commands';
import { ContainersView } from './ui/containersView';
import { notifyFailures } from './ui/failureNotices';
import { Hosts } from './ui/hosts';
import { HostsView } from './ui/hostsView';
import { watchLowMemory } from './ui/lowMemory';
import { OomView } from './ui/oom/oomView';
import { Panels, type RunAction } from './ui/panel';
import { keepSettings } from './ui/settings';
import { StatusBar } from './ui/statusBar';
import { offerSudo } from './ui/sudoOffer';

/** Makes the parts in order and hands them to VS Code; what each of them opens it closes itself. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel(vscode.l10n.t('Remote Memory'), { log: true });
  const kept = keepSettings(); // first: who hears of a change reads what it is now
  const hosts = new Hosts(context, log);
  const runAction: RunAction = (host, action, target) => {
    void vscode.commands.executeCommand(commandOf[action], host, target);
  };
  const panels = new Panels(context.extensionUri, hosts, runAction);
  const oom = new OomView(hosts, context, (host, { action, target }) => runAction(host, action, target));
  const book = new RecordBook(context, log);
  const runner = new ActionRunner(hosts, book);
  context.subscriptions.push(
    hosts,
    panels,
    new StatusBar(hosts),
    new HostsView(hosts),
    new ContainersView(hosts, runner),
    oom,
    watchLowMemory(hosts),
    notifyFailures(hosts, log),
    offerSudo(hosts, context.globalState),
    runner,
    registerCommands(hosts, panels, runner, book, oom, log),
    kept,
    log, // last: what is disposed before may still write to it
  );
  hosts.restore();
}
