import * as vscode from 'vscode';
import { parseTarget } from '../transport/hostName';
import { listHosts } from '../transport/sshConfig';
import { localTarget } from '../transport/transportTo';
import { labelOf, type Hosts } from './hosts';
import { settings } from './settings';

interface HostItem extends vscode.QuickPickItem {
  readonly target?: string;
}

/** Asks which host to attach to. Undefined: the user went away. */
export async function pickHost(hosts: Hosts, log: vscode.LogOutputChannel): Promise<string | undefined> {
  const picker = vscode.window.createQuickPick<HostItem>();
  picker.title = vscode.l10n.t('Attach to host');
  picker.placeholder = vscode.l10n.t('Choose a host, or type user@host:port');
  picker.matchOnDescription = true;
  let known: readonly HostItem[] = knownHosts(hosts, []);
  const show = (): void => {
    picker.items = [...typedHost(picker.value, known), ...known];
  };
  picker.onDidChangeValue(show);
  show();
  picker.busy = true;
  picker.show();
  void listHosts(settings.sshConfigFile === '' ? undefined : settings.sshConfigFile)
    .then((configured) => {
      known = knownHosts(hosts, configured);
      show();
    })
    .catch((error: unknown) => log.warn(`SSH configuration: ${String(error)}`))
    .finally(() => (picker.busy = false));
  try {
    return await new Promise((resolve) => {
      picker.onDidAccept(() => {
        const target = picker.selectedItems[0]?.target;
        if (target !== undefined) resolve(target); // what cannot be a host stays to be corrected
      });
      picker.onDidHide(() => resolve(undefined));
    });
  } finally {
    picker.dispose();
  }
}

/** What is typed, offered as a host of its own unless the list has it. Nonsense is refused when it is attached. */
function typedHost(typed: string, known: readonly HostItem[]): HostItem[] {
  const target = typed.trim();
  if (target === '' || known.some((item) => item.target === target)) return [];
  try {
    parseTarget(target);
    return [
      {
        // Not the bare text: an exact match would be sorted before the host whose name is being typed.
        label: `$(add) ${vscode.l10n.t('Connect to {0}', target)}`,
        target,
        alwaysShow: true,
      },
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    return [{ label: `$(error) ${target}`, description: reason, alwaysShow: true }];
  }
}

function knownHosts(hosts: Hosts, configured: readonly string[]): HostItem[] {
  const attached = new Set(hosts.all.map(({ target }) => target));
  const item = (target: string, icon: string): HostItem => ({
    label: `$(${icon}) ${labelOf(target)}`,
    ...(attached.has(target) && { description: vscode.l10n.t('attached') }),
    target,
  });
  const recent = hosts.recent.filter((target) => target !== localTarget);
  const others = configured.filter((target) => !recent.includes(target));
  return [
    item(localTarget, 'device-desktop'),
    ...separated(
      vscode.l10n.t('recent'),
      recent.map((target) => item(target, 'history')),
    ),
    ...separated(
      vscode.l10n.t('SSH configuration'),
      others.map((target) => item(target, 'remote')),
    ),
  ];
}

function separated(label: string, items: HostItem[]): HostItem[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}
