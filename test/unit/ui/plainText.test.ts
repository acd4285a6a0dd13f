import { describe, expect, it } from 'vitest';
import { plainLabel, plainPrompt, plainText } from '../../../src/ui/plainText';

/** How VS Code finds links and icons (its linkedText.ts and iconLabels.ts). */
const links = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
const icons = /(\\)?\$\(([A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/g;
const drawn = (text: string): string =>
  text.replace(icons, (icon: string, escaped?: string) => (escaped === undefined ? 'ICON' : icon.slice(1)));

const hostile = [
  '[a](command:workbench.action.quit)',
  '[a](HTTPS://example.com "title")',
  '$(trash) $(sync~spin) $(touch /tmp/x) \\$(trash) \\',
  `"'<b>x</b>` + '`id`',
];

describe.each(hostile)('%s', (text) => {
  it('is no link in a notification and is read as it is', () => {
    expect(plainText(text)).not.toMatch(links);
    expect(plainText(text).replaceAll('\u2060', '')).toBe(text);
  });
  it('is no icon in a quick pick and is drawn as it is', () => {
    expect(drawn(plainLabel(text))).toBe(text);
  });
  it('is neither in an input box', () => {
    const shown = drawn(plainPrompt(text));
    expect(shown).not.toMatch(links);
    expect(shown.replaceAll('\u2060', '')).toBe(text);
  });
});
