import * as vscode from 'vscode';
import type { Disposable } from '../monitor/emitter';
import { availableText, availableView } from './memoryText';
import type { AttachedHost, Hosts } from './hosts';
import { hostTooltip } from './hostTooltip';
import { describeState, stateIcon } from './stateText';

/** The attached hosts in the sidebar: state and available memory. */
export class HostsView implements vscode.TreeDataProvider<AttachedHost>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<AttachedHost | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: Disposable[];
  private readonly drawn = new Map<AttachedHost, string>();

  constructor(private readonly hosts: Hosts) {
    const clock = setInterval(() => this.redraw(), 1000);
    this.subscriptions = [
      this.changed,
      { dispose: () => clearInterval(clock) },
      hosts.onDidChange(() => this.changed.fire(undefined)),
      vscode.window.registerTreeDataProvider('remoteMemory.hosts', this),
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
    item.command = {
      command: 'remoteMemory.showPanel',
      title: vscode.l10n.t('Show panel'),
      arguments: [host],
    };
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

function description(host: AttachedHost): string {
  const { text } = describeState(host.monitor.state, performance.now());
  const available = availableOf(host);
  return available === undefined ? text : `${text} · ${available}`;
}

/** The row as a screen reader says it. */
function spoken(host: AttachedHost): string {
  const { text } = describeState(host.monitor.state, performance.now());
  const available = availableOf(host);
  return available === undefined
    ? `${host.label}, ${text}`
    : vscode.l10n.t('{0}, {1}, {2} available', host.label, text, available);
}

function availableOf({ monitor }: AttachedHost): string | undefined {
  const available = monitor.state.kind === 'live' ? availableView(monitor.latest) : undefined;
  return available && availableText(available);
}
