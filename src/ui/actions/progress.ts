import * as vscode from 'vscode';
import { formatDuration } from '../../core/units';
import { pause } from '../../monitor/pause';
import { plainText } from '../plainText';

/**
 * Says what is going on, with Cancel, where it takes longer than half a second: a healthy host answers in a moment, and a
 * notification that flashes by only hides others.
 * @throws {vscode.CancellationError} on Cancel.
 */
export async function soon<T>(title: string, work: () => Promise<T>): Promise<T> {
  const done = work();
  const over = new AbortController();
  const ended = done.then(
    () => over.abort(),
    () => over.abort(),
  );
  await pause(500, over.signal);
  if (over.signal.aborted) return done;
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title: plainText(title), cancellable: true }, (_, token) => {
    const cancelled = new Promise<never>((_resolve, reject) => {
      token.onCancellationRequested(() => reject(new vscode.CancellationError()));
    });
    return Promise.race([ended.then(() => done), cancelled]);
  });
}

/** Says which step it is at and how long it has taken, with Cancel. */
export async function withProgress<T>(
  title: string,
  work: (report: (step: string) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const startedAtMs = performance.now();
    let step = '';
    const show = (): void => {
      const seconds = Math.round((performance.now() - startedAtMs) / 1000);
      const message = seconds === 0 ? step : `${step} · ${formatDuration(seconds * 1000)}`;
      progress.report({ message: plainText(message) });
    };
    const clock = setInterval(show, 1000);
    try {
      return await work((text) => {
        step = text;
        show();
      }, abort.signal);
    } finally {
      clearInterval(clock);
    }
  });
}
