import { textOfBytes } from './utf8';

/** What shows in a line of a report that it is in the encoding: `=3D` is an equals sign, `=C2=A0` a no-break space, an equals sign at the end a cut. */
const signs =
  /(?:gfp_mask|constraint|nodemask|cpuset|mems_allowed|order)=3D|=C2=A0|(?:Kill(?:ed)? process \d{1,10} \(|\[ {1,4}pid {1,4}\] ).{0,200}=$/;

const header = /^content-transfer-encoding:\s{0,8}(\S{1,32})/i;

/** An equals sign that begins no escape, and is not the mark at the end of a line that goes on. */
const noEscape = /=(?![0-9A-F]{2}|$)/;

/**
 * Undoes the quoted-printable encoding (RFC 2045, 6.7) of mails that stand in a log as they were sent: archives of
 * mailing lists keep them so. Behind the header that says so all lines are in it, up to one in which an equals sign begins
 * no escape; without that header those that show it themselves, and behind them those that go on.
 */
export class QuotedPrintableReader {
  private mail = false;
  /** Whether a line showed it itself. */
  private shown = false;
  /** The line that goes on. */
  private begun: string | undefined;

  /** @param longest further lines are added to one only so far. */
  constructor(private readonly longest: number) {}

  /**
   * @param beginsRecord whether a line is in an envelope, so that it is no rest of another one, whatever that says of itself.
   * @returns the lines that are whole by now, without their escapes.
   */
  take(line: string, beginsRecord: (line: string) => boolean): readonly string[] {
    if (this.begun === undefined && !this.isEncoded(line)) return [line];
    if (this.begun !== undefined && beginsRecord(line))
      return [...this.end(), ...this.take(line, beginsRecord)];
    const text = line.trimEnd();
    if (noEscape.test(text)) {
      this.mail = false;
      return [...this.end(), line];
    }
    const goesOn = text.endsWith('=');
    this.begun = (this.begun ?? '') + (goesOn ? text.slice(0, -1) : text);
    return goesOn && this.begun.length < this.longest ? [] : this.end();
  }

  /** @returns the line that was to go on, where nothing follows. */
  end(): readonly string[] {
    const { begun } = this;
    this.begun = undefined;
    return begun === undefined ? [] : [decoded(begun)];
  }

  private isEncoded(line: string): boolean {
    const encoding = mayBeHeader(line) ? header.exec(line)?.[1] : undefined;
    if (encoding === undefined) {
      const shows = mayShow(line) && signs.test(line.slice(0, 1000));
      this.shown ||= shows;
      return this.mail || shows || (this.shown && line.endsWith('='));
    }
    this.mail = encoding.toLowerCase() === 'quoted-printable';
    return false;
  }
}

function mayBeHeader(line: string): boolean {
  const first = line.charCodeAt(0);
  // C, c
  return (first === 67 || first === 99) && line.length < 100;
}

/** Nearly all lines are told by this. */
function mayShow(line: string): boolean {
  return line.includes('=3D') || line.includes('=C2=A0') || line.endsWith('=');
}

function decoded(text: string): string {
  return text.replace(/(?:=[0-9A-F]{2})+/g, (run) =>
    textOfBytes(
      run
        .split('=')
        .slice(1)
        .map((hex) => parseInt(hex, 16)),
    ),
  );
}
