import * as vscode from 'vscode';
import { hostText } from '../core/actions/words';
import { formatDuration } from '../core/units';
import type { Disposable } from '../monitor/emitter';
import type { EndedContainers } from './actions/endedContainers';
import { joinedContainersOf } from './actions/planInput';
import { containerDetails, containersInOrder } from './containerRows';
import { changedRows, ContainersNode, hasToldContainers } from './containersNode';
import type { AttachedHost, Hosts } from './hosts';
import type { Translate } from '../core/translate';

/** What was done to containers from here before their runtime has told. */
interface Done {
  readonly ended: Pick<EndedContainers, 'without'>;
}

/** What is seen is brought up to date this often, in ms. */
const redrawMs = 2000;

/** Containers are listed every 10 s while the view is seen: a list that is older than this has another reason. */
const oldListMs = 60_000;

/** The containers of the attached hosts in the sidebar, by compose project, with what they hold. */
export class ContainersView implements vscode.TreeDataProvider<ContainersNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<ContainersNode[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: Disposable[];
  private readonly view: vscode.TreeView<ContainersNode>;
  /** As VS Code was given them last. */
  private roots: readonly ContainersNode[] = [];
  /** Ids of the containers of each host as they are shown. */
  private readonly orders = new WeakMap<AttachedHost, readonly string[]>();

  constructor(
    private readonly hosts: Hosts,
    private readonly done: Done,
  ) {
    const options = { treeDataProvider: this, canSelectMany: true };
    this.view = vscode.window.createTreeView('remoteMemory.containers', options);
    const clock = setInterval(() => this.redraw(), redrawMs);
    this.subscriptions = [
      this.changed,
      this.view,
      { dispose: () => clearInterval(clock) },
      hosts.onDidChange(() => this.redraw()),
      hosts.onDidAttach(({ monitor }) => {
        monitor.onContainers(() => this.redraw()); // ends with the monitor
      }),
      this.view.onDidChangeVisibility(({ visible }) => {
        hosts.containersShown = visible;
        this.redraw();
      }),
    ];
  }

  getChildren(node?: ContainersNode): ContainersNode[] {
    if (node) return [...node.children];
    this.roots = this.rootsNow();
    return [...this.roots];
  }

  getTreeItem(node: ContainersNode): vscode.TreeItem {
    const { None, Expanded } = vscode.TreeItemCollapsibleState;
    const { context, description, host, joined, key, kind, label } = node;
    const item = new vscode.TreeItem(label, node.children.length > 0 ? Expanded : None);
    item.id = JSON.stringify([kind, host.target, key]);
    item.description = description;
    item.contextValue = context;
    item.iconPath = new vscode.ThemeIcon(iconOf(node));
    item.accessibilityInformation = { label: [label, description].filter(Boolean).join(', ') };
    const [one] = joined;
    // As a text, not as Markdown: nothing of the host's is made a link.
    if (kind === 'container' && one) item.tooltip = containerDetails(one, vscode.l10n.t);
    return item;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /**
   * Draws the rows that have changed, and all only where there are others: VS Code forgets what it is to draw anew until it has
   * asked for it again, and an action of a row that is chosen meanwhile does not know its row.
   */
  private redraw(): void {
    if (!this.view.visible) return;
    const { t } = vscode.l10n;
    const message = listAgesText(this.hosts.all, t) || noneText(this.hosts.all, this.done, t);
    if (message !== (this.view.message ?? '')) this.view.message = message;
    const changed = changedRows(this.roots, this.rootsNow(), performance.now());
    if (changed === undefined) this.changed.fire(undefined);
    else if (changed.length > 0) this.changed.fire(changed);
  }

  private rootsNow(): readonly ContainersNode[] {
    const roots = this.hosts.all.map((host) => {
      const joined = this.done.ended.without(joinedContainersOf(host.monitor));
      const shown = containersInOrder(joined, this.orders.get(host) ?? []);
      this.orders.set(
        host,
        shown.map(({ id }) => id),
      );
      return ContainersNode.ofHost(host, joined, shown);
    });
    const [only] = roots;
    return roots.length === 1 && only ? only.children : roots;
  }
}

/** Which hosts have not told their containers for a while; empty: none. */
function listAgesText(hosts: readonly AttachedHost[], t: Translate): string {
  const old = hosts.flatMap(({ label, monitor: { containerList } }) => {
    const ageMs = performance.now() - (containerList?.readAtMs ?? Infinity);
    return ageMs < oldListMs
      ? []
      : [t('{0}: as its API told {1} ago.', hostText(label), formatDuration(minutes(ageMs)))];
  });
  return old.join(' ');
}

/** Said of the only host: several have a row each. Empty: it has containers, or has not told yet. */
function noneText(hosts: readonly AttachedHost[], { ended }: Done, t: Translate): string {
  const [only] = hosts;
  if (!only || hosts.length > 1 || !hasToldContainers(only)) return '';
  const isEmpty = ended.without(joinedContainersOf(only.monitor)).length === 0;
  return isEmpty ? t('No container on {0}.', hostText(only.label)) : '';
}

/** Whole ones: the text is not to change every second. */
function minutes(ms: number): number {
  return Math.floor(ms / 60_000) * 60_000;
}

function iconOf({ context, kind }: ContainersNode): string {
  if (kind === 'container') return context.endsWith('frozen') ? 'debug-pause' : 'package';
  return kind === 'host' ? 'server' : 'layers';
}
