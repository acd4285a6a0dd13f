/* eslint-disable no-control-regex -- control characters are what this is about */

/** Control characters, and formatting characters that hide or reorder text. */
const harmful = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A name or command line that any user of the host may have chosen: cut to `most` characters, and harmless characters in
 * place of those that would act on a terminal or a page; ps prints a `?` for them too.
 */
export function printable(text: string, most: number): string {
  return copyOf(text.slice(0, most)).replace(harmful, '?');
}

/** The same text, without the one that it was cut from: engines keep all of that for as long as a part of it is kept. */
function copyOf(text: string): string {
  return ` ${text}`.slice(1);
}
