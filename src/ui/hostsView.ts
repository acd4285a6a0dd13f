import * as vscode from 'vscode';
import type { Disposable } from '../monitor/emitter';
import { availableText, availableView } from './memoryText';
import type { AttachedHost, Hosts } from './hosts';
import { hostTooltip } from './hostTooltip';
import { describeState, stateIcon } from './stateText';

/**
 * What a click on a row does. It is given nothing: with each figure VS Code forgets a command that was made for a row, and
 * a click before the next one has come would be lost.
 */
const openCommand = 'remoteMemory.showSelectedHost';

/** The attached hosts in the sidebar: state and available memory. */
export class HostsView implements vscode.TreeDataProvider<AttachedHost>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<AttachedHost | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<AttachedHost>;
  private readonly subscriptions: Disposable[];
  private readonly drawn = new Map<AttachedHost, string>();

  constructor(private readonly hosts: Hosts) {
    this.view = vscode.window.createTreeView('remoteMemory.hosts', { treeDataProvider: this });
    const clock = setInterval(() => this.redraw(), 1000);
    this.subscriptions = [
      this.changed,
      { dispose: () => clearInterval(clock) },
      hosts.onDidChange(() => this.changed.fire(undefined)),
      this.view,
      vscode.commands.registerCommand(openCommand, () =>
        vscode.commands.executeCommand('remoteMemory.showPanel', this.view.selection[0]),
      ),
    ];
  }

  getChildren(host?: AttachedHost): AttachedHost[] {
    return host ? [] : [...this.hosts.all];
  }

  getTreeItem(host: AttachedHost): vscode.TreeItem {
    const { kind } = host.monitor.state;
    const item = new vscode.TreeItem(host.label);
    item.id = host.target;
    item.description = description(host);
    item.iconPath = stateIcon(kind);
    item.contextValue = `host.${kind}`;
    item.accessibilityInformation = { label: spoken(host) };
    item.command = { command: openCommand, title: vscode.l10n.t('Show panel') };
    return item;
  }

  /** Made when it is shown, so that its figures are those of that moment. */
  resolveTreeItem(item: vscode.TreeItem, host: AttachedHost): vscode.TreeItem {
    item.tooltip = hostTooltip(host);
    return item;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Once a second, and only the rows whose words have changed: a tree that redraws loses the pointer's hover. */
  private redraw(): void {
    for (const host of this.hosts.all) {
      const text = `${host.monitor.state.kind} ${description(host)}`;
      if (this.drawn.get(host) === text) continue;
      this.drawn.set(host, text);
      this.changed.fire(host);
    }
    for (const host of this.drawn.keys()) if (!this.hosts.all.includes(host)) this.drawn.delete(host);
  }
}

/** The figure first: a long name leaves room for little more, and the icon tells the state too. */
function description(host: AttachedHost): string {
  const { text } = describeState(host.monitor.state, performance.now(), host.progress());
  const available = availableOf(host);
  return available === undefined ? text : `${available} · ${text}`;
}

/** The row as a screen reader says it. */
function spoken(host: AttachedHost): string {
  const { text } = describeState(host.monitor.state, performance.now(), host.progress());
  const available = availableOf(host);
  return available === undefined
    ? `${host.label}, ${text}`
    : vscode.l10n.t('{0}, {1}, {2} available', host.label, text, available);
}

function availableOf({ monitor }: AttachedHost): string | undefined {
  const available = monitor.state.kind === 'live' ? availableView(monitor.latest) : undefined;
  return available && availableText(available);
}
