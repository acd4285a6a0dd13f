import { ParseError } from './source';

/** One line of a source's text with its 1-based number, for error messages. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

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

/**
 * Reads a counter or a size: decimal digits only, below 2^53 after it is multiplied by `unit`.
 * Kernels have printed differences that fell below zero as 2^64 - n; such a number is refused, not drawn.
 * @throws {ParseError}
 */
export function countOf(source: string, line: Line, word: string | undefined, unit = 1): number {
  if (word === undefined || !/^\d+$/.test(word)) {
    throw new ParseError(source, line.number, line.text, 'not a whole number');
  }
  const value = Number(word) * unit;
  if (value > Number.MAX_SAFE_INTEGER) {
    throw new ParseError(source, line.number, line.text, 'number out of range');
  }
  return value;
}

/**
 * Reads a number with decimals, e.g. a load or a percentage; never negative.
 * @throws {ParseError}
 */
export function decimalOf(source: string, line: Line, word: string | undefined): number {
  if (word === undefined || !/^\d+(\.\d+)?$/.test(word)) {
    throw new ParseError(source, line.number, line.text, 'not a decimal number');
  }
  return Number(word);
}
