import * as vscode from 'vscode';
import { Containers, type Container, type KillResult } from '../monitor/containers';
import { confirm } from './confirm';
import { UserError } from './errors';
import type { AttachedHost } from './hosts';
import { plainText } from './plainText';
import { settings } from './settings';

/** How many names a dialog lists before it says how many more there are. */
const maxListed = 15;

/**
 * "Kill all Docker containers": lists them, asks, kills each, tells what became of it.
 * @throws {UserError | ConnectionError} where there is no connection or no way to the Docker API.
 */
export async function killAllContainers(host: AttachedHost, log: vscode.LogOutputChannel): Promise<void> {
  const running = await onDocker(
    host,
    vscode.l10n.t('Listing the containers of {0}', host.label),
    (containers) => containers.running(),
  );
  if (running.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No container runs on {0}.', host.label));
    return;
  }
  if (!(await confirmed(host, running))) return;
  log.info(
    `${host.target}: kill ${running.map(({ name, id }) => `${name} (${id.slice(0, 12)})`).join(', ')}`,
  );
  const results = await onDocker(
    host,
    vscode.l10n.t('Killing containers on {0}', host.label),
    (containers, report) =>
      containers.kill(running, ({ container, error }) => {
        log.info(`${host.target}: ${container.name}: ${error ?? 'killed'}`);
        report(plainText(container.name), 100 / running.length);
      }),
  );
  tell(host, results);
}

/**
 * Works with the Docker API of a host over the connection that is there now, with progress and Cancel.
 * @throws {UserError} where there is no connection.
 * @throws {ConnectionError} where there is no way to the API, or the connection ends meanwhile.
 * @throws {vscode.CancellationError} on Cancel: what was sent already may still take effect.
 */
async function onDocker<T>(
  host: AttachedHost,
  title: string,
  work: (containers: Containers, report: (message: string, increment: number) => void) => Promise<T>,
): Promise<T> {
  const { connection } = host.monitor;
  if (!connection) throw new UserError(vscode.l10n.t('{0} is not connected now.', host.label));
  const containers = new Containers(connection, {
    socketPath: settings.dockerSocket,
    sudo: settings.allowSudo.includes(host.target),
  });
  let progress: vscode.Progress<{ message: string; increment: number }> | undefined;
  const done = Promise.race([
    work(containers, (message, increment) => progress?.report({ message, increment })),
    connection.closed.then((error): never => {
      throw error ?? new UserError(vscode.l10n.t('The connection to {0} was closed.', host.label));
    }),
  ]);
  try {
    // A healthy host answers in a moment, and a notification that flashes by only hides others.
    if (await settlesWithin(done, 500)) return await done;
    const location = vscode.ProgressLocation.Notification;
    return await vscode.window.withProgress({ location, title, cancellable: true }, (shown, token) => {
      progress = shown;
      const cancelled = new Promise<never>((_resolve, reject) => {
        token.onCancellationRequested(() => reject(new vscode.CancellationError()));
      });
      return Promise.race([done, cancelled]);
    });
  } finally {
    containers.close();
  }
}

async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const settled = work.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, new Promise<false>((resolve) => setTimeout(() => resolve(false), ms))]);
}

async function confirmed(host: AttachedHost, running: readonly Container[]): Promise<boolean> {
  const one = running.length === 1;
  const kill = one ? vscode.l10n.t('Kill container') : vscode.l10n.t('Kill {0} containers', running.length);
  const listed = running
    .slice(0, maxListed)
    .map(({ name, image, status }) => plainText(`• ${name} — ${image}, ${status}`));
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
      vscode.l10n.t('Its restart policy does not start it again; Swarm or another program may.'),
    ].join('\n'),
    { label: vscode.l10n.t('Copy List'), text: running.map(({ name, id }) => `${id} ${name}`).join('\n') },
    kill,
  );
  return pick === kill;
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
  const why = plainText(failed.map(({ container, error }) => `${container.name}: ${error ?? ''}`).join('; '));
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
