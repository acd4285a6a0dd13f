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
   * Turns the file's text into facts. An unknown key is ignored, a missing one leaves its field undefined.
   * @throws {ParseError} where a known key is malformed, or where the text is not this file at all.
   */
  parse(text: string): T;
}

/** A text that is not what its source says it is. Names the source and the line, for a bug report. */
export class ParseError extends Error {
  constructor(
    readonly source: string,
    /** 1-based number of the line within the captured text; 0 when the text as a whole is meant. */
    readonly line: number,
    /** The offending text, cut to 120 characters. */
    readonly text: string,
    reason: string,
  ) {
    super(`${source}:${line}: ${reason}: ${text.slice(0, 120)}`);
    this.name = 'ParseError';
  }
}
