import * as vscode from 'vscode';
import type { KillLoop } from '../../core/oomEvents/aftermath';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { Disposable } from '../../monitor/emitter';
import type { AttachedHost, Hosts } from '../hosts';
import { settings } from '../settings';
import { eventLines } from './eventLines';
import { EventFilter, type EventOrder, filterText, groupsOf } from './eventList';
import { ForecastLines } from './forecastLines';
import { hostLines } from './hostLines';
import { itemOf } from './oomItems';
import type { HostEvents, OomNode } from './oomNode';
import { eventTooltip } from './oomTooltip';
import type { UnseenKills } from './unseenKills';

export const viewId = 'remoteMemory.oomEvents';
const orderKey = 'oomEventOrder';

/** A burst of kills is drawn so often, in ms. */
const redrawMs = 500;

/** The tree “OOM events”: host → day, boot or victim → event → victims, cause, what became of them. */
export class OomTree implements vscode.TreeDataProvider<OomNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly view: vscode.TreeView<OomNode>;
  private readonly subscriptions: Disposable[];
  private pending: ReturnType<typeof setTimeout> | undefined;
  private drawnAtMs = -Infinity;
  private filter = new EventFilter('');
  private order: EventOrder;
  private readonly forecasts: ForecastLines;

  constructor(
    private readonly hosts: Hosts,
    private readonly unseen: UnseenKills,
    private readonly memory: vscode.Memento,
  ) {
    this.order = memory.get(orderKey) === 'victim' ? 'victim' : 'time';
    this.view = vscode.window.createTreeView(viewId, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
    });
    this.forecasts = new ForecastLines(
      hosts,
      () => this.view.visible,
      () => this.redraw(),
    );
    this.subscriptions = [
      this.changed,
      this.view,
      this.forecasts,
      hosts.onDidChange(() => this.redraw()),
      hosts.onDidAttach(({ monitor }) => {
        // They end with the monitor, which is never used again once its host is detached.
        monitor.onState(() => this.redraw());
        monitor.oom.onEvent(() => this.redraw());
        monitor.oom.onChange(() => this.redraw());
        monitor.oom.onLogState(() => this.redraw());
      }),
    ];
    this.tellContext();
  }

  /** What the events are filtered by; empty: by nothing. */
  get filterText(): string {
    return this.filter.text;
  }

  setFilter(text: string): void {
    this.filter = new EventFilter(text.trim());
    this.tellContext();
    this.redraw();
  }

  setOrder(order: EventOrder): void {
    this.order = order;
    void this.memory.update(orderKey, order);
    this.tellContext();
    this.redraw();
  }

  /** The events that a row stands for, of those that the filter lets through. */
  eventsOf(node: OomNode): HostEvents {
    const { host } = node;
    if (node.kind === 'host') return { host, events: this.shown(host) };
    if (node.kind === 'group') return { host, events: node.group.events };
    return { host, events: node.event ? [node.event] : [] };
  }

  /** The events that are shown, by host. */
  get all(): HostEvents[] {
    return this.hosts.all.map((host) => ({ host, events: this.shown(host) }));
  }

  getChildren(node?: OomNode): OomNode[] {
    if (!node) return this.hosts.all.map((host) => ({ kind: 'host', host }));
    const { host } = node;
    switch (node.kind) {
      case 'host':
        return [...this.linesOf(host), ...this.groupsOf(host)];
      case 'group':
        return node.group.events.map((event): OomNode => ({ kind: 'event', host, event }));
      case 'event': {
        const { event } = node;
        const lines = eventLines(event, loopOf(host, event), vscode.l10n.t);
        return lines.map((line): OomNode => ({ kind: 'line', host, line, event }));
      }
      case 'line':
        return [];
    }
  }

  getTreeItem(node: OomNode): vscode.TreeItem {
    return itemOf(
      node,
      (host) => this.shown(host),
      ({ host, event }) => this.unseen.isUnseen(host.target, event.key),
    );
  }

  /** Tooltips are made when they are wanted: there may be a thousand. */
  resolveTreeItem(item: vscode.TreeItem, node: OomNode): vscode.TreeItem {
    if (node.kind === 'event') item.tooltip = eventTooltip(node.event, loopOf(node.host, node.event));
    return item;
  }

  /** Draws anew, soon: a ring buffer full of kills arrives at once. */
  redraw(): void {
    this.pending ??= setTimeout(
      () => {
        this.pending = undefined;
        this.drawnAtMs = performance.now();
        this.tellFilter();
        this.changed.fire(undefined);
      },
      Math.max(50, this.drawnAtMs + redrawMs - performance.now()),
    );
  }

  dispose(): void {
    clearTimeout(this.pending);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private linesOf(host: AttachedHost): OomNode[] {
    const { oom, state } = host.monitor;
    const shown = new Set(this.shown(host).map(({ key }) => key));
    const lines = hostLines(
      {
        isConnected: state.kind === 'live' || state.kind === 'silent',
        logState: oom.logState,
        sudoAllowed: settings.allowSudo.includes(host.target),
        ledger: oom.ledger,
        loops: oom.loops.filter(({ keys }) => keys.some((key) => shown.has(key))),
        events: oom.events,
        lookup: oom.lookup,
        nowMs: Date.now(),
      },
      vscode.l10n.t,
    );
    const forecast = this.forecasts.of(host);
    return [...lines.map((line): OomNode => ({ kind: 'line', host, line })), ...(forecast ? [forecast] : [])];
  }

  private groupsOf(host: AttachedHost): OomNode[] {
    const groups = groupsOf(this.shown(host), this.order, Date.now(), vscode.l10n.t);
    return groups.map((group, index): OomNode => ({ kind: 'group', host, group, isFirst: index === 0 }));
  }

  /** Oldest first. */
  private shown(host: AttachedHost): readonly HostOomEvent[] {
    const events = [...host.monitor.oom.events.values()];
    return this.filter.isOn ? events.filter((event) => this.filter.matches(host.label, event)) : events;
  }

  private tellFilter(): void {
    const { isOn, text } = this.filter;
    const all = this.hosts.all.reduce((sum, { monitor }) => sum + monitor.oom.events.size, 0);
    const shown = isOn ? this.all.reduce((sum, { events }) => sum + events.length, 0) : all;
    const message = isOn ? filterText(text, shown, all, vscode.l10n.t) : '';
    if (message !== (this.view.message ?? '')) this.view.message = message;
    this.view.description = isOn ? text : '';
  }

  /** What the menus depend on. */
  private tellContext(): void {
    void vscode.commands.executeCommand('setContext', 'remoteMemory.oomFiltered', this.filter.isOn);
    void vscode.commands.executeCommand('setContext', 'remoteMemory.oomOrder', this.order);
  }
}

/** The latest loop that an event is part of. */
export function loopOf(host: AttachedHost, { key }: HostOomEvent): KillLoop | undefined {
  return host.monitor.oom.loops.filter(({ keys }) => keys.includes(key)).at(-1);
}
