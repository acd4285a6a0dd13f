import * as vscode from 'vscode';
import { cleanText } from '../transport/cleanText';
import { ConnectionError } from '../transport/connection';
import { plainText } from './plainText';

/** A failure the user can do something about: its message is all there is to say. */
export class UserError extends Error {}

/** What a command is wrapped in: a user's error is shown, a cancellation is silent, anything else offers the log. */
export async function showErrors(
  log: vscode.LogOutputChannel,
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return;
    if (error instanceof ConnectionError && error.remedy === 'cancelled') return;
    if (error instanceof UserError || error instanceof ConnectionError) {
      log.warn(error.message);
      void vscode.window.showErrorMessage(plainText(describeError(error)));
      return;
    }
    log.error(error instanceof Error ? error : String(error));
    const showLog = vscode.l10n.t('Show Log');
    const message = error instanceof Error ? error.message : String(error);
    const pick = await vscode.window.showErrorMessage(
      vscode.l10n.t('Unexpected: {0}', plainText(cleanText(message, 300))),
      showLog,
    );
    if (pick === showLog) log.show();
  }
}

/** One or two sentences: what happened and what to do. */
export function describeError(error: Error): string {
  return error instanceof ConnectionError && error.advice !== ''
    ? `${error.message} ${error.advice}`
    : error.message;
}
