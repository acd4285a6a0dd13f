import * as vscode from 'vscode';
import type { Disposable } from '../monitor/emitter';
import type { OomVictim } from '../core/oom/event';
import { formatBytes } from '../core/units';
import type { SeenOomEvent } from '../monitor/oomWatch';
import { cleanText } from '../transport/cleanText';
import type { AttachedHost, Hosts } from './hosts';
import { settings } from './settings';

type Node =
  | { readonly kind: 'host'; readonly host: AttachedHost }
  | { readonly kind: 'event'; readonly host: AttachedHost; readonly event: SeenOomEvent }
  | {
      readonly kind: 'note';
      readonly host: AttachedHost;
      readonly text: string;
      readonly allowSudo: boolean;
    };

/** The kills that the kernel logs of the attached hosts tell, newest first: victim, time, who asked for memory. */
export class OomView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: Disposable[];
  private pending: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly hosts: Hosts) {
    this.subscriptions = [
      this.changed,
      vscode.window.registerTreeDataProvider('remoteMemory.oomEvents', this),
      hosts.onDidChange(() => this.redraw()),
      hosts.onDidAttach(({ monitor }) => {
        monitor.onState(({ kind }) => kind === 'live' && this.redraw()); // now times are known
        monitor.oom.onEvent(() => this.redraw());
        monitor.oom.onLogState(() => this.redraw());
      }),
    ];
  }

  getChildren(node?: Node): Node[] {
    if (!node) return this.hosts.all.map((host) => ({ kind: 'host', host }));
    if (node.kind !== 'host') return [];
    const { host } = node;
    const events = [...host.monitor.oom.events.values()].reverse();
    const note = noteOf(host, events.length);
    return [...(note ? [note] : []), ...events.map((event): Node => ({ kind: 'event', host, event }))];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'host':
        return hostItem(node.host);
      case 'event':
        return eventItem(node.host, node.event);
      case 'note':
        return noteItem(node);
    }
  }

  dispose(): void {
    clearTimeout(this.pending);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** A ring buffer full of kills arrives at once: one redraw for all of them. */
  private redraw(): void {
    this.pending ??= setTimeout(() => {
      this.pending = undefined;
      this.changed.fire(undefined);
    }, 100);
  }
}

/** A group kill may have hundreds of victims. */
const maxNamed = 3;

function hostItem(host: AttachedHost): vscode.TreeItem {
  const item = new vscode.TreeItem(host.label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = host.target;
  item.iconPath = new vscode.ThemeIcon('server');
  const kills = [...host.monitor.oom.events.values()].reduce((sum, { victims }) => sum + victims.length, 0);
  item.description = kills === 0 ? '' : vscode.l10n.t('{0} killed', kills);
  return item;
}

function eventItem(host: AttachedHost, event: SeenOomEvent): vscode.TreeItem {
  const more = event.victims.length - maxNamed;
  const named = event.victims.slice(0, maxNamed).map(nameOf).join(', ');
  const names = more > 0 ? vscode.l10n.t('{0} and {1} more', named, more) : named;
  const item = new vscode.TreeItem(names === '' ? outcomeText(event) : names);
  item.id = `${host.target} ${event.bootId} ${event.id}`;
  item.iconPath = new vscode.ThemeIcon(event.victims.length === 0 ? 'info' : 'flame');
  item.description = [timeText(host, event), askedText(event)].filter((part) => part !== '').join(' · ');
  item.tooltip = tooltip(host, event);
  item.contextValue = 'oomEvent';
  return item;
}

function tooltip(host: AttachedHost, event: SeenOomEvent): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const line = (label: string, value: string): void => {
    text
      .appendMarkdown('- ')
      .appendText(`${label}: ${cleanText(value, 300)}`)
      .appendMarkdown('\n');
  };
  for (const victim of event.victims.slice(0, 20))
    line(vscode.l10n.t('Killed'), `${nameOf(victim)} ${sizesOf(victim)}`);
  line(vscode.l10n.t('When'), timeText(host, event) || vscode.l10n.t('not told by the log'));
  if (event.trigger) line(vscode.l10n.t('Asked for memory'), event.trigger.name);
  line(vscode.l10n.t('Scope'), scopeText(event));
  if (event.cgroup?.limit !== undefined) line(vscode.l10n.t('Limit of'), event.cgroup.limit);
  if (event.cgroup?.task !== undefined) line(vscode.l10n.t('Victim lived in'), event.cgroup.task);
  if (event.missing.length > 0)
    line(vscode.l10n.t('Not in the log'), event.missing.map(missingText).join(', '));
  return text;
}

function nameOf({ name, pid }: OomVictim): string {
  return `${cleanText(name, 40)} (${pid})`;
}

function sizesOf({ anonRssBytes, fileRssBytes, shmemRssBytes }: OomVictim): string {
  const known = [anonRssBytes, fileRssBytes, shmemRssBytes].filter((bytes) => bytes !== undefined);
  if (known.length === 0) return '';
  return vscode.l10n.t('held {0}', formatBytes(known.reduce((sum, bytes) => sum + bytes, 0)));
}

function timeText(host: AttachedHost, { bootId, kernelTimeMs }: SeenOomEvent): string {
  const wallMs = kernelTimeMs === undefined ? undefined : host.monitor.wallMsOf(bootId, kernelTimeMs);
  if (wallMs === undefined) return '';
  const at = new Date(wallMs);
  const today = at.toDateString() === new Date().toDateString();
  return today ? at.toLocaleTimeString() : at.toLocaleString();
}

function askedText({ trigger }: SeenOomEvent): string {
  return trigger ? vscode.l10n.t('asked by {0}', cleanText(trigger.name, 40)) : '';
}

function scopeText({ scope }: SeenOomEvent): string {
  switch (scope) {
    case 'global':
      return vscode.l10n.t('the whole machine ran out of memory');
    case 'memcg':
      return vscode.l10n.t('a memory cgroup reached its limit');
    case 'cpuset':
      return vscode.l10n.t('the memory nodes of a cpuset were full');
    case 'mempolicy':
      return vscode.l10n.t('the memory nodes of a memory policy were full');
    case 'sysrq':
      return vscode.l10n.t('a person asked for it (SysRq)');
    case 'unknown':
      return vscode.l10n.t('not told by the log');
  }
}

function missingText(missing: SeenOomEvent['missing'][number]): string {
  switch (missing) {
    case 'trigger':
      return vscode.l10n.t('who asked for memory');
    case 'scope':
      return vscode.l10n.t('whose memory ran out');
    case 'cgroup':
      return vscode.l10n.t('which cgroup');
    case 'victim':
      return vscode.l10n.t('who was killed');
    case 'sizes':
      return vscode.l10n.t('the sizes of the victim');
    case 'kernel-time':
      return vscode.l10n.t('the time');
  }
}

function outcomeText({ outcome }: SeenOomEvent): string {
  switch (outcome) {
    case 'no-killable-process':
      return vscode.l10n.t('Out of memory, no process could be killed');
    case 'already-exiting':
      return vscode.l10n.t('Out of memory, a process was ending already');
    case 'deadlock':
      return vscode.l10n.t('Deadlocked on memory');
    case 'panic':
      return vscode.l10n.t('Kernel panic: out of memory');
    case 'killed':
    case 'unknown':
      return vscode.l10n.t('Out of memory, victim not in the log');
  }
}

function noteOf(host: AttachedHost, events: number): Node | undefined {
  const state = host.monitor.oom.logState;
  const note = (text: string, allowSudo = false): Node => ({ kind: 'note', host, text, allowSudo });
  if (!state) return note(vscode.l10n.t('Kernel log not read yet'));
  switch (state.kind) {
    case 'denied':
      return settings.allowSudo.includes(host.target)
        ? note(vscode.l10n.t('Kernel log not readable: sudo asks for a password there'))
        : note(
            vscode.l10n.t('Kernel log not readable: needs root, or the group adm or systemd-journal'),
            true,
          );
    case 'ended':
      return note(vscode.l10n.t('Kernel log is not followed now'));
    case 'reading':
      return events === 0 ? note(vscode.l10n.t('No kill in the kernel log')) : undefined;
  }
}

function noteItem({ host, text, allowSudo }: Extract<Node, { kind: 'note' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.iconPath = new vscode.ThemeIcon('info');
  item.tooltip = text;
  if (allowSudo) {
    item.contextValue = 'needsSudo';
    item.command = {
      command: 'remoteMemory.allowSudo',
      title: vscode.l10n.t('Allow sudo'),
      arguments: [host],
    };
  }
  return item;
}
