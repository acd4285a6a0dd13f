import * as vscode from 'vscode';
import { errorText } from '../../core/errorText';
import { forecastDocument } from '../../core/oomEvents/forecastDocument';
import { userSpaceKillersOf } from '../../core/oomEvents/userSpaceKillers';
import type { Disposable } from '../../monitor/emitter';
import { readForecastFacts } from '../../monitor/forecastReading';
import { cleanText } from '../../transport/cleanText';
import type { AttachedHost, Hosts } from '../hosts';
import { currentSurveyOf } from '../surveyView';
import { forecastsOfHost, ownerNamesOf } from './hostForecast';

const scheme = 'remote-memory-forecast';

/** A document that is seen is made anew no sooner; ms. */
const leastPauseMs = 5000;

/** It is shown with what was known where the host does not tell anew in this time; ms. */
const longestReadingMs = 20_000;

/** Read-only documents that say who would be killed on a host; they follow the host while they are seen. */
export class ForecastDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: Disposable[];
  private readonly madeAtMs = new Map<string, number>();
  /** Why the host was not read when it was asked for, by target. */
  private readonly obstacles = new Map<string, string>();

  constructor(private readonly hosts: Hosts) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      hosts.onDidAttach((host) => {
        host.monitor.onSurvey(() => this.follow(host)); // ends with the monitor
      }),
    ];
  }

  /** Shows the document of a host, and reads the host anew: the document follows. */
  async show(host: AttachedHost): Promise<void> {
    const uri = uriOf(host);
    this.changed.fire(uri); // it may be open already
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'plaintext');
    await vscode.window.showTextDocument(document, { preview: true });
    await this.read(host);
    this.changed.fire(uri);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const host = this.hosts.get(uri.query);
    if (!host) return `${vscode.l10n.t('That host is not attached any more.')}\n`;
    this.madeAtMs.set(host.target, performance.now());
    return textOf(host, this.obstacles.get(host.target));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private async read({ target, monitor }: AttachedHost): Promise<void> {
    this.obstacles.delete(target);
    try {
      await readForecastFacts(monitor, AbortSignal.timeout(longestReadingMs));
    } catch (error) {
      this.obstacles.set(target, errorText(error));
    }
  }

  /** Part after part of the host comes anew all the time. */
  private follow(host: AttachedHost): void {
    const uri = uriOf(host);
    const isSeen = vscode.window.visibleTextEditors.some(
      ({ document }) => document.uri.scheme === scheme && document.uri.query === host.target,
    );
    if (!isSeen || performance.now() - (this.madeAtMs.get(host.target) ?? -Infinity) < leastPauseMs) return;
    this.madeAtMs.set(host.target, performance.now());
    this.changed.fire(uri);
  }
}

function textOf({ label, monitor }: AttachedHost, notReadNow: string | undefined): string {
  const { latest } = monitor;
  const time = new Date(latest?.wallMs ?? Date.now()).toLocaleString(vscode.env.language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
  const findings = {
    host: label,
    time,
    forecasts: forecastsOfHost(monitor),
    killers: userSpaceKillersOf(currentSurveyOf(monitor)?.processes.processes ?? []),
    notReadNow,
  };
  return forecastDocument(findings, ownerNamesOf(monitor, vscode.l10n.t), vscode.l10n.t);
}

/** The last part of the path is the title of the editor. */
function uriOf({ target, label }: AttachedHost): vscode.Uri {
  const title = vscode.l10n.t('OOM forecast for {0}', cleanText(label, 100)).replaceAll('/', '_');
  return vscode.Uri.from({ scheme, path: `/${title}.txt`, query: target });
}
