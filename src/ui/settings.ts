import * as vscode from 'vscode';

/** The user's settings, read afresh each time and kept within their bounds: a settings file may hold anything. */
export const settings = {
  /** Between two questions to a host, in ms. */
  get pollMs(): number {
    return number('pollSeconds', 1, 0.2, 60) * 1000;
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
  get restoreHosts(): boolean {
    return value('restoreHosts', true) === true;
  },
  /** Hosts that are attached when a window opens: `local` or what one would type after `ssh`. */
  get attachOnStartup(): readonly string[] {
    const list: unknown = value('attachOnStartup', []);
    return Array.isArray(list) ? list.filter((host) => typeof host === 'string') : [];
  },
  /** Hosts on which `sudo -n` may be used. */
  get allowSudo(): readonly string[] {
    const list: unknown = value('allowSudo', []);
    return Array.isArray(list) ? list.filter((host) => typeof host === 'string') : [];
  },
  /** Path of the SSH configuration file; empty: the usual one. */
  get sshConfigFile(): string {
    return text('ssh.configFile', '');
  },
  /** The ssh program that resolves the configuration; empty: the one on PATH. */
  get sshPath(): string {
    return text('ssh.path', '');
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

/** Calls `listener` when a setting of ours has changed. */
export function onSettingsChanged(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('remoteMemory')) listener();
  });
}

function configuration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('remoteMemory');
}

function value(name: string, fallback: unknown): unknown {
  return configuration().get<unknown>(name, fallback);
}

function text(name: string, fallback: string): string {
  const found = value(name, fallback);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : fallback;
}

function number(name: string, fallback: number, min: number, max: number): number {
  const found = value(name, fallback);
  return typeof found === 'number' && Number.isFinite(found) ? Math.min(max, Math.max(min, found)) : fallback;
}
