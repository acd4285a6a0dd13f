import { release } from 'node:os';
import * as vscode from 'vscode';
import { progressAfter, progressText, type ConnectProgress } from '../core/connection/connectProgress';
import { connectionReport, type ConnectionCheck } from '../core/connection/connectionReport';
import { permissionsOf } from '../core/permissions';
import { checkConnection, type CheckedConnection } from '../monitor/connectionCheck';
import { kernelLogSudoCommands } from '../monitor/permissionProbe';
import { ConnectionError } from '../transport/connection';
import { localUser } from '../transport/localUser';
import { UserError } from './errors';
import { labelOf, type Hosts } from './hosts';
import { plainText } from './plainText';
import { settings } from './settings';
import { transportBySettings } from './transportBySettings';

const scheme = 'remote-memory-connection';
const extensionId = 'remote-memory-diagnostics.remote-memory-diagnostics';

/** Checks connections, and shows what came of it as read-only documents: of each host the last one. */
export class ConnectionChecks implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];
  /** By the host's target. */
  private readonly texts = new Map<string, string>();
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly hosts: Hosts,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === scheme) this.texts.delete(uri.query);
      }),
    ];
  }

  /**
   * Checks the connection to a host, attached or not, and shows the report.
   * @throws {UserError} where it is being checked already. @throws {vscode.CancellationError} where it was cancelled.
   */
  async run(target: string): Promise<void> {
    const t = vscode.l10n.t;
    const label = labelOf(target);
    if (this.running.has(target)) throw new UserError(t('{0} is being checked already.', label));
    const abort = new AbortController();
    this.running.set(target, abort);
    try {
      const checked = await this.withProgress(target, abort);
      this.texts.set(target, connectionReport(reportable(target, checked), contextNow()));
    } catch (error) {
      if (error instanceof ConnectionError && error.remedy === 'cancelled')
        throw new vscode.CancellationError();
      throw error;
    } finally {
      this.running.delete(target);
    }
    await this.show(target);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const text = this.texts.get(uri.query);
    return (
      text ?? `${vscode.l10n.t('This check is not kept any more. Run “Memory: Check connection” again.')}\n`
    );
  }

  dispose(): void {
    for (const abort of this.running.values()) abort.abort();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  /** Shows what is being done, with a way to end it, while the check goes on. */
  private async withProgress(target: string, abort: AbortController): Promise<CheckedConnection> {
    const log = (line: string): void => this.log.info(`${target} (check): ${line}`);
    const transport =
      this.hosts.get(target)?.transport ?? transportBySettings(target, log, this.hosts.secrets);
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: plainText(vscode.l10n.t('Checking the connection to {0}', labelOf(target))),
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => abort.abort());
      let now: ConnectProgress | undefined;
      return checkConnection(transport, this.hosts.prompts, abort.signal, {
        budget: settings.budget,
        sudo: settings.allowSudo.includes(target),
        dockerSocket: settings.dockerSocket,
        onStep: (step) => {
          now = progressAfter(now, step);
          const message = progressText(now, vscode.l10n.t);
          if (message !== undefined) progress.report({ message: plainText(message) });
        },
      });
    });
  }

  private async show(target: string): Promise<void> {
    const uri = uriOf(target);
    this.changed.fire(uri); // the one before may be open
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'markdown');
    await vscode.window.showTextDocument(document, { preview: true });
  }
}

function reportable(
  target: string,
  { startedAtMs, endedAtMs, steps, error, permissions }: CheckedConnection,
): ConnectionCheck {
  return {
    name: labelOf(target),
    startedAtMs,
    endedAtMs,
    steps,
    ...(error && { failure: { phase: error.phase, happened: error.message, advice: error.advice } }),
    ...(permissions && {
      permissions: permissionsOf(permissions.answers, {
        tools: permissions.tools,
        sudoAllowed: settings.allowSudo.includes(target),
        dockerSocket: settings.dockerSocket,
        sudoCommands: kernelLogSudoCommands,
      }),
    }),
  };
}

function contextNow(): Parameters<typeof connectionReport>[1] {
  const manifest = vscode.extensions.getExtension(extensionId)?.packageJSON as { version?: unknown };
  return {
    programs: [
      `Remote Memory Diagnostics ${String(manifest.version)}`,
      `${vscode.env.appName} ${vscode.version}`,
      `${process.platform} ${release()}`,
    ],
    home: localUser().home,
    wallMs: Date.now(),
  };
}

/** The last part of the path is the title of the editor. */
function uriOf(target: string): vscode.Uri {
  const title = vscode.l10n.t('Connection check of {0}', labelOf(target)).replaceAll('/', '_');
  return vscode.Uri.from({ scheme, path: `/${title}.md`, query: target });
}
