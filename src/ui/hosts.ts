import * as vscode from 'vscode';
import { HostMonitor } from '../monitor/hostMonitor';
import { localTarget, transportTo } from '../transport/transportTo';
import { makePrompts } from './prompts';
import { settings } from './settings';

/** A host that is watched in this window. */
export interface AttachedHost {
  /** `local`, or what one would type after `ssh`. It is the host's identity. */
  readonly target: string;
  /** The name people see. */
  readonly label: string;
  readonly monitor: HostMonitor;
}

const attachedKey = 'attachedHosts';
const recentKey = 'recentHosts';
const maxRecent = 10;

/** The name people see for a target. */
export function labelOf(target: string): string {
  return target === localTarget ? vscode.l10n.t('This machine') : target;
}

/** The hosts of this window: which are attached, and which one the status bar speaks of. */
export class Hosts implements vscode.Disposable {
  private readonly hosts = new Map<string, AttachedHost>();
  private activeTarget: string | undefined;
  private readonly prompts = makePrompts();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly added = new vscode.EventEmitter<AttachedHost>();
  private readonly removed = new vscode.EventEmitter<AttachedHost>();

  /** The list of hosts or the active one has changed. What a host measures is told by its monitor. */
  readonly onDidChange = this.changed.event;
  readonly onDidAttach = this.added.event;
  readonly onDidDetach = this.removed.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  get all(): readonly AttachedHost[] {
    return [...this.hosts.values()];
  }

  get(target: string): AttachedHost | undefined {
    return this.hosts.get(target);
  }

  /** The host whose panel had the focus last, else the one attached last. */
  get active(): AttachedHost | undefined {
    return this.activeTarget === undefined ? undefined : this.hosts.get(this.activeTarget);
  }

  /** What was attached lately, newest first. */
  get recent(): readonly string[] {
    return this.context.globalState.get<readonly string[]>(recentKey, []);
  }

  /** Attaches the hosts that the settings name and those that were attached before the window was reloaded. */
  restore(): void {
    const before = settings.restoreHosts
      ? this.context.workspaceState.get<readonly string[]>(attachedKey, [])
      : [];
    for (const target of new Set([...settings.attachOnStartup, ...before])) this.attach(target);
  }

  /** Starts to watch a host, or makes the one that is watched already the active one. */
  attach(target: string): AttachedHost {
    const known = this.hosts.get(target);
    if (known) {
      if (known.monitor.state.kind === 'failed' || known.monitor.state.kind === 'stopped')
        known.monitor.start();
      this.activate(known);
      return known;
    }
    const host = { target, label: labelOf(target), monitor: this.monitorOf(target) };
    this.hosts.set(target, host);
    this.activeTarget = target;
    this.rememberAttached();
    // Only what could be reached is offered again: a typing error is not.
    host.monitor.onState(({ kind }) => {
      if (kind === 'live' && this.recent[0] !== target) this.rememberRecent(target);
    });
    this.added.fire(host);
    this.changed.fire();
    host.monitor.start();
    return host;
  }

  detach(host: AttachedHost): void {
    host.monitor.stop();
    this.hosts.delete(host.target);
    if (this.activeTarget === host.target) this.activeTarget = [...this.hosts.keys()].at(-1);
    this.rememberAttached();
    this.removed.fire(host);
    this.changed.fire();
  }

  /** Makes the status bar speak of this host. */
  activate(host: AttachedHost): void {
    if (this.activeTarget === host.target) return;
    this.activeTarget = host.target;
    this.changed.fire();
  }

  dispose(): void {
    for (const { monitor } of this.hosts.values()) monitor.stop();
    this.hosts.clear();
    this.changed.dispose();
    this.added.dispose();
    this.removed.dispose();
  }

  private monitorOf(target: string): HostMonitor {
    const log = (line: string): void => this.log.info(`${target}: ${line}`);
    const { sshConfigFile, sshPath } = settings;
    const transport = transportTo(target, {
      log,
      ...(sshConfigFile !== '' && { configFile: sshConfigFile }),
      ...(sshPath !== '' && { sshPath }),
    });
    return new HostMonitor(transport, this.prompts, {
      intervalMs: () => settings.pollMs,
      kernelLog: true,
      sudo: () => settings.allowSudo.includes(target),
      log,
    });
  }

  private rememberRecent(target: string): void {
    const recent = [target, ...this.recent.filter((other) => other !== target)].slice(0, maxRecent);
    void this.context.globalState.update(recentKey, recent);
  }

  private rememberAttached(): void {
    void this.context.workspaceState.update(attachedKey, [...this.hosts.keys()]);
  }
}
