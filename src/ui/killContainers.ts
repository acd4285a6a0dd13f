import * as vscode from 'vscode';
import { Containers, type Container, type KillResult } from '../monitor/containers';
import { confirm } from './confirm';
import { UserError } from './errors';
import type { AttachedHost } from './hosts';
import { settings } from './settings';

/** How many names a dialog lists before it says how many more there are. */
const maxListed = 15;

/**
 * "Kill all Docker containers": lists them, asks, kills each, tells what became of it.
 * @throws {UserError | ConnectionError} where there is no connection or no way to the Docker API.
 */
export async function killAllContainers(host: AttachedHost, log: vscode.LogOutputChannel): Promise<void> {
  const connection = host.monitor.connection;
  if (!connection) throw new UserError(vscode.l10n.t('{0} is not connected now.', host.label));
  const containers = new Containers(connection, {
    socketPath: settings.dockerSocket,
    sudo: settings.allowSudo.includes(host.target),
  });
  try {
    const running = await withProgress(
      vscode.ProgressLocation.Window,
      vscode.l10n.t('Listing the containers of {0}', host.label),
      () => containers.running(),
    );
    if (running.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No container runs on {0}.', host.label));
      return;
    }
    if (!(await confirmed(host, running))) return;
    log.info(
      `${host.target}: kill ${running.map(({ name, id }) => `${name} (${id.slice(0, 12)})`).join(', ')}`,
    );
    const results = await withProgress(
      vscode.ProgressLocation.Notification,
      vscode.l10n.t('Killing containers on {0}', host.label),
      (report) => containers.kill(running, ({ container }) => report(container.name, 100 / running.length)),
    );
    for (const { container, error } of results)
      log.info(`${host.target}: ${container.name}: ${error ?? 'killed'}`);
    tell(host, results);
  } finally {
    containers.close();
  }
}

async function confirmed(host: AttachedHost, running: readonly Container[]): Promise<boolean> {
  const one = running.length === 1;
  const kill = one ? vscode.l10n.t('Kill container') : vscode.l10n.t('Kill {0} containers', running.length);
  const listed = running
    .slice(0, maxListed)
    .map(({ name, image, status }) => `• ${name} — ${image}, ${status}`);
  const more = running.length - listed.length;
  const pick = await confirm(
    one
      ? vscode.l10n.t('Kill the one running container on {0}?', host.label)
      : vscode.l10n.t('Kill all {0} running containers on {1}?', running.length, host.label),
    [
      ...listed,
      ...(more > 0 ? [vscode.l10n.t('… and {0} more', more)] : []),
      '',
      vscode.l10n.t('They get SIGKILL: what they have not saved is lost.'),
      vscode.l10n.t('Docker does not restart a container that was killed this way.'),
    ].join('\n'),
    { label: vscode.l10n.t('Copy List'), text: running.map(({ name, id }) => `${id} ${name}`).join('\n') },
    kill,
  );
  return pick === kill;
}

function withProgress<T>(
  location: vscode.ProgressLocation,
  title: string,
  work: (report: (message: string, increment: number) => void) => Promise<T>,
): Thenable<T> {
  return vscode.window.withProgress({ location, title }, (progress) =>
    work((message, increment) => progress.report({ message, increment })),
  );
}

function tell(host: AttachedHost, results: readonly KillResult[]): void {
  const failed = results.filter(({ error }) => error !== undefined);
  const killed = results.length - failed.length;
  if (failed.length === 0) {
    void vscode.window.showInformationMessage(
      killed === 1
        ? vscode.l10n.t('Killed one container on {0}.', host.label)
        : vscode.l10n.t('Killed {0} containers on {1}.', killed, host.label),
    );
    return;
  }
  const why = failed.map(({ container, error }) => `${container.name}: ${error ?? ''}`).join('; ');
  void vscode.window.showErrorMessage(
    vscode.l10n.t(
      'Killed {0} of {1} containers on {2}. Not killed: {3}',
      killed,
      results.length,
      host.label,
      why,
    ),
  );
}
