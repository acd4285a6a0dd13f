import * as vscode from 'vscode';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { AttachedHost } from '../hosts';
import { eventName, killsIn, killsOf } from './eventFacts';
import { eventDescription } from './eventLines';
import type { OomNode, ShownOomEvent } from './oomNode';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/**
 * A row as VS Code draws it. Its id stays the same for as long as it means the same, so that what was unfolded stays so.
 * @param shown the events of the host that the filter lets through. @param isUnseen whether nobody has looked at it yet.
 */
export function itemOf(
  node: OomNode,
  shown: (host: AttachedHost) => readonly HostOomEvent[],
  isUnseen: (node: Extract<OomNode, { kind: 'event' }>) => boolean,
): vscode.TreeItem {
  const item = bareItem(node, shown, isUnseen);
  const description = typeof item.description === 'string' ? item.description : '';
  const label = typeof item.label === 'string' ? item.label : (item.label?.label ?? '');
  item.accessibilityInformation = { label: description === '' ? label : `${label}, ${description}` };
  return item;
}

function bareItem(
  node: OomNode,
  shown: (host: AttachedHost) => readonly HostOomEvent[],
  isUnseen: (node: Extract<OomNode, { kind: 'event' }>) => boolean,
): vscode.TreeItem {
  const { host } = node;
  const id = (...parts: readonly string[]): string => JSON.stringify([node.kind, host.target, ...parts]);
  switch (node.kind) {
    case 'host': {
      const item = new vscode.TreeItem(host.label, Expanded);
      item.id = id();
      item.iconPath = new vscode.ThemeIcon('server');
      item.description = killedText(killsIn(shown(host)));
      item.contextValue = 'oomHost';
      return item;
    }
    case 'group': {
      const { events, label } = node.group;
      const item = new vscode.TreeItem(label, node.isFirst ? Expanded : Collapsed);
      item.id = id(node.group.id);
      item.iconPath = new vscode.ThemeIcon(groupIcon(node.group.id));
      item.description = killedText(killsIn(events));
      item.contextValue = 'oomGroup';
      return item;
    }
    case 'event': {
      const { event } = node;
      const unseen = isUnseen(node);
      const item = new vscode.TreeItem(eventName(event, vscode.l10n.t), Collapsed);
      item.id = id(event.key);
      item.iconPath = eventIcon(event, unseen);
      item.description = eventDescription(event, unseen, Date.now(), vscode.l10n.t);
      item.contextValue = 'oomEvent';
      item.command = showCommand(host, event);
      return item;
    }
    case 'line': {
      const { line, event } = node;
      const item = new vscode.TreeItem(line.label, None);
      item.id = id(event?.key ?? '', line.id);
      item.iconPath = new vscode.ThemeIcon(line.icon);
      if (line.description !== undefined) item.description = line.description;
      item.tooltip = line.tooltip ?? line.label; // a plain text: nothing of the host's is made a link
      if (line.context !== undefined) item.contextValue = line.context;
      if (line.opens === 'event' && event) item.command = showCommand(host, event);
      if (line.opens === 'allow-sudo')
        item.command = hostCommand('remoteMemory.allowSudo', vscode.l10n.t('Allow sudo'), host);
      if (line.opens === 'forecast')
        item.command = hostCommand('remoteMemory.showOomForecast', vscode.l10n.t('Show forecast'), host);
      return item;
    }
  }
}

function killedText(kills: number): string {
  return kills === 0 ? '' : vscode.l10n.t('{0} killed', kills);
}

function groupIcon(id: string): string {
  if (id.startsWith('day')) return 'calendar';
  return id.startsWith('victim') ? 'target' : 'debug-restart';
}

function eventIcon(event: HostOomEvent, isUnseen: boolean): vscode.ThemeIcon {
  const icon = event.witnessed ? 'question' : killsOf(event) === 0 ? 'info' : 'flame';
  return isUnseen
    ? new vscode.ThemeIcon(icon, new vscode.ThemeColor('list.warningForeground'))
    : new vscode.ThemeIcon(icon);
}

function hostCommand(command: string, title: string, host: AttachedHost): vscode.Command {
  return { command, title, arguments: [host] };
}

function showCommand(host: AttachedHost, { key }: HostOomEvent): vscode.Command {
  const shown: ShownOomEvent = { target: host.target, key };
  return { command: 'remoteMemory.showOomEvent', title: vscode.l10n.t('Show'), arguments: [shown] };
}
