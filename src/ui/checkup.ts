import * as vscode from 'vscode';
import { checkupOf } from '../core/checkup/checkup';
import { checkupText } from '../core/checkup/checkupText';
import { errorText } from '../core/errorText';
import { formatDuration } from '../core/units';
import { runCheckup } from '../monitor/checkup';
import { cleanText } from '../transport/cleanText';
import { UserError } from './errors';
import type { AttachedHost, Hosts } from './hosts';

const scheme = 'remote-memory-checkup';

/** What a checkup looks at lies so far apart, in ms. */
const spanMs = 10_000;

/** Runs checkups, and shows what came of them as read-only documents: of each host the last one. */
export class Checkups implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];
  /** By the host's target. */
  private readonly texts = new Map<string, string>();
  private readonly running = new Map<string, AbortController>();

  constructor(hosts: Hosts) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      hosts.onDidDetach(({ target }) => {
        this.running.get(target)?.abort();
        this.texts.delete(target);
      }),
    ];
  }

  /** @throws {UserError} where it cannot be done. @throws {vscode.CancellationError} where it was cancelled. */
  async run(host: AttachedHost): Promise<void> {
    const { target, label, monitor } = host;
    const t = vscode.l10n.t;
    if (this.running.has(target)) throw new UserError(t('A checkup of {0} is under way already.', label));
    const obstacle = obstacleOf(host);
    if (obstacle !== undefined) throw new UserError(obstacle);
    const abort = new AbortController();
    this.running.set(target, abort);
    try {
      const inputs = await withProgress(label, abort, () => runCheckup(monitor, spanMs, abort.signal));
      this.texts.set(target, checkupText(checkupOf(inputs), label));
    } catch (error) {
      if (abort.signal.aborted) throw new vscode.CancellationError();
      throw new UserError(
        t(
          'The checkup of {0} could not be completed: {1}. Try again when the host answers.',
          label,
          cleanText(errorText(error), 200),
        ),
      );
    } finally {
      this.running.delete(target);
    }
    await this.show(host);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const text = this.texts.get(uri.query);
    return (
      text ??
      `${vscode.l10n.t('This checkup is not kept any more. Run “Memory: 60-second checkup” again.')}\n`
    );
  }

  dispose(): void {
    for (const abort of this.running.values()) abort.abort();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private async show(host: AttachedHost): Promise<void> {
    const uri = uriOf(host);
    this.changed.fire(uri); // the one before may be open
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'markdown');
    await vscode.window.showTextDocument(document, { preview: true });
  }
}

/** Why a checkup cannot be done now, and what to do; undefined: it can. */
function obstacleOf({ label, monitor }: AttachedHost): string | undefined {
  const t = vscode.l10n.t;
  switch (monitor.surveys) {
    case undefined:
      return t('{0} is not connected. Wait until it is, or run “Memory: Reconnect now”.', label);
    case false:
      return t(
        'A checkup of {0} is not possible: it takes awk on the host, and a login that runs commands without a terminal. Install awk there (mawk, gawk or busybox) and reconnect.',
        label,
      );
    case true:
      return undefined;
  }
}

/** Shows what is going on, with a way to end it, while `work` goes on. */
async function withProgress<T>(label: string, abort: AbortController, work: () => Promise<T>): Promise<T> {
  const t = vscode.l10n.t;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: t('Checkup of {0}', label),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    token.onCancellationRequested(() => abort.abort());
    const startedAtMs = performance.now();
    const span = formatDuration(spanMs);
    progress.report({ message: t('reads the whole host, and again after {0}', span) });
    const clock = setInterval(() => {
      const elapsed = formatDuration(Math.round((performance.now() - startedAtMs) / 1000) * 1000);
      const message = t('reads the whole host, and again after {0} ({1} so far)', span, elapsed);
      progress.report({ message, increment: 100 / (spanMs / 1000 + 2) });
    }, 1000);
    try {
      return await work();
    } finally {
      clearInterval(clock);
    }
  });
}

/** The last part of the path is the title of the editor. */
function uriOf({ target, label }: AttachedHost): vscode.Uri {
  const title = vscode.l10n.t('Checkup of {0}', label).replaceAll('/', '_');
  return vscode.Uri.from({ scheme, path: `/${title}.md`, query: target });
}
