/** What stands before a number, with its file, where the number is no counter: it goes up and down. */
const levels = [
  /^proc\/(meminfo|loadavg) /,
  /^proc\/vmstat nr_/,
  /^proc\/stat procs_/,
  /^proc\/pressure\/\w+ .*avg\d+=$/,
  /^proc\/diskstats +\d+ +\d+ \S+( \d+){8} $/,
];

interface MovingNumber {
  readonly before: number;
  readonly after: number;
  readonly isLevel: boolean;
  readonly decimals: number;
  /** The kernel fills some numbers up with blanks. */
  readonly width: number;
}

/** One file of the kernel at two moments, from which it moves on: counters keep their pace, levels go to and fro. */
export class MovingText {
  private readonly parts: readonly (string | MovingNumber)[];

  /**
   * @param path of the file, without the leading slash.
   * @throws {Error} where the two texts differ in more than numbers.
   */
  constructor(path: string, before: string, after: string) {
    const parts = numbersIn(before);
    const others = numbersIn(after);
    let line = '';
    this.parts = parts.map((text, index) => {
      const other = others[index];
      const start = `${path} ${line}`;
      line = `${line}${text}`.replace(/^.*\n/s, '');
      if (text.trim() === other?.trim()) return text;
      if (index % 2 === 0 || other === undefined) throw new Error(`${path} differs: ${text}, ${other ?? ''}`);
      return {
        before: Number(text),
        after: Number(other),
        isLevel: levels.some((level) => level.test(start)),
        decimals: text.split('.')[1]?.length ?? 0,
        width: text.length,
      };
    });
  }

  /** @param moment 0: the first of the two, 1: the second. */
  at(moment: number): string {
    const toAndFro = 1 - Math.abs(1 - (moment % 2));
    return this.parts
      .map((part) => {
        if (typeof part === 'string') return part;
        const { before, after, isLevel, decimals, width } = part;
        const value = before + (after - before) * (isLevel ? toAndFro : moment);
        return value.toFixed(decimals).padStart(width);
      })
      .join('');
  }
}

/** Text and numbers by turns, text first. Blanks before a number are part of it, but for the one that parts it. */
function numbersIn(text: string): string[] {
  return text.split(/((?:(?<= ) +)?\d+(?:\.\d+)?)/);
}
