import type { LogRecord } from '../logRecord';
import { journalRecord } from './journal';

/** Fields beyond these are not kept; a line of the log is bounded by itself. */
const mostFields = 200;
const longestMessage = 64 * 1024;

const assignment = /^([A-Z_][A-Z0-9_]{0,63})=/;
const nameAlone = /^[A-Z_][A-Z0-9_]{0,63}$/;

/** `Mon 2026-11-23 08:15:02.123456 UTC [s=1ef9…;i=3a3;b=d203…;m=5ca1;t=660e;x=9520]`. */
const verboseHeader =
  / \[s=[0-9a-f]{1,32};i=[0-9a-f]{1,16};b=([0-9a-f]{1,32});m=[0-9a-f]{1,16};t=([0-9a-f]{1,16});/;

/**
 * Entries of the journal with a field a line: `journalctl -o export` (https://systemd.io/JOURNAL_EXPORT_FORMATS) and
 * `-o verbose`. A field of several lines is, in export, its name, its length in eight bytes, and its bytes.
 */
export class JournalTextReader {
  private fields: Map<string, string> | undefined;
  /** The field of several lines that is being read. */
  private name: string | undefined;
  private form: 'export' | 'verbose' = 'export';

  constructor(private readonly onRecord: (record: LogRecord) => void) {}

  /** @param line not cleaned: the bytes of a length may be any. @returns false for a line that is no part of an entry. */
  take(line: string): boolean {
    if (this.fields === undefined) return this.begin(line);
    if (line === '' && !this.isLength()) {
      this.end();
      return true;
    }
    if (this.form === 'verbose') return this.takeVerbose(line);
    if (this.takeAssignment(line)) return true;
    if (this.name !== undefined) {
      this.append(line);
      return true;
    }
    if (nameAlone.test(line)) {
      this.name = line;
      return true;
    }
    this.end();
    return this.begin(line);
  }

  end(): void {
    const { fields } = this;
    this.fields = undefined;
    this.name = undefined;
    const record = fields && journalRecord(Object.fromEntries(fields));
    if (record !== undefined) this.onRecord(record);
  }

  private begin(line: string): boolean {
    if (line.charCodeAt(0) === 95 && /^__(?:CURSOR|REALTIME_TIMESTAMP)=/.test(line)) {
      this.form = 'export';
      this.fields = new Map();
      return this.takeAssignment(line);
    }
    // A weekday or a date, then the cursor in brackets.
    if (!line.endsWith(']') || !line.includes(' [s=')) return false;
    const header = verboseHeader.exec(line.slice(0, 300));
    if (header === null) return false;
    const [, bootId = '', microseconds = ''] = header;
    this.form = 'verbose';
    this.fields = new Map([
      ['_BOOT_ID', bootId],
      ['__REALTIME_TIMESTAMP', String(parseInt(microseconds, 16))],
    ]);
    return true;
  }

  /** Fields are indented; so is each further line of one, by more. */
  private takeVerbose(line: string): boolean {
    if (!line.startsWith(' ')) {
      this.end();
      return this.begin(line);
    }
    if (!this.takeAssignment(line.trimStart())) this.append(line.trimStart());
    return true;
  }

  private takeAssignment(line: string): boolean {
    const name = assignment.exec(line)?.[1];
    if (name === undefined) return false;
    this.name = this.form === 'verbose' ? name : undefined;
    // In verbose a line that begins so may be of a message; a field does not come twice.
    if (this.fields !== undefined && this.fields.size < mostFields && !this.fields.has(name))
      this.fields.set(name, line.slice(name.length + 1));
    return true;
  }

  /** The eight bytes of a length may hold a line feed: then the line ends before the text. */
  private isLength(): boolean {
    return this.form === 'export' && this.name !== undefined && !this.fields?.has(this.name);
  }

  private append(line: string): void {
    const { name, fields } = this;
    if (name === undefined || fields === undefined) return;
    const before = fields.get(name);
    // The high bytes of the length are 0, whatever the low ones have become in UTF-8.
    const text = before === undefined ? line.slice(line.slice(0, 8).lastIndexOf('\0') + 1) : line;
    if (before === undefined) {
      if (text !== '' && fields.size < mostFields) fields.set(name, text);
    } else if (before.length + text.length < longestMessage) fields.set(name, `${before}\n${text}`);
  }
}
