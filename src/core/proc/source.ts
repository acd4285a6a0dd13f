/** One line of a source's text. */
export interface Line {
  /** 1-based, within the captured text. */
  readonly number: number;
  readonly text: string;
}

/** Is told each value that cannot be, e.g. a size below zero, and why. The value is undefined and the rest stays. */
export type Refuse = (line: Line, reason: string) => void;

/**
 * One text file of the kernel that is collected, and how it is read.
 *
 * Reading (on the host) and parsing (here) are apart: the remote program sends the lines that `keep` and `drop` choose,
 * unaltered; `parse` accepts such a subset and the whole file alike.
 */
export interface Source<T> {
  /** Path on the host without the leading slash, e.g. `proc/meminfo`. It is also the key in {@link Capture.text}. */
  readonly path: string;
  /** First fields of the lines wanted (`MemTotal:`); absent: every line. */
  readonly keep?: readonly string[];
  /** Extended regular expression of lines that are left out on the host, e.g. RAM disks. */
  readonly drop?: string;
  /**
   * Turns the file's text into facts. An unknown key is ignored, a missing one leaves its field undefined, and so does
   * a value that cannot be, which is told to `refuse`.
   * @throws {ParseError} where the text is not this file at all, or lacks what the rest means nothing without.
   */
  parse(text: string, refuse: Refuse): T;
}

/** For a log or a bug report: `proc/meminfo:12: out of range: SwapFree: 18446744073709551360 kB`. */
export function refusalText(path: string, line: Line, reason: string): string {
  return `${path}:${line.number}: ${reason}: ${line.text.slice(0, 120)}`;
}

/** A text that is not what its source says it is. Names the source and the line, for a bug report. */
export class ParseError extends Error {
  constructor(
    readonly source: string,
    /** 1-based number of the line within the captured text; 0 when the text as a whole is meant. */
    readonly line: number,
    text: string,
    reason: string,
  ) {
    super(refusalText(source, { number: line, text }, reason));
    this.name = 'ParseError';
  }
}
