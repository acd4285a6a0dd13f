/** What VS Code makes an icon of: `$(trash)`, `$(sync~spin)`. */
const icons = /\$\([a-z0-9-]+(?:~[a-z]+)?\)/gi;
/** The middle of what it makes a link of, which may run a command: `[label](command:…)`. */
const links = /\]\((?=https?:\/\/|command:|file:)/gi;

/** Text that holds words of a host as it stands, for notifications: no link. */
export function plainText(text: string): string {
  return text.replace(links, ']\u2060('); // a word joiner: nobody sees it
}

/** The same for label, description and detail in a quick pick: no icon. */
export function plainLabel(text: string): string {
  return text.replace(icons, '\\$&');
}

/** The same for what an input box asks and refuses: neither. Its title, and modal dialogs, show text as it stands. */
export function plainPrompt(text: string): string {
  return plainLabel(plainText(text));
}

/** A name as Markdown that is no link, no HTML and no code; it stays readable in the plain document. */
export function plainMarkdown(text: string): string {
  return text.replace(/[\\`*[\]<>&|~]/g, '\\$&');
}
