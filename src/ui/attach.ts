import * as vscode from 'vscode';
import { parseTarget } from '../transport/hostName';
import { listHosts } from '../transport/sshConfig';
import { localTarget } from '../transport/transportTo';
import { labelOf, type Hosts } from './hosts';
import { plainLabel } from './plainText';
import { settings } from './settings';

interface HostItem extends vscode.QuickPickItem {
  readonly target?: string;
}

/**
 * Asks for a host: the attached ones, those of the settings and of the SSH configuration, or what is typed.
 * @param title what is done with it.
 * @returns undefined: the user went away.
 */
export async function pickHost(
  title: string,
  hosts: Hosts,
  log: vscode.LogOutputChannel,
): Promise<string | undefined> {
  const picker = vscode.window.createQuickPick<HostItem>();
  picker.title = title;
  picker.placeholder = vscode.l10n.t('Choose a host, or type user@host:port');
  picker.matchOnDescription = true;
  picker.ignoreFocusOut = true; // a panel gets the focus back from the palette, at times only after this is shown
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
  const reason = refusalOf(target);
  if (reason === undefined) {
    return [
      {
        // Not the bare text: an exact match would be sorted before the host whose name is being typed.
        label: `$(add) ${vscode.l10n.t('Connect to {0}', target)}`,
        target,
        alwaysShow: true,
      },
    ];
  }
  return [{ label: `$(error) ${target}`, description: reason, alwaysShow: true }];
}

/** Why `target` can be no host; undefined: it can. */
function refusalOf(target: string): string | undefined {
  try {
    parseTarget(target);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the settings name. What can be no host is told, and cannot be chosen. */
function hostOfSettings(target: string, item: (target: string, icon: string) => HostItem): HostItem {
  const reason = target === localTarget ? undefined : refusalOf(target);
  if (reason === undefined) return item(target, 'settings');
  return { label: `$(error) ${plainLabel(target)}`, description: reason };
}

function knownHosts(hosts: Hosts, configured: readonly string[]): HostItem[] {
  const attached = new Set(hosts.all.map(({ target }) => target));
  const item = (target: string, icon: string): HostItem => ({
    label: `$(${icon}) ${labelOf(target)}`,
    description: [
      target === localTarget ? localTarget : '', // what settings call it, and what may be typed
      attached.has(target) ? vscode.l10n.t('attached') : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
    target,
  });
  const recent = hosts.recent.filter((target) => target !== localTarget);
  const own = [...new Set(settings.hosts)].filter((target) => !recent.includes(target));
  const others = configured.filter((target) => !recent.includes(target) && !own.includes(target));
  return [
    item(localTarget, 'device-desktop'),
    ...separated(
      vscode.l10n.t('recent'),
      recent.map((target) => item(target, 'history')),
    ),
    ...separated(
      vscode.l10n.t('settings'),
      own.map((target) => hostOfSettings(target, item)),
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
