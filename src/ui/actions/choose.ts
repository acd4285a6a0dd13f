import * as vscode from 'vscode';
import type { Action, ActionTarget } from '../../core/actions';
import { holdingOfGroup, holdingOfProcess } from '../../core/actions/holding';
import { holdingText } from '../../core/actions/holdingText';
import { hostText } from '../../core/actions/words';
import type { JoinedContainer } from '../../core/containers/joinContainers';
import { leastMemoryLimitBytes } from '../../core/containers/memoryLimit';
import { formatBytes } from '../../core/units';
import type { AttachedHost } from '../hosts';
import { UserError } from '../errors';
import { plainLabel } from '../plainText';
import { bytesTyped, typedBytes } from './limitInput';
import { joinedContainersOf } from './planInput';

const t = vscode.l10n.t;

/** So many processes are offered, largest first. */
const mostProcesses = 200;

/**
 * Asks what an action is to hit that was started without a target, as from the palette; undefined: cancelled.
 * @param containers those of the host.
 */
export async function chooseTarget(
  action: Action,
  host: AttachedHost,
  containers: readonly JoinedContainer[],
): Promise<ActionTarget | undefined> {
  switch (action.place) {
    case 'containers':
      return chooseContainers(action, host, containers);
    case 'processes':
      return chooseProcess(action, host);
    case 'header':
    case 'ledger':
      return { kind: 'host' };
  }
}

async function chooseContainers(
  action: Action,
  host: AttachedHost,
  containers: readonly JoinedContainer[],
): Promise<ActionTarget | undefined> {
  const items = containers.map(({ id, container, cgroup }) => ({
    label: plainLabel(hostText(container?.name ?? id.slice(0, 12))),
    description: plainLabel(hostText(container?.image ?? '')),
    detail: holdingText(cgroup && holdingOfGroup(cgroup), t),
    id,
    // What is frozen is seldom to stay so in part.
    picked: action.id === 'thaw-containers',
  }));
  if (items.length === 0) throw new UserError(t('No container runs on {0}.', host.label));
  const title = t('{0}: which containers on {1}?', t(action.label), host.label);
  const options = { title, matchOnDescription: true, ignoreFocusOut: true };
  if (action.target === 'container') {
    const one = await vscode.window.showQuickPick(items, options);
    return one && { kind: 'container', id: one.id };
  }
  const some = await vscode.window.showQuickPick(items, { ...options, canPickMany: true });
  return some && some.length > 0 ? { kind: 'containers', ids: some.map(({ id }) => id) } : undefined;
}

async function chooseProcess(action: Action, host: AttachedHost): Promise<ActionTarget | undefined> {
  const processes = host.monitor.survey?.processes.largest(mostProcesses) ?? [];
  if (processes.length === 0)
    throw new UserError(t('The processes of {0} have not been read yet.', host.label));
  const items = processes.map((process) => ({
    label: plainLabel(t('{0} (pid {1})', hostText(process.stat.name), process.pid)),
    description: plainLabel(hostText(process.details?.commandLine ?? '')),
    detail: holdingText(holdingOfProcess(process), t),
    target: { kind: 'process', pid: process.pid, startTicks: process.startTicks } as const,
  }));
  const title = t('{0}: which process on {1}?', t(action.label), host.label);
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true, ignoreFocusOut: true }))
    ?.target;
}

/** Asks for the limit of a container; undefined: cancelled. */
export async function chooseLimit(host: AttachedHost, id: string): Promise<number | undefined> {
  const one = joinedContainersOf(host.monitor).find((joined) => joined.id === id);
  const limits = one?.container?.limits;
  const memoryBytes = limits?.memoryBytes;
  const now = one?.cgroup?.currentBytes;
  const typed = await vscode.window.showInputBox({
    title: t('Memory limit of “{0}”', hostText(one?.container?.name ?? id.slice(0, 12))),
    prompt: [
      memoryBytes !== undefined
        ? t('Its limit is {0}.', formatBytes(memoryBytes))
        : limits === undefined
          ? t('Its limit is not known yet.')
          : t('It has no limit now.'),
      ...(now === undefined ? [] : [t('It uses {0}, page cache included.', formatBytes(now))]),
    ].join(' '),
    value: typedBytes(memoryBytes ?? now ?? 512 * 2 ** 20),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const bytes = bytesTyped(text);
      if (bytes === undefined) return t('A number with a unit, such as 512 MiB or 2 GiB.');
      return bytes < leastMemoryLimitBytes
        ? t('The least memory limit is {0}.', formatBytes(leastMemoryLimitBytes))
        : undefined;
    },
  });
  return typed === undefined ? undefined : bytesTyped(typed);
}
