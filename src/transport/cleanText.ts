/* eslint-disable no-control-regex -- control characters are what this is about */

/** Escape sequences (CSI, OSC and single-character ones) as a terminal would act on them. */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** Control and formatting characters that could hide or reorder text. */
const controls =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `text` without escape sequences and control characters; tabs and line feeds stay. */
export function stripControls(text: string): string {
  return text.replace(escapes, '').replace(controls, '');
}

/**
 * Text from a host, fit to be shown: escape sequences and control characters removed, line ends and runs of blanks
 * folded to one blank, cut to `max` characters with an ellipsis.
 */
export function cleanText(text: string, max: number): string {
  const clean = stripControls(text.slice(0, max * 8))
    .replace(/\s+/g, ' ')
    .trim();
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean;
}
