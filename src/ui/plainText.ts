/**
 * Text that holds words of a host, for notifications, dialogs and input boxes: there VS Code makes `[label](command:…)` a
 * link that runs a command, and `$(x)` an icon.
 */
export function plainText(text: string): string {
  return text.replaceAll('](', '] (').replaceAll('$(', '$ (');
}
