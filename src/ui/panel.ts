import * as vscode from 'vscode';
import type { Disposable } from '../monitor/emitter';
import { actions, type ActionId, type ActionTarget } from '../core/actions';
import { charts } from '../core/charts';
import { englishStrings } from '../core/pageStrings';
import { chartValues } from '../core/point';
import { PssMeasurements } from './pssMeasurements';
import type { TimeSpan } from '../core/timeSpans';
import { clockBackMs, type Moment } from '../monitor/moments';
import type { ChartView, ProcessQuery, SurveyView, ToPage, WindowView } from '../protocol';
import { isFromPage } from './fromPage';
import { hostFactsText } from './hostFactsText';
import type { AttachedHost, Hosts } from './hosts';
import { markersOf } from './markers';
import { pageHtml } from './pageHtml';
import { describeState } from './stateText';
import { pssViewOf } from './surveyPss';
import { usualQuery } from './surveyQuery';
import { currentSurveyOf, surveyViewOf } from './surveyView';
import { watchingText } from './watchingText';

/** After so many samples a page is told its window anew, so that it never has many more than it can draw. */
const mostAppended = 1500;

/** A page is told no more often than this what is known besides the samples, in ms. */
const surveyEveryMs = 2000;

const viewType = 'remoteMemory.panel';

/** The title of a host's panel; VS Code keeps it when a window is reloaded. */
const titleOf = ({ label }: AttachedHost): string => vscode.l10n.t('Memory: {0}', label);

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
    const host =
      typeof target === 'string'
        ? this.hosts.get(target)
        : this.hosts.all.find((one) => titleOf(one) === panel.title); // the window went before the page told its state
    if (host && !this.panels.has(host)) this.adopt(panel, host);
    else panel.dispose();
  }

  private adopt(webviewPanel: vscode.WebviewPanel, host: AttachedHost): void {
    const panel = new HostPanel(webviewPanel, host, this.extensionUri, {
      onFocus: () => this.hosts.activate(host),
      onShown: (shown) => this.hosts.attention.setShown(host.target, shown),
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
  /** The facts that the page has. */
  private told: readonly string[] = [];
  private spanMinutes: TimeSpan = 5;
  /** How long the ranges are that the page has; undefined: it has samples. */
  private rangeMs: number | undefined;
  /** How many samples the page was sent one by one since it was told a window. */
  private appended = 0;
  /** The latest time that the page was told. */
  private appendedTo = 0;
  private markersPending: ReturnType<typeof setTimeout> | undefined;
  private surveyPending: ReturnType<typeof setTimeout> | undefined;
  private surveyToldAtMs = -Infinity;
  private processQuery: ProcessQuery = usualQuery;
  private readonly pss: PssMeasurements;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly host: AttachedHost,
    extensionUri: vscode.Uri,
    private readonly on: {
      onFocus: () => void;
      onShown: (shown: boolean) => void;
      runAction: (action: ActionId, target: ActionTarget) => void;
      onDispose: () => void;
    },
  ) {
    this.pss = new PssMeasurements(
      (process) => host.monitor.measurePss(process),
      () => performance.now(),
      () => this.sendSurveyNow(),
    );
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(extensionUri, 'dist');
    const media = vscode.Uri.joinPath(extensionUri, 'media');
    webview.options = { enableScripts: true, localResourceRoots: [dist, media] };
    panel.title = titleOf(host);
    panel.iconPath = vscode.Uri.joinPath(media, 'icon.svg');
    const clock = setInterval(() => {
      if (host.monitor.state.kind !== 'live') this.sendStatus();
    }, 1000);
    this.subscriptions.push(
      { dispose: () => clearInterval(clock) },
      { dispose: () => clearTimeout(this.markersPending) },
      { dispose: () => clearTimeout(this.surveyPending) },
      webview.onDidReceiveMessage((message: unknown) => this.received(message)),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.ready = false;
        on.onShown(panel.visible);
        if (panel.active) on.onFocus();
      }),
      panel.onDidDispose(() => this.disposed()),
      host.monitor.onState((state) => {
        this.sendStatus();
        this.sendSurvey();
        if (state.kind !== 'live') return;
        this.sendFacts();
        this.sendMarkers(); // now the times of kills are known
      }),
      host.monitor.onMoment((moment) => {
        this.append(moment);
        this.sendSurvey();
      }),
      host.monitor.onSurvey(() => this.sendSurvey()),
      host.monitor.onContainers(() => this.sendSurvey()),
      host.monitor.onInterruption(() => this.sendMarkers()),
      host.monitor.oom.onEvent(() => this.sendMarkers()),
      host.monitor.oom.onChange(() => this.sendMarkers()), // some may be forgotten
    );
    webview.html = pageHtml(webview, dist, media);
    on.onShown(panel.visible);
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private disposed(): void {
    this.ready = false;
    for (const subscription of this.subscriptions) subscription.dispose();
    this.on.onShown(false);
    this.on.onDispose();
  }

  private send(message: ToPage): void {
    if (this.ready) void this.panel.webview.postMessage(message);
  }

  private sendStatus(): void {
    const { monitor, progress } = this.host;
    this.send({ type: 'status', status: describeState(monitor.state, performance.now(), progress()) });
  }

  /**
   * Tells the page a sample. Where it has ranges it gets the one anew that the sample belongs into, late or not. Where it
   * has samples and got many more of them, it is told the window anew, which may be ranges by now.
   */
  private append(moment: Moment): void {
    if (!this.ready) return;
    this.sendFacts();
    const isBack = moment === this.host.monitor.latest && moment.wallMs < this.appendedTo - clockBackMs;
    this.appendedTo = isBack ? moment.wallMs : Math.max(this.appendedTo, moment.wallMs);
    if (isBack) {
      this.send({ type: 'window', ...this.window() });
      return;
    }
    if (this.rangeMs === undefined) {
      this.appended += 1;
      if (this.appended >= mostAppended) {
        this.send({ type: 'window', ...this.window() });
        return;
      }
      this.send({ type: 'append', points: [{ at: moment.wallMs, values: chartValues(moment) }] });
      return;
    }
    const { history } = this.host.monitor;
    const range = history.range(moment.wallMs, this.rangeMs);
    const latest = history.last;
    this.send({ type: 'append', points: range ? [range] : [], ...(latest && { latest }) });
  }

  /** A ring buffer full of kills arrives at once: one message for all of them. */
  private sendMarkers(): void {
    if (!this.ready) return;
    this.markersPending ??= setTimeout(() => {
      this.markersPending = undefined;
      this.send({ type: 'markers', markers: markersOf(this.host) });
    }, 100);
  }

  /** Slices of a survey come every second, and so do samples: one message for several of them. */
  private sendSurvey(): void {
    if (!this.ready) return;
    this.surveyPending ??= setTimeout(
      () => {
        this.surveyPending = undefined;
        if (!this.ready) return;
        this.surveyToldAtMs = performance.now();
        this.send({ type: 'survey', ...this.survey() });
      },
      Math.max(0, this.surveyToldAtMs + surveyEveryMs - performance.now()),
    );
  }

  /** For a page that waits for it: that is new, has asked something or will be answered. */
  private sendSurveyNow(): void {
    clearTimeout(this.surveyPending);
    this.surveyPending = undefined;
    this.surveyToldAtMs = -Infinity;
    this.sendSurvey();
  }

  private survey(): SurveyView {
    const nowMs = performance.now();
    return surveyViewOf(this.host.monitor, vscode.l10n.t, {
      query: this.processQuery,
      pssOf: (bootId, process) => pssViewOf(this.pss.of(bootId, process), nowMs, vscode.l10n.t),
    });
  }

  /** What is drawn of the time span that the page has chosen, back from the latest sample. */
  private window(): WindowView {
    const { history } = this.host.monitor;
    const latest = history.last;
    const window = history.window((latest?.at ?? 0) - this.spanMinutes * 60_000);
    this.rangeMs = window.widthMs;
    this.appended = 0;
    return { ...window, ...(latest && { latest }) };
  }

  /** What watching costs changes now and then, and so may swap. */
  private sendFacts(): void {
    const facts = this.facts();
    const same = facts.length === this.told.length && facts.every((fact, index) => fact === this.told[index]);
    if (same) return;
    this.told = facts;
    this.send({ type: 'facts', facts });
  }

  private facts(): string[] {
    const { facts } = this.host.monitor;
    return facts ? [...hostFactsText(facts), ...watchingText(this.host.monitor)] : [];
  }

  private received(message: unknown): void {
    if (!isFromPage(message)) return;
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.spanMinutes = message.spanMinutes;
        this.processQuery = message.processes;
        this.send(this.everything());
        this.sendSurveyNow();
        return;
      case 'span':
        this.spanMinutes = message.spanMinutes;
        this.send({ type: 'window', ...this.window() });
        return;
      case 'processes':
        this.processQuery = message.processes;
        this.sendSurveyNow();
        return;
      case 'measurePss': {
        const { pid, startTicks } = message;
        const survey = currentSurveyOf(this.host.monitor);
        // Only of a process that we have told of.
        if (survey?.processes.get(pid)?.startTicks !== startTicks) return;
        this.pss.measure(survey.bootId, { pid, starttimeTicks: startTicks });
        return;
      }
      case 'runAction':
        this.on.runAction(message.action, message.target);
        return;
    }
  }

  private everything(): ToPage {
    const { monitor, progress } = this.host;
    this.told = this.facts();
    return {
      type: 'reset',
      host: this.host.target,
      title: this.host.label,
      status: describeState(monitor.state, performance.now(), progress()),
      facts: this.told,
      charts: chartViews(),
      ...this.window(),
      markers: markersOf(this.host),
      actions: actions.map(({ id, label, danger, place, target, onlyWhile }) => ({
        action: id,
        ...(target === 'host' && { target: { kind: target } }),
        ...(onlyWhile && { onlyWhile }),
        label: vscode.l10n.t(label),
        danger,
        place,
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
  return charts.map(({ id, title, description, unit, series, ...rest }) => ({
    ...rest,
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
