import * as vscode from 'vscode';
import { hostEventDocument } from '../../core/oomEvents/hostEventDocument';
import type { HostOomEvent } from '../../core/oomEvents/hostEvent';
import type { OomDocuments } from '../analyzeOomLog';
import { UserError } from '../errors';
import type { AttachedHost, Hosts } from '../hosts';
import { plainText } from '../plainText';
import { cleanText } from '../../transport/cleanText';
import { eventLineText } from './eventLineText';
import type { EventOrder } from './eventList';
import { lookupText } from './hostLines';
import { isOomNode, type HostEvents, type OomNode, type ShownOomEvent } from './oomNode';
import { loopOf, type OomTree } from './oomTree';
import type { UnseenBadge } from './unseenBadge';

/** So many documents are copied at once. */
const mostCopied = 100;

/** What the commands of the tree “OOM events” do. */
export class OomCommands {
  constructor(
    private readonly hosts: Hosts,
    private readonly tree: OomTree,
    private readonly badge: UnseenBadge,
    private readonly documents: OomDocuments,
  ) {}

  /** Shows an event, which may have gone in the meantime. @throws {UserError} */
  async show(argument: unknown): Promise<void> {
    const { target, key } = shownOf(argument);
    const host = this.hosts.get(target);
    if (!host) throw new UserError(vscode.l10n.t('That host is not attached any more.'));
    const event = host.monitor.oom.events.get(key);
    if (!event) throw new UserError(vscode.l10n.t('That event is not kept any more.'));
    this.badge.see(host, key);
    await this.documents.show(vscode.l10n.t('OOM kill on {0}', host.label), documentOf(host, event));
  }

  /** Asks for words that the events are to hold; empty shows all. */
  async filter(): Promise<void> {
    const text = await vscode.window.showInputBox({
      title: vscode.l10n.t('Filter OOM events'),
      prompt: vscode.l10n.t('Words of the host, the victim, the cgroup or the scope'),
      value: this.tree.filterText,
    });
    if (text !== undefined) this.tree.setFilter(text);
  }

  clearFilter(): void {
    this.tree.setFilter('');
  }

  sort(order: EventOrder): void {
    this.tree.setOrder(order);
  }

  /** Copies what each of these events tells. */
  async copy(node: unknown, selected: unknown): Promise<void> {
    const chosen = this.chosen(node, selected);
    const texts = chosen.flatMap(({ host, events }) => events.map((event) => documentOf(host, event)));
    if (texts.length === 0) throw new UserError(vscode.l10n.t('There is no event to copy.'));
    await vscode.env.clipboard.writeText(texts.slice(0, mostCopied).join('\n\n'));
    told(copiedText(Math.min(texts.length, mostCopied), texts.length));
  }

  /** Copies each of these events as one line. */
  async copyLine(node: unknown, selected: unknown): Promise<void> {
    const chosen = this.chosen(node, selected);
    const lines = chosen.flatMap(({ host, events }) =>
      events.map((event) => eventLineText(host.label, event, vscode.l10n.t)),
    );
    if (lines.length === 0) throw new UserError(vscode.l10n.t('There is no event to copy.'));
    await vscode.env.clipboard.writeText(lines.join('\n'));
    told(copiedText(lines.length, lines.length));
  }

  /** Forgets events on our side, after a question that names how many. */
  async clear(node: unknown, selected: unknown): Promise<void> {
    const chosen = this.chosen(node, selected).filter(({ events }) => events.length > 0);
    const count = chosen.reduce((sum, { events }) => sum + events.length, 0);
    if (count === 0) throw new UserError(vscode.l10n.t('There is no event to forget.'));
    const forget = vscode.l10n.t('Forget');
    const hosts = chosen.map(({ host, events }) => `${cleanText(host.label, 100)} (${events.length})`);
    const pick = await vscode.window.showWarningMessage(
      count === 1 ? vscode.l10n.t('Forget this OOM event?') : vscode.l10n.t('Forget {0} OOM events?', count),
      {
        modal: true,
        detail: vscode.l10n.t(
          '{0}. Only what is kept here is forgotten, for good and in all windows; nothing changes on the host, and its log keeps what it has.',
          hosts.join(', '),
        ),
      },
      forget,
    );
    if (pick !== forget) return;
    for (const { host, events } of chosen) {
      const { oom } = host.monitor;
      const keys = events.map(({ key }) => key);
      await (keys.length === oom.events.size ? oom.clear() : oom.clear(keys));
    }
  }

  /** Looks for kills of earlier in the journal and log files of a host. @throws {UserError} */
  async findEarlier(host: AttachedHost): Promise<void> {
    const { oom, state } = host.monitor;
    if (state.kind !== 'live') throw new UserError(vscode.l10n.t('{0} is not connected.', host.label));
    const before = oom.events.size;
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Looking for earlier OOM kills on {0}', plainText(host.label)),
        cancellable: true,
      },
      async (progress, token) => {
        const stop = new AbortController();
        const cancelling = token.onCancellationRequested(() => stop.abort());
        let percent = 0;
        const following = oom.onChange(() => {
          const { lookup } = oom;
          if (lookup.kind !== 'running') return;
          const reached = lookup.of === undefined ? 0 : (100 * lookup.done) / Math.max(1, lookup.of);
          progress.report({
            message: plainText(cleanText(lookup.what, 100)),
            ...(lookup.of !== undefined && { increment: Math.max(0, reached - percent) }),
          });
          percent = Math.max(percent, reached);
        });
        try {
          await oom.lookUpEarlier(stop.signal);
        } finally {
          following.dispose();
          cancelling.dispose();
        }
        if (stop.signal.aborted) throw new vscode.CancellationError();
      },
    );
    const { lookup } = oom;
    if (lookup.kind === 'failed') throw new UserError(lookup.message);
    if (lookup.kind !== 'done') return;
    const found = Math.max(0, oom.events.size - before);
    const read = lookupText(lookup, vscode.l10n.t);
    told(
      found === 0
        ? vscode.l10n.t('No more OOM kills found on {0}. {1}.', host.label, read)
        : vscode.l10n.t('{0} more OOM kills found on {1}. {2}.', found, host.label, read),
    );
  }

  /** The events of the rows that are selected, each once; all that are shown where none was given. */
  private chosen(node: unknown, selected: unknown): HostEvents[] {
    if (!isOomNode(node)) return this.tree.all;
    const rows: OomNode[] = Array.isArray(selected) ? selected.filter(isOomNode) : [];
    const nodes = rows.includes(node) ? rows : [node];
    const byHost = new Map<AttachedHost, Map<string, HostOomEvent>>();
    for (const { host, events } of nodes.map((one) => this.tree.eventsOf(one))) {
      const known = byHost.get(host) ?? new Map<string, HostOomEvent>();
      for (const event of events) known.set(event.key, event);
      byHost.set(host, known);
    }
    return [...byHost].map(([host, events]) => ({ host, events: [...events.values()] }));
  }
}

function documentOf(host: AttachedHost, event: HostOomEvent): string {
  const { ledger } = host.monitor.oom;
  return hostEventDocument(
    host.label,
    event,
    { loop: loopOf(host, event), ledger: ledger?.bootId === event.bootId ? ledger : undefined },
    vscode.l10n.t,
  );
}

function shownOf(argument: unknown): ShownOomEvent {
  if (isOomNode(argument) && argument.kind === 'event')
    return { target: argument.host.target, key: argument.event.key };
  const { target, key } = Object(argument) as Partial<ShownOomEvent>;
  if (typeof target === 'string' && typeof key === 'string') return { target, key };
  throw new UserError(vscode.l10n.t('Choose an event in the view “OOM events”.'));
}

function told(text: string): void {
  void vscode.window.showInformationMessage(plainText(text));
}

function copiedText(copied: number, all: number): string {
  if (copied < all) return vscode.l10n.t('Copied the first {0} of {1} events.', copied, all);
  return copied === 1 ? vscode.l10n.t('Copied the event.') : vscode.l10n.t('Copied {0} events.', copied);
}
