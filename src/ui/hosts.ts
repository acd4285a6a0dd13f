import { createHash } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { progressAfter, type ConnectProgress } from '../core/connection/connectProgress';
import { HostMonitor } from '../monitor/hostMonitor';
import { OomEventFiles } from '../monitor/oomEventFiles';
import type { Prompts, Transport } from '../transport/connection';
import { localTarget } from '../transport/transportTo';
import { Attention } from './attention';
import { makePrompts } from './prompts';
import { StoredSecrets } from './secretKeeper';
import { onSettingsChanged, settings } from './settings';
import { transportBySettings } from './transportBySettings';

/** A host that is watched in this window. */
export interface AttachedHost {
  /** `local`, or what one would type after `ssh`. It is the host's identity. */
  readonly target: string;
  /** The name people see. */
  readonly label: string;
  readonly monitor: HostMonitor;
  /** The way to it, which remembers what a person has answered. */
  readonly transport: Transport;
  /** How far the attempt to connect has come that was begun last. */
  readonly progress: () => ConnectProgress | undefined;
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
  private readonly hurrying: vscode.Disposable;
  /** Looked at for every sample of every host, so they are not read from the settings each time. */
  private pace = settings.pace;
  private budget = settings.budget;
  /** Whether the view of all containers is seen. */
  containersShown = false;
  readonly attention = new Attention(() => this.activeTarget);
  /** Whoever connects asks through these: one question at a time. */
  readonly prompts: Prompts = makePrompts();
  readonly secrets: StoredSecrets;
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
  ) {
    this.secrets = new StoredSecrets(context.secrets, context.globalState, (line) => log.warn(line));
    this.hurrying = vscode.Disposable.from(
      this.attention.onDidChange(() => this.hurry()),
      onSettingsChanged(() => {
        this.pace = settings.pace;
        this.budget = settings.budget;
        for (const { monitor } of this.hosts.values()) monitor.probeAgain(); // its answer may depend on them
        this.hurry();
      }),
      this.changed.event(() => this.hurry()),
    );
  }

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
    const host = this.hostAt(target);
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
    host.monitor.oom.close();
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
    for (const { monitor } of this.hosts.values()) {
      monitor.stop();
      monitor.oom.close();
    }
    this.hosts.clear();
    this.hurrying.dispose();
    this.attention.dispose();
    this.changed.dispose();
    this.added.dispose();
    this.removed.dispose();
  }

  /** Whoever is looked at now is asked now. */
  private hurry(): void {
    for (const { target, monitor } of this.hosts.values()) if (this.attention.isOn(target)) monitor.hurry();
  }

  private hostAt(target: string): AttachedHost {
    const log = (line: string): void => this.log.info(`${target}: ${line}`);
    const transport = transportBySettings(target, log, this.secrets);
    let progress: ConnectProgress | undefined;
    const traced: Transport = {
      connect: (prompts, signal) => {
        progress = undefined;
        return transport.connect(prompts, signal, (step) => (progress = progressAfter(progress, step)));
      },
    };
    const monitor = this.monitorOf(target, traced, log);
    return { target, label: labelOf(target), monitor, transport, progress: () => progress };
  }

  private monitorOf(target: string, transport: Transport, log: (line: string) => void): HostMonitor {
    return new HostMonitor(transport, this.prompts, {
      pace: () => this.pace,
      looked: () => this.attention.isOn(target),
      containersShown: () => this.containersShown,
      budget: () => this.budget,
      kernelLog: true,
      lookUpKills: true,
      oomStore: new OomEventFiles(this.folderOf(target)),
      survey: true,
      act: true,
      mayChange: () => !settings.isReadOnly({ target, label: labelOf(target) }),
      holdInMemory: () => settings.holdInMemory,
      dockerSocket: () => settings.dockerSocket,
      sudo: () => settings.allowSudo.includes(target),
      log,
    });
  }

  /** Where the OOM events of a host are kept. A target may hold any character. */
  private folderOf(target: string): string {
    const name = createHash('sha256').update(target).digest('hex').slice(0, 32);
    return path.join(this.context.globalStorageUri.fsPath, 'oom-events', name);
  }

  private rememberRecent(target: string): void {
    const recent = [target, ...this.recent.filter((other) => other !== target)].slice(0, maxRecent);
    void this.context.globalState.update(recentKey, recent);
  }

  private rememberAttached(): void {
    void this.context.workspaceState.update(attachedKey, [...this.hosts.keys()]);
  }
}
