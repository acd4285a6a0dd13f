import type { Line, Refuse } from './source';

/** The lines of `text` that are not blank. */
export function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line }))
    .filter((line) => line.text.trim() !== '');
}

/** The fields of a line, separated by blanks as awk does. */
export function fieldsOf(line: Line): string[] {
  return line.text.trim().split(/\s+/);
}

/** The kernel writes blanks, tabs, newlines and backslashes of a name or path as octal numbers: `\040`. */
export function unescaped(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** `PID_MAX_LIMIT` (include/linux/threads.h): Linux has never more tasks. */
export const mostTasks = 4 * 1024 * 1024;

/**
 * Reads a counter or a size: decimal digits only. Kernels have printed differences that fell below zero as 2^64 - n;
 * such a number is refused, not drawn.
 * @param unit what the number is multiplied by.
 * @param most the greatest result that can be.
 * @returns undefined where it is refused.
 */
export function countOf(
  refuse: Refuse,
  line: Line,
  word: string | undefined,
  unit = 1,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  return within(refuse, line, word, /^\d+$/, unit, most);
}

/**
 * Reads a number with decimals, e.g. a load or a percentage; never negative.
 * @param most the greatest that can be.
 * @returns undefined where it is refused.
 */
export function decimalOf(
  refuse: Refuse,
  line: Line,
  word: string | undefined,
  most: number,
): number | undefined {
  return within(refuse, line, word, /^\d+(\.\d+)?$/, 1, most);
}

function within(
  refuse: Refuse,
  line: Line,
  word: string | undefined,
  form: RegExp,
  unit: number,
  most: number,
): number | undefined {
  if (word === undefined || !form.test(word)) {
    refuse(line, word === undefined ? 'a number is missing' : `not a number: ${word.slice(0, 24)}`);
    return undefined;
  }
  const value = Number(word) * unit;
  if (value <= most) return value;
  refuse(line, `out of range: ${word.slice(0, 24)}`);
  return undefined;
}
