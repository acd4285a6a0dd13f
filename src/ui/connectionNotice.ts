import * as vscode from 'vscode';
import type { ConnectionError, Fix } from '../transport/connection';
import { describeError } from './describeError';
import { plainText } from './plainText';
import { useOpenSshFor } from './settings';

/** The host that an error is about, where it is known. */
interface FailedHost {
  readonly target: string;
  readonly monitor: { stop(): void; start(): void };
}

/** A button and what it does. */
interface Offer extends vscode.MessageItem {
  readonly act: () => Thenable<unknown>;
}

/**
 * Shows what happened and what to do, with a button for what can be done: the error's own way out first.
 * @param host reconnected by a way out that changes how it is reached; absent: such a one is not offered.
 */
export async function showConnectionError(error: ConnectionError, host?: FailedHost): Promise<void> {
  const offers: readonly Offer[] = [
    ...offersFor(error.fix, host),
    {
      title: vscode.l10n.t('Check Connection'),
      act: () => vscode.commands.executeCommand('remoteMemory.checkConnection', host?.target),
    },
    {
      title: vscode.l10n.t('Show Log'),
      act: () => vscode.commands.executeCommand('remoteMemory.showLog'),
    },
  ];
  const pick = await vscode.window.showErrorMessage(plainText(describeError(error)), ...offers);
  await pick?.act();
}

function offersFor(fix: Fix | undefined, host: FailedHost | undefined): Offer[] {
  switch (fix?.kind) {
    case undefined:
      return [];
    case 'use-openssh':
      if (!host) return [];
      return [{ title: vscode.l10n.t('Use System SSH'), act: () => useOpenSsh(host) }];
    case 'copy':
      return [
        {
          title: vscode.l10n.t('Copy Command'),
          act: () => vscode.env.clipboard.writeText(fix.text),
        },
      ];
    case 'open-file':
      return [{ title: vscode.l10n.t('Open File'), act: () => openFile(fix.path, fix.line) }];
  }
}

async function useOpenSsh({ target, monitor }: FailedHost): Promise<void> {
  await useOpenSshFor(target);
  monitor.stop();
  monitor.start();
}

/** @param line counts from 1. */
async function openFile(path: string, line: number | undefined): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}
