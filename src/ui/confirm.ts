import * as vscode from 'vscode';

/**
 * A modal question whose default answer harms nothing: VS Code gives the focus to the first button, so that one copies
 * what is to be checked and asks again. Escape and Cancel mean no.
 *
 * @param copy what the first button says and puts on the clipboard; where `over` is aborted by then, it does not ask again.
 * @param answers the buttons that go on.
 * @returns the button pressed; undefined: no.
 */
export async function confirm(
  message: string,
  detail: string,
  copy: { readonly label: string; readonly text: string; readonly over?: AbortSignal | undefined },
  ...answers: readonly string[]
): Promise<string | undefined> {
  for (;;) {
    const pick = await vscode.window.showWarningMessage(
      message,
      { modal: true, detail },
      copy.label,
      ...answers,
    );
    if (pick !== copy.label) return pick;
    await vscode.env.clipboard.writeText(copy.text);
    if (copy.over?.aborted) return undefined;
  }
}
