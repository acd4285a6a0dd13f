/** Puts a text into the user's language, with values for `{0}`, `{1}` …; `vscode.l10n.t` is one. */
export type Translate = (text: string, ...args: (string | number)[]) => string;

/** The texts as they are, in English. */
export function english(text: string, ...args: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (place, index: string) => String(args[Number(index)] ?? place));
}
