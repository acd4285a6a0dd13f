import * as vscode from 'vscode';
import { errorText } from '../core/errorText';
import { cleanText } from '../transport/cleanText';
import { ConnectionError } from '../transport/connection';
import { showConnectionError } from './connectionNotice';
import { plainText } from './plainText';

/** A failure the user can do something about: its message is all there is to say. */
export class UserError extends Error {}

/**
 * What a command is wrapped in: a user's error is shown, a connection's with a way out, a cancellation is silent, and
 * anything else offers the log.
 */
export async function showErrors(
  log: vscode.LogOutputChannel,
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return;
    if (error instanceof ConnectionError) {
      if (error.remedy === 'cancelled') return;
      log.warn(error.message);
      void showErrors(log, () => showConnectionError(error));
      return;
    }
    if (error instanceof UserError) {
      log.warn(error.message);
      void vscode.window.showErrorMessage(plainText(error.message));
      return;
    }
    log.error(error instanceof Error ? error : String(error));
    const showLog = vscode.l10n.t('Show Log');
    const message = errorText(error);
    const pick = await vscode.window.showErrorMessage(
      vscode.l10n.t('Unexpected: {0}', plainText(cleanText(message, 300))),
      showLog,
    );
    if (pick === showLog) log.show();
  }
}
