import * as vscode from 'vscode';
import type { ActionId, ActionTarget } from '../core/actions';
import { actionTargetOf } from '../core/actions/target';
import type { RecordBook } from './actions/recordBook';
import type { ActionRunner } from './actions/runner';
import { openTerminal } from './actions/terminal';
import { pickHost } from './attach';
import { ConnectionChecks } from './checkConnection';
import { Checkups } from './checkup';
import { ContainersNode } from './containersNode';
import { showErrors, UserError } from './errors';
import { labelOf, type AttachedHost, type Hosts } from './hosts';
import { LedgerDocuments } from './ledgerDocuments';
import { ForecastDocuments } from './oom/forecastDocument';
import { isOomNode } from './oom/oomNode';
import type { OomView } from './oom/oomView';
import type { Panels } from './panel';
import { PermissionDocuments } from './permissions';
import { forgetSecrets } from './secretKeeper';
import { allowSudoOn } from './settings';
import { describeState } from './stateText';

/** The command that carries out an action that a page named. */
export const commandOf: Readonly<Record<ActionId, string>> = {
  'check-connection': 'remoteMemory.checkConnection',
  checkup: 'remoteMemory.checkup',
  'disable-restart-policy': 'remoteMemory.disableRestartPolicy',
  'freeze-all-containers': 'remoteMemory.freezeAllContainers',
  'freeze-containers': 'remoteMemory.freezeContainers',
  'kill-all-containers': 'remoteMemory.killAllContainers',
  'kill-containers': 'remoteMemory.killContainers',
  'kill-process': 'remoteMemory.killProcess',
  'open-terminal': 'remoteMemory.openTerminal',
  reconnect: 'remoteMemory.reconnect',
  'restart-containers': 'remoteMemory.restartContainers',
  'set-memory-limit': 'remoteMemory.setMemoryLimit',
  'show-ledger': 'remoteMemory.showLedger',
  'stop-containers': 'remoteMemory.stopContainers',
  'terminate-process': 'remoteMemory.terminateProcess',
  'thaw-containers': 'remoteMemory.thawContainers',
};

/** Those that the runner carries out; the others only show something. */
const runnerActions = [
  'disable-restart-policy',
  'freeze-all-containers',
  'freeze-containers',
  'kill-all-containers',
  'kill-containers',
  'kill-process',
  'restart-containers',
  'set-memory-limit',
  'stop-containers',
  'terminate-process',
  'thaw-containers',
] as const satisfies readonly ActionId[];

/** Registers every command of the extension. Each may be given the host it is meant for; see {@link hostFor}. */
export function registerCommands(
  hosts: Hosts,
  panels: Panels,
  runner: ActionRunner,
  book: RecordBook,
  oom: OomView,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const command = (
    name: string,
    run: (argument: unknown, second: unknown) => Promise<void> | void,
  ): vscode.Disposable =>
    vscode.commands.registerCommand(`remoteMemory.${name}`, (argument: unknown, second: unknown) =>
      showErrors(log, () => run(argument, second)),
    );
  const withHost =
    (run: (host: AttachedHost) => Promise<void> | void) =>
    async (argument: unknown): Promise<void> => {
      const host = await hostFor(hosts, argument);
      if (host) await run(host);
    };
  const permissions = new PermissionDocuments(hosts);
  const ledgers = new LedgerDocuments(hosts);
  const checkups = new Checkups(hosts);
  const checks = new ConnectionChecks(hosts, log);
  const forecasts = new ForecastDocuments(hosts);
  return vscode.Disposable.from(
    permissions,
    ledgers,
    checkups,
    checks,
    forecasts,
    command('attach', async (argument) => {
      const target =
        typeof argument === 'string' ? argument : await pickHost(vscode.l10n.t('Attach to host'), hosts, log);
      if (target !== undefined) panels.show(hosts.attach(target));
    }),
    command('checkConnection', async (argument) => {
      const given =
        typeof argument === 'string' ? argument : hosts.all.find((host) => host === argument)?.target;
      const target = given ?? (await pickHost(vscode.l10n.t('Check connection'), hosts, log));
      if (target !== undefined) await checks.run(target);
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
    ...runnerActions.map((id) =>
      command(commandOf[id].replace('remoteMemory.', ''), async (argument, second) => {
        const node = argument instanceof ContainersNode ? argument : undefined;
        const host = await hostFor(hosts, node?.host ?? argument);
        if (host) await runner.run(id, host, targetOf(id, node, second));
      }),
    ),
    command(
      'openTerminal',
      withHost((host) => openTerminal(host)),
    ),
    command('showActionRecord', () => book.show()),
    command('forgetSecrets', () => forgetSecrets(hosts.secrets)),
    command(
      'allowSudo',
      withHost((host) => allowSudo(host)),
    ),
    command(
      'showPermissions',
      withHost((host) => permissions.show(host)),
    ),
    command(
      'showLedger',
      withHost((host) => ledgers.show(host)),
    ),
    command(
      'showOomForecast',
      withHost((host) => forecasts.show(host)),
    ),
    command(
      'checkup',
      withHost((host) => checkups.run(host)),
    ),
    command('analyzeOomLog', (argument) =>
      oom.documents.analyze(argument instanceof vscode.Uri ? argument : undefined),
    ),
    command('showOomEvent', (argument) => oom.commands.show(argument)),
    command('copyOomEvent', (node, selected) => oom.commands.copy(node, selected)),
    command('copyOomEventLine', (node, selected) => oom.commands.copyLine(node, selected)),
    command('clearOomEvents', (node, selected) => oom.commands.clear(node, selected)),
    command('filterOomEvents', () => oom.commands.filter()),
    command('clearOomFilter', () => oom.commands.clearFilter()),
    command('sortOomEventsByTime', () => oom.commands.sort('time')),
    command('sortOomEventsByVictim', () => oom.commands.sort('victim')),
    command(
      'findEarlierOomKills',
      withHost((host) => oom.commands.findEarlier(host)),
    ),
    command('showLog', () => log.show()),
  );
}

/**
 * What an action is to hit, where that was given: by a tree with what is selected there, or by a page.
 * @returns undefined where a person has to choose.
 */
function targetOf(id: ActionId, node: ContainersNode | undefined, second: unknown): ActionTarget | undefined {
  if (id === 'kill-all-containers' || id === 'freeze-all-containers') return { kind: 'host' };
  if (!node) return actionTargetOf(second);
  const selected = Array.isArray(second) ? second.filter((one) => one instanceof ContainersNode) : [];
  const nodes = selected.includes(node) ? selected.filter(({ host }) => host === node.host) : [node];
  const ids = [...new Set(nodes.flatMap((one) => one.ids))];
  const [only] = ids;
  return ids.length === 1 && only !== undefined
    ? { kind: 'container', id: only }
    : { kind: 'containers', ids };
}

/** The host a command is meant for: given by a tree or panel or by its target, the only one, else asked; undefined when cancelled. */
async function hostFor(hosts: Hosts, argument: unknown): Promise<AttachedHost | undefined> {
  if (argument !== undefined) {
    const meant = isOomNode(argument) ? argument.host : argument;
    const given = hosts.all.find((host) => host === meant || host.target === meant);
    if (given) return given;
    throw new UserError(vscode.l10n.t('That host is not attached any more.'));
  }
  if (hosts.all.length === 0) {
    throw new UserError(vscode.l10n.t('No host is attached. Run “Memory: Attach to host” first.'));
  }
  if (hosts.all.length === 1) return hosts.all[0];
  const activeFirst = [...hosts.all].sort((a, b) => Number(b === hosts.active) - Number(a === hosts.active));
  const items = activeFirst.map((host) => ({
    label: host.label,
    description: describeState(host.monitor.state, performance.now(), host.progress()).text,
    host,
  }));
  const pick = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which host?'),
    ignoreFocusOut: true,
  });
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
        'It is used to read the kernel log, to reach the Docker API, and for a shell that is kept open to freeze, kill and signal when you ask for it, where your user may not. It never asks for a password: it only works where sudo needs none.',
      ),
    },
    allow,
  );
  if (pick !== allow) return;
  await allowSudoOn(host.target);
  host.monitor.oom.readAgain();
  host.monitor.probeAgain();
}
