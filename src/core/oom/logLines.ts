import { maxLineLength } from './envelopeReader';

/** Cuts a text that comes in pieces into its lines. A line longer than any record of a log is told cut, its rest is dropped. */
export class LogLines {
  private rest = '';
  private cut = 0;

  /** @param onLine gets each line without its line feed. */
  constructor(private readonly onLine: (line: string) => void) {}

  /** How many lines were cut. */
  get cutLines(): number {
    return this.cut;
  }

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      if (this.rest === '') this.tell(text, start, end);
      else {
        this.keep(text, start, end);
        const line = this.rest;
        this.rest = '';
        this.tell(line, 0, line.length);
      }
      start = end + 1;
    }
    this.keep(text, start, text.length);
  }

  /** The text is complete. */
  end(): void {
    const line = this.rest;
    this.rest = '';
    if (line !== '') this.tell(line, 0, line.length);
  }

  private keep(text: string, start: number, end: number): void {
    // One character more than is told, to know that it was cut.
    const room = maxLineLength + 1 - this.rest.length;
    if (room > 0 && end > start) this.rest += text.slice(start, Math.min(end, start + room));
  }

  private tell(text: string, start: number, end: number): void {
    const last = Math.min(end, start + maxLineLength);
    if (last < end) this.cut++;
    this.onLine(text.slice(start, last));
  }
}
