import * as vscode from 'vscode';
import type { ActionId } from '../core/actions';
import { pickHost } from './attach';
import { showErrors, UserError } from './errors';
import { labelOf, type AttachedHost, type Hosts } from './hosts';
import { killAllContainers } from './killContainers';
import type { Panels } from './panel';
import { allowSudoOn } from './settings';

/** The command that carries out an action that a page named. */
export const commandOf: Readonly<Record<ActionId, string>> = {
  'kill-all-containers': 'remoteMemory.killAllContainers',
};

/** Registers every command of the extension. Each may be given the host it is meant for; else the active one is. */
export function registerCommands(
  hosts: Hosts,
  panels: Panels,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const command = (name: string, run: (argument: unknown) => Promise<void> | void): vscode.Disposable =>
    vscode.commands.registerCommand(`remoteMemory.${name}`, (argument: unknown) =>
      showErrors(log, () => run(argument)),
    );
  const withHost =
    (run: (host: AttachedHost) => Promise<void> | void) =>
    async (argument: unknown): Promise<void> => {
      const host = await hostFor(hosts, argument);
      if (host) await run(host);
    };
  return vscode.Disposable.from(
    command('attach', async (argument) => {
      const target = typeof argument === 'string' ? argument : await pickHost(hosts, log);
      if (target !== undefined) panels.show(hosts.attach(target));
    }),
    command(
      'detach',
      withHost((host) => hosts.detach(host)),
    ),
    command(
      'showPanel',
      withHost((host) => panels.show(host)),
    ),
    command(
      'reconnect',
      withHost((host) => {
        host.monitor.stop();
        host.monitor.start();
      }),
    ),
    command(
      'killAllContainers',
      withHost((host) => killAllContainers(host, log)),
    ),
    command(
      'allowSudo',
      withHost((host) => allowSudo(host)),
    ),
    command('showLog', () => log.show()),
  );
}

/** The host a command is meant for: given by a tree or panel, the only one, else asked; undefined when cancelled. */
async function hostFor(hosts: Hosts, argument: unknown): Promise<AttachedHost | undefined> {
  const given = hosts.all.find((host) => host === argument);
  if (given) return given;
  if (hosts.all.length === 0) {
    throw new UserError(vscode.l10n.t('No host is attached. Run “Memory: Attach to host” first.'));
  }
  if (hosts.all.length === 1) return hosts.all[0];
  if (argument === undefined && hosts.active) {
    const items = [hosts.active, ...hosts.all.filter((host) => host !== hosts.active)].map((host) => ({
      label: host.label,
      host,
    }));
    const pick = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which host?') });
    return pick?.host;
  }
  return hosts.active;
}

async function allowSudo(host: AttachedHost): Promise<void> {
  const allow = vscode.l10n.t('Allow on This Host');
  const pick = await vscode.window.showWarningMessage(
    vscode.l10n.t('Let the extension use “sudo -n” on {0}?', labelOf(host.target)),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It is used to read the kernel log and to reach the Docker API, where your user may not. It never asks for a password: it only works where sudo needs none.',
      ),
    },
    allow,
  );
  if (pick !== allow) return;
  await allowSudoOn(host.target);
  host.monitor.stop();
  host.monitor.start();
}
