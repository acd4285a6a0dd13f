import * as vscode from 'vscode';
import { reconcile } from '../core/ledger/reconcile';
import type { Survey } from '../core/survey/survey';
import { UserError } from './errors';
import type { AttachedHost, Hosts } from './hosts';
import { containerMemoryOf, ledgerText } from './ledgerText';
import { currentSurveyOf, surveyViewOf } from './surveyView';

const scheme = 'remote-memory-ledger';

/** Read-only documents that say where the memory of a host is, at the moment when they were asked for. */
export class LedgerDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration: vscode.Disposable;

  constructor(private readonly hosts: Hosts) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  /** @throws {UserError} where the host has not told its memory yet. */
  async show(host: AttachedHost): Promise<void> {
    if (!host.monitor.latest?.sample.meminfo) {
      throw new UserError(
        vscode.l10n.t('{0} has not told its memory yet. Try again once it is connected.', host.label),
      );
    }
    const uri = uriOf(host);
    this.changed.fire(uri); // it may be open already
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'markdown');
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const host = this.hosts.get(uri.query);
    return (host && textOf(host)) ?? `${vscode.l10n.t('That host is not attached any more.')}\n`;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}

function textOf({ label, monitor }: AttachedHost): string | undefined {
  const { latest } = monitor;
  const survey = currentSurveyOf(monitor);
  const { ledger } = surveyViewOf(monitor, vscode.l10n.t);
  const meminfo = latest?.sample.meminfo;
  if (!ledger || !meminfo) return undefined;
  return ledgerText(
    {
      label,
      time: new Date(latest.wallMs).toLocaleString(vscode.env.language, {
        dateStyle: 'medium',
        timeStyle: 'medium',
      }),
      ledger,
      reconciliations: reconcile({
        meminfo,
        available: latest.available,
        rssSumBytes: survey && rssSumOf(survey),
      }),
      containers: containerMemoryOf(survey?.cgroups.all ?? [], meminfo.memTotalBytes, vscode.l10n.t),
    },
    vscode.l10n.t,
  );
}

/** Undefined before all processes have been read. */
function rssSumOf({ processes, roundsDone }: Survey): number | undefined {
  if (roundsDone === 0) return undefined;
  return processes.processes.reduce<number | undefined>(
    (sum, { rssBytes }) => (sum === undefined || rssBytes === undefined ? undefined : sum + rssBytes),
    0,
  );
}

/** The last part of the path is the title of the editor. */
function uriOf({ target, label }: AttachedHost): vscode.Uri {
  const title = vscode.l10n.t('Memory of {0}', label).replaceAll('/', '_');
  return vscode.Uri.from({ scheme, path: `/${title}.md`, query: target });
}
