import * as vscode from 'vscode';
import type { Disposable } from '../../monitor/emitter';
import type { AttachedHost, Hosts } from '../hosts';
import { killsIn } from './eventFacts';
import type { OomTree } from './oomTree';
import type { Remembered, UnseenKills } from './unseenKills';

const memoryKey = 'unseenOomKills';

/** The view has to be seen so long before its kills count as seen, in ms. */
const momentMs = 3000;
/** A ring buffer full of kills is written down once, in ms. */
const saveMs = 500;

/** Hosts are forgotten whose marks were set longest ago. */
const mostHosts = 100;

/** What {@link UnseenKills} remembers, in the memory that all windows share; written a little later. */
export class RememberedKills implements Remembered, vscode.Disposable {
  private pending: ReturnType<typeof setTimeout> | undefined;
  private readonly changed = new Map<string, unknown>();

  constructor(private readonly memory: vscode.Memento) {}

  get(): unknown {
    return this.memory.get(memoryKey);
  }

  set(target: string, mark: unknown): void {
    this.changed.set(target, mark);
    this.pending ??= setTimeout(() => this.save(), saveMs);
  }

  dispose(): void {
    if (this.pending !== undefined) this.save();
  }

  /** Other windows may have written marks of other hosts meanwhile. */
  private save(): void {
    clearTimeout(this.pending);
    this.pending = undefined;
    const kept = new Map(Object.entries(Object(this.get()) as Readonly<Record<string, unknown>>));
    for (const [target, mark] of this.changed) {
      kept.delete(target); // to put it last
      kept.set(target, mark);
    }
    this.changed.clear();
    void this.memory.update(memoryKey, Object.fromEntries([...kept].slice(-mostHosts)));
  }
}

/** Counts the kills that nobody has looked at on the icon of the view, until it is visible for a moment. */
export class UnseenBadge implements vscode.Disposable {
  private readonly subscriptions: Disposable[];
  private seeing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly hosts: Hosts,
    private readonly unseen: UnseenKills,
    private readonly tree: OomTree,
  ) {
    this.subscriptions = [
      hosts.onDidChange(() => this.draw()),
      hosts.onDidAttach((host) => {
        unseen.attach(host.target, Date.now());
        // They end with the monitor, which is never used again once its host is detached.
        host.monitor.oom.onEvent(({ event, isNew, isLive }) => {
          unseen.note(host.target, event, isNew && isLive);
          this.draw();
        });
        host.monitor.oom.onChange(() => {
          for (const event of host.monitor.oom.events.values()) unseen.note(host.target, event, false);
          this.draw();
        });
      }),
      tree.view.onDidChangeVisibility(() => this.look()),
      vscode.window.onDidChangeWindowState(() => this.look()),
    ];
  }

  /** Somebody has opened an event. */
  see(host: AttachedHost, key: string): void {
    const there = host.monitor.oom.events;
    const event = there.get(key);
    if (!event || !this.unseen.isUnseen(host.target, key)) return;
    this.unseen.see(host.target, [event], there);
    this.tree.redraw();
    this.draw();
  }

  dispose(): void {
    clearTimeout(this.seeing);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private draw(): void {
    const kills = this.hosts.all.reduce(
      (sum, { target, monitor }) => sum + killsIn(this.unseen.among(target, monitor.oom.events)),
      0,
    );
    this.tree.view.badge =
      kills === 0
        ? undefined
        : {
            value: kills,
            tooltip:
              kills === 1
                ? vscode.l10n.t('1 OOM kill not seen yet')
                : vscode.l10n.t('{0} OOM kills not seen yet', kills),
          };
    this.look();
  }

  private look(): void {
    const isLooked = this.tree.view.visible && vscode.window.state.focused;
    if (!isLooked || this.tree.view.badge === undefined) {
      clearTimeout(this.seeing);
      this.seeing = undefined;
      return;
    }
    this.seeing ??= setTimeout(() => {
      this.seeing = undefined;
      for (const { host, events } of this.tree.all)
        this.unseen.see(host.target, events, host.monitor.oom.events);
      this.tree.redraw();
      this.draw();
    }, momentMs);
  }
}
