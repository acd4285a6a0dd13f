import * as vscode from 'vscode';
import { plainText } from './plainText';

/** Shows an information until the function that it gives is called, e.g. that a FIDO key waits to be touched. */
export function showNotice(text: string): () => void {
  let hide: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (hide = resolve));
  const options = { location: vscode.ProgressLocation.Notification, title: plainText(text) };
  void vscode.window.withProgress(options, () => over);
  return () => hide();
}
