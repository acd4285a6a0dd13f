import { textOfBytes } from './utf8';

/**
 * Undoes the escapes of /dev/kmsg (`\x0a`), which stand for bytes of UTF-8. Control characters other than newline and
 * tab stay escaped, as dmesg leaves them; a byte that is no UTF-8 becomes U+FFFD.
 */
export function unescapeBytes(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/(?:\\x[0-9a-f]{2})+/g, (run) => {
    const bytes = run
      .split('\\x')
      .slice(1)
      .map((hex) => parseInt(hex, 16));
    return textOfBytes(bytes).replace(controls, escape);
  });
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\x00-\x08\x0b-\x1f\x7f]/g;

function escape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The first line of the kernel's memory.stat, which 5.3 to 6.3 print as one record with the others. */
const statistics = /^[a-z_]{2,40} \d{1,20}(?=\\x0a)/;

/**
 * rsyslog writes a line feed as `#012`, and some forms keep the `\x0a` of /dev/kmsg. A name of a process may hold such letters
 * as well, so that they count where they are sure to be a line feed.
 * @param syslog whether the text was in an envelope of syslog.
 */
export function unescapeLineFeeds(text: string, syslog: boolean): string {
  if (syslog && text.includes('#012')) return text.replaceAll('#012', '\n');
  if (!text.includes('\\x0a') || !statistics.test(text.slice(0, 80))) return text;
  return text.replaceAll('\\x0a', '\n');
}
