import { printable } from '../proc/printable';
import type { Translate } from '../translate';

/** So many names stand in a sentence. */
const mostNamed = 10;

/** Names of the host's as part of a sentence: `“web”, “db”, and 3 more`. */
export function namesText(names: readonly string[], t: Translate): string {
  const more = names.length - mostNamed;
  const shown = names.slice(0, mostNamed).map((name) => `“${hostText(name)}”`);
  return [...shown, ...(more > 0 ? [t('and {0} more', more)] : [])].join(', ');
}

/** A longer name of a container or process tells nobody more. */
const longestName = 80;

/**
 * A text of the host's as part of one line: control characters and those that hide or reorder text become `?`, and what is
 * too long is cut with an ellipsis.
 */
export function hostText(text: string, most = longestName): string {
  const clean = printable(text, most + 1)
    .replace(/\p{Surrogate}/gu, '?')
    .trim();
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
}
