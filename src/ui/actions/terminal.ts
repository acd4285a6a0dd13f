import * as vscode from 'vscode';
import { localTarget } from '../../transport/transportTo';
import type { AttachedHost } from '../hosts';
import { settings } from '../settings';
import { sshCommand } from './sshCommand';

/** Opens a terminal on a host with this machine's own ssh; on this machine itself, a shell. */
export function openTerminal({ target, label }: AttachedHost): void {
  const options = target === localTarget ? {} : sshCommand(target, settings.sshPath, settings.sshConfigFile);
  vscode.window.createTerminal({ name: label, ...options }).show();
}
