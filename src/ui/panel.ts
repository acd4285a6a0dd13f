import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Disposable } from '../monitor/emitter';
import { actions, type ActionId, type ActionTarget } from '../core/actions';
import { charts, valuesOf } from '../core/charts';
import { englishStrings } from '../core/pageStrings';
import type { Moment } from '../monitor/hostMonitor';
import type { ChartView, FromPage, Point, ToPage } from '../protocol';
import { hostFactsText } from './hostFactsText';
import type { AttachedHost, Hosts } from './hosts';
import { describeState } from './stateText';

const viewType = 'remoteMemory.panel';

/** Runs an action that the page named, after checking that we offered it. */
export type RunAction = (host: AttachedHost, action: ActionId, target: ActionTarget) => void;

/** The panels of this window: at most one a host. */
export class Panels implements vscode.Disposable {
  private readonly panels = new Map<AttachedHost, HostPanel>();
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly hosts: Hosts,
    private readonly runAction: RunAction,
  ) {
    this.subscriptions = [
      hosts.onDidDetach((host) => this.panels.get(host)?.dispose()),
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel, state: unknown) => {
          this.revive(panel, state);
          return Promise.resolve();
        },
      }),
    ];
  }

  show(host: AttachedHost): void {
    const known = this.panels.get(host);
    if (known) known.reveal();
    else this.adopt(vscode.window.createWebviewPanel(viewType, '', vscode.ViewColumn.Active), host);
    this.hosts.activate(host);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const panel of [...this.panels.values()]) panel.dispose();
  }

  /** A panel of the window before it was reloaded: it goes on if its host is attached again. */
  private revive(panel: vscode.WebviewPanel, state: unknown): void {
    const target = typeof state === 'object' && state !== null && 'host' in state ? state.host : undefined;
    const host = typeof target === 'string' ? this.hosts.get(target) : undefined;
    if (host && !this.panels.has(host)) this.adopt(panel, host);
    else panel.dispose();
  }

  private adopt(webviewPanel: vscode.WebviewPanel, host: AttachedHost): void {
    const panel = new HostPanel(webviewPanel, host, this.extensionUri, {
      onFocus: () => this.hosts.activate(host),
      runAction: (action, target) => this.runAction(host, action, target),
      onDispose: () => this.panels.delete(host),
    });
    this.panels.set(host, panel);
  }
}

/**
 * The page of one host. The extension holds the truth: a page that is shown, for the first time or again, asks with
 * `ready` and gets everything; while it is hidden it gets nothing and does not even exist.
 */
class HostPanel implements vscode.Disposable {
  private readonly subscriptions: Disposable[] = [];
  private ready = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly host: AttachedHost,
    extensionUri: vscode.Uri,
    private readonly on: {
      onFocus: () => void;
      runAction: (action: ActionId, target: ActionTarget) => void;
      onDispose: () => void;
    },
  ) {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(extensionUri, 'dist');
    const media = vscode.Uri.joinPath(extensionUri, 'media');
    webview.options = { enableScripts: true, localResourceRoots: [dist, media] };
    panel.title = vscode.l10n.t('Memory: {0}', host.label);
    panel.iconPath = vscode.Uri.joinPath(media, 'icon.svg');
    const clock = setInterval(() => {
      if (host.monitor.state.kind !== 'live') this.sendStatus();
    }, 1000);
    this.subscriptions.push(
      { dispose: () => clearInterval(clock) },
      webview.onDidReceiveMessage((message: unknown) => this.received(message)),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.ready = false;
        if (panel.active) on.onFocus();
      }),
      panel.onDidDispose(() => this.disposed()),
      host.monitor.onState((state) => {
        this.sendStatus();
        if (state.kind === 'live') this.send({ type: 'facts', facts: this.facts() });
      }),
      host.monitor.onMoment((moment) => this.send({ type: 'append', points: [pointOf(moment)] })),
    );
    webview.html = html(webview, dist, media);
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private disposed(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.on.onDispose();
  }

  private send(message: ToPage): void {
    if (this.ready) void this.panel.webview.postMessage(message);
  }

  private sendStatus(): void {
    this.send({ type: 'status', status: describeState(this.host.monitor.state, performance.now()) });
  }

  private facts(): string[] {
    const { facts, latest } = this.host.monitor;
    if (!facts) return [];
    const computed = latest?.available?.computed === true;
    return [...hostFactsText(facts), ...(computed ? [vscode.l10n.t('≈ MemAvailable is computed')] : [])];
  }

  private received(message: unknown): void {
    if (!isFromPage(message)) return;
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.send(this.everything());
        return;
      case 'runAction':
        this.on.runAction(message.action, message.target);
        return;
    }
  }

  private everything(): ToPage {
    const { monitor } = this.host;
    return {
      type: 'reset',
      host: this.host.target,
      title: this.host.label,
      status: describeState(monitor.state, performance.now()),
      facts: this.facts(),
      charts: chartViews(),
      points: monitor.history.since().map(({ moment }) => pointOf(moment)),
      actions: actions.map(({ id, label, danger }) => ({
        action: id,
        target: { kind: 'host' },
        label: vscode.l10n.t(label),
        danger,
      })),
      now: Date.now(),
      strings: pageStrings(),
    };
  }
}

function pageStrings(): Record<string, string> {
  return Object.fromEntries(Object.entries(englishStrings).map(([key, text]) => [key, vscode.l10n.t(text)]));
}

function chartViews(): ChartView[] {
  return charts.map(({ id, title, description, unit, series }) => ({
    id,
    title: vscode.l10n.t(title),
    description: vscode.l10n.t(description),
    unit,
    series: series.map((line) => ({
      id: line.id,
      title: vscode.l10n.t(line.title),
      style: line.style,
      colour: line.colour,
    })),
  }));
}

function pointOf(moment: Moment): Point {
  return {
    at: moment.wallMs,
    values: Object.fromEntries(charts.map((chart) => [chart.id, valuesOf(chart, moment)])),
  };
}

/** What comes from the page is checked: it is ours, but a page is where foreign text is drawn. */
function isFromPage(message: unknown): message is FromPage {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  if (message.type === 'ready') return true;
  if (message.type !== 'runAction' || !('action' in message) || !('target' in message)) return false;
  const { action, target } = message;
  const known = actions.find(({ id }) => id === action);
  return typeof target === 'object' && target !== null && 'kind' in target && known?.target === target.kind;
}

/** The empty style element with which the toolkit finds out whether `:focus-visible` is known. */
const emptyStyle = `'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='`;

function html(webview: vscode.Webview, dist: vscode.Uri, media: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (folder: vscode.Uri, file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  const policy = [
    `default-src 'none'`,
    `style-src ${webview.cspSource} ${emptyStyle}`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri(media, 'panel.css')}">
<title>${vscode.l10n.t('Memory')}</title>
</head>
<body>
<div id="app"></div>
<script nonce="${nonce}" src="${uri(dist, 'webview.js')}"></script>
</body>
</html>`;
}
