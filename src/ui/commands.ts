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

/** Registers every command of the extension. Each may be given the host it is meant for; see {@link hostFor}. */
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
      withHost((host) => reconnect(host)),
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
  if (argument !== undefined) {
    const given = hosts.all.find((host) => host === argument);
    if (given) return given;
    throw new UserError(vscode.l10n.t('That host is not attached any more.'));
  }
  if (hosts.all.length === 0) {
    throw new UserError(vscode.l10n.t('No host is attached. Run “Memory: Attach to host” first.'));
  }
  if (hosts.all.length === 1) return hosts.all[0];
  const activeFirst = [...hosts.all].sort((a, b) => Number(b === hosts.active) - Number(a === hosts.active));
  const items = activeFirst.map((host) => ({ label: host.label, host }));
  const pick = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which host?') });
  return pick?.host;
}

/** Connects anew. A connection that is there may be the only one that a thrashing host will give us: asked first. */
async function reconnect({ label, monitor }: AttachedHost): Promise<void> {
  if (monitor.state.kind === 'live' || monitor.state.kind === 'silent') {
    const anew = vscode.l10n.t('Close and Reconnect');
    const pick = await vscode.window.showWarningMessage(
      vscode.l10n.t('Close the connection to {0} and make a new one?', label),
      {
        modal: true,
        detail: vscode.l10n.t(
          'A host that is short of memory may take minutes to accept a new connection, while the one that is there still answers.',
        ),
      },
      anew,
    );
    if (pick !== anew) return;
  }
  monitor.stop();
  monitor.start();
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
  host.monitor.oom.readAgain();
}
