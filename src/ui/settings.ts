import * as vscode from 'vscode';
import { isReadOnly, type HostName, type ReadOnlySetting } from '../core/actions/hostPolicy';
import type { Pace } from '../core/schedule';
import type { Budget } from '../monitor/programAwk';
import { transportKinds, type TransportKind } from '../transport/transportTo';

/** The user's settings as they are now, kept within their bounds: a settings file may hold anything. */
export const settings = {
  /** How often a host is asked. */
  get pace(): Pace {
    return {
      pollMs: number('pollSeconds', 1, 0.2, 60) * 1000,
      idleMs: number('idlePollSeconds', 5, 0.2, 300) * 1000,
      cliffMs: number('cliffPollSeconds', 1, 0.2, 60) * 1000,
    };
  },
  /** What watching may cost a host. */
  get budget(): Budget {
    return {
      processorShare: number('budget.processorPercent', 5, 0.1, 100) / 100,
      bytesPerSecond: number('budget.kilobytesPerSecond', 50, 1, 100_000) * 1000,
    };
  },
  /** Whether the shell and awk of our program may be copied into a host's memory. */
  get holdInMemory(): boolean {
    return value('holdInMemory', true) === true;
  },
  /** Available memory below this share of MemTotal is a warning, in percent. */
  get warningPercent(): number {
    return number('warningPercent', 15, 0, 100);
  },
  /** Available memory below this share of MemTotal is an error, in percent. */
  get errorPercent(): number {
    return number('errorPercent', 7, 0, 100);
  },
  get notifyLowMemory(): boolean {
    return value('notifyLowMemory', true) === true;
  },
  get notifyOomKills(): boolean {
    return value('notifyOomKills', true) === true;
  },
  get restoreHosts(): boolean {
    return value('restoreHosts', true) === true;
  },
  /** Hosts that are attached when a window opens: `local` or what one would type after `ssh`. */
  get attachOnStartup(): readonly string[] {
    return texts(value('attachOnStartup', []));
  },
  /** Hosts that are offered beside those of the SSH configuration: what one would type after `ssh`. */
  get hosts(): readonly string[] {
    return texts(value('hosts', []))
      .map((host) => host.trim())
      .filter((host) => host !== '');
  },
  /** Hosts on which `sudo -n` may be used. */
  get allowSudo(): readonly string[] {
    return texts(value('allowSudo', []));
  },
  /** Names and `label=value` of containers that are not hit together with others. */
  get protectedContainers(): readonly string[] {
    return texts(value('protectedContainers', []));
  },
  /** Patterns of hosts whose name has to be typed before something is lost there. */
  get productionHosts(): readonly string[] {
    return texts(value('productionHosts', []));
  },
  /** Hosts on which nothing may be changed. What is neither yes nor no nor a list forbids it: it was meant to. */
  get readOnly(): ReadOnlySetting {
    const found = value('readOnly', false);
    if (typeof found === 'boolean') return found;
    return Array.isArray(found) && found.every((one) => typeof one === 'string') ? found : true;
  },
  /** Whether nothing may be changed on this host. */
  isReadOnly(host: HostName): boolean {
    return isReadOnly(host, settings.readOnly);
  },
  /** Path of the SSH configuration file; empty: the usual one. */
  get sshConfigFile(): string {
    return text('ssh.configFile', '');
  },
  /** The ssh program that resolves the configuration; empty: the one on PATH. */
  get sshPath(): string {
    return text('ssh.path', '');
  },
  /** Who speaks SSH with the hosts. */
  get sshTransport(): TransportKind {
    const found = value('ssh.transport', 'auto');
    return transportKinds.find((kind) => kind === found) ?? 'auto';
  },
  /** Patterns of hosts that are always reached by the system's own ssh program. */
  get openSshHosts(): readonly string[] {
    return texts(value('ssh.openSshHosts', []));
  },
  /** Path of the Docker API's socket on the hosts. */
  get dockerSocket(): string {
    return text('docker.socketPath', '/var/run/docker.sock');
  },
};

/** Allows `sudo -n` on a host from now on. It is the user's own setting, never a workspace's. */
export async function allowSudoOn(host: string): Promise<void> {
  const list = [...new Set([...settings.allowSudo, host])];
  await configuration().update('allowSudo', list, vscode.ConfigurationTarget.Global);
}

/** Reaches a host by the system's own ssh program from now on. */
export async function useOpenSshFor(host: string): Promise<void> {
  const list = [...new Set([...settings.openSshHosts, host])];
  await configuration().update('ssh.openSshHosts', list, vscode.ConfigurationTarget.Global);
}

/** Calls `listener` when a setting of ours has changed. */
export function onSettingsChanged(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('remoteMemory')) listener();
  });
}

/** Undefined while nobody would hear that it has changed. */
let kept: vscode.WorkspaceConfiguration | undefined;

/**
 * From now on the settings are got anew only when they have changed: that costs far more than to read a value, and some are
 * read with each sample. To be called before anybody else listens for changes.
 */
export function keepSettings(): vscode.Disposable {
  const keep = (): void => {
    kept = newConfiguration();
  };
  keep();
  const following = onSettingsChanged(keep);
  return new vscode.Disposable(() => {
    following.dispose();
    kept = undefined;
  });
}

function newConfiguration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('remoteMemory');
}

function configuration(): vscode.WorkspaceConfiguration {
  return kept ?? newConfiguration();
}

function value(name: string, fallback: unknown): unknown {
  return configuration().get<unknown>(name, fallback);
}

function texts(found: unknown): readonly string[] {
  return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
}

function text(name: string, fallback: string): string {
  const found = value(name, fallback);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : fallback;
}

function number(name: string, fallback: number, min: number, max: number): number {
  const found = value(name, fallback);
  return typeof found === 'number' && Number.isFinite(found) ? Math.min(max, Math.max(min, found)) : fallback;
}
