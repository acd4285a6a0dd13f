import { indentOf, openBehind, openEnvelope } from './envelope';
import { Boots } from './envelopes/boots';
import { cleaned } from './envelopes/cleaned';
import { type JsonContent, JsonReader } from './envelopes/json';
import { JournalTextReader } from './envelopes/journalText';
import { unjoined } from './envelopes/joined';
import { QuotedPrintableReader } from './envelopes/quotedPrintable';
import { beginsReport } from './envelopes/marks';
import { isQuotationRest, isRowRest, isSizesRest, isUnfinished } from './envelopes/unfinished';
import { jointOf } from './envelopes/wrap';
import type { LogRecord } from './logRecord';

/** Longer lines are cut; the kernel's own records end at 8 KiB. */
export const maxLineLength = 64 * 1024;

/** dmesg and journalctl indent the further lines of a text by the width of the envelope. */
const leastIndent = 8;

/** A text with its further lines grows to this and no more. */
const maxTextLength = 64 * 1024;

/**
 * Takes the records of a log out of their envelopes, which it finds by looking at each line: dmesg and /dev/kmsg in all their
 * forms, the journal, syslog files, JSON, with what consoles, containers and mail programs add to them.
 *
 * A record is told when the next one begins, since lines may follow that belong to it. Only in the forms in which a log
 * is followed live (/dev/kmsg, `journalctl -o short-monotonic`) is it told at once.
 */
export class EnvelopeReader {
  private readonly boots = new Boots();
  private readonly json = new JsonReader((content) => this.takeJson(content));
  private readonly journalText = new JournalTextReader((record) => this.tell(record));
  private readonly mail = new QuotedPrintableReader(maxLineLength);
  /** The record that may go on. */
  private held: LogRecord | undefined;
  /** Whether the log has envelopes; of the last one what stood before it, and whether its record is a program's. */
  private enveloped = false;
  private lead = '';
  private ofProgram = false;

  constructor(private readonly onRecord: (record: LogRecord) => void) {}

  /** @param whole a line without its line feed. Never throws because of it. */
  push(whole: string): void {
    const bounded = whole.length > maxLineLength ? whole.slice(0, maxLineLength) : whole;
    for (const line of this.mail.take(bounded, beginsRecord)) this.takeWhole(line);
  }

  private takeWhole(line: string): void {
    if (this.journalText.take(line) || this.takeMark(line) || this.json.take(line)) {
      this.flush();
      return;
    }
    const text = cleaned(line);
    if (text !== '') for (const one of unjoined(text)) this.takeLine(one);
  }

  /** The log is complete. */
  end(): void {
    for (const line of this.mail.end()) this.takeWhole(line);
    this.json.end();
    this.journalText.end();
    this.flush();
  }

  private takeLine(line: string): void {
    const record = openEnvelope(line);
    if (record !== undefined) {
      this.takeRecord(record, line, 0);
      return;
    }
    const behind = openBehind(line);
    // What a program writes in several lines is indented, whatever it quotes.
    if (behind !== undefined && !(this.ofProgram && indentOf(line) > 0 && !line.startsWith(this.lead || '-')))
      this.takeRecord(behind.record, line, behind.at);
    else this.takeBare(line.startsWith(this.lead) ? line.slice(this.lead.length) : line);
  }

  /** @param at where the envelope begins: what is before it, a label or an indentation, is before further lines too. */
  private takeRecord(record: LogRecord, line: string, at: number): void {
    this.flush();
    this.enveloped = true;
    this.lead = at === 0 ? '' : line.slice(0, at);
    this.ofProgram = !record.fromKernel;
    if (isLive(record, line) && !goesOn(record.text)) this.tell(record);
    else this.held = record;
  }

  /** A line without an envelope: a further line of the record before, the rest of a wrapped one, or a record by itself. */
  private takeBare(line: string): void {
    const indent = indentOf(line);
    if (this.held !== undefined && isRowRest(this.held.text, line)) {
      this.append(` ${line.slice(indent)}`);
      return;
    }
    // A mail program puts a word that is too long into a line by itself.
    if (this.held?.text === '' && this.enveloped && indent === 0) {
      this.append(line);
      return;
    }
    if (this.held !== undefined && isQuotationRest(this.held.text, line)) {
      this.append(`\n${line}`);
      return;
    }
    if (this.held !== undefined && isSizesRest(this.held.text, line.slice(indent))) {
      this.append(`${jointOf(this.held.text, line)}${line.slice(indent)}`);
      return;
    }
    if (indent > 0 && this.enveloped) {
      if (this.ofProgram || indent >= leastIndent) {
        this.append(`\n${line.slice(indent)}`);
        return;
      }
      // ` SUBSYSTEM=pci` of /dev/kmsg, unless a report follows that was pasted with an indentation of its own.
      if (this.held === undefined && !beginsReport(line, indent)) return;
    }
    if (this.held !== undefined && isUnfinished(this.held.text, line.slice(indent))) {
      this.append(`${jointOf(this.held.text, line)}${line.slice(indent)}`);
      return;
    }
    this.flush();
    // Where a whole log is indented; one blank is the kernel's own.
    const text = indent >= 2 || line.startsWith('\t') ? line.slice(indent) : line;
    this.held = { text, fromKernel: true };
  }

  private append(text: string): void {
    const { held } = this;
    if (held === undefined || held.text.length + text.length > maxTextLength) return;
    this.held = { ...held, text: held.text + text };
  }

  /** `-- Boot 92645decb7cf40d98b1c8ef4152d5087 --`, `-- Reboot --`; other lines of journalctl about itself tell nothing. */
  private takeMark(line: string): boolean {
    if (!line.startsWith('-- ')) return false;
    const boot = /^-- (?:Boot ([0-9a-f-]{32,36})|Reboot) --\s*$/.exec(line.slice(0, 80));
    if (boot !== null) {
      this.flush();
      this.boots.mark(boot[1]);
    }
    return boot !== null || /^-- (?:Logs begin|Journal begins|No entries)/.test(line);
  }

  private takeJson(content: JsonContent): void {
    this.flush();
    if ('record' in content) this.tell(content.record);
    // A message of several lines is a text with envelopes of its own; each of them is bounded as any line is.
    else for (const line of content.nested.split('\n')) if (line !== '') this.takeLine(cleaned(line));
  }

  private flush(): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.tell(held);
  }

  private tell(record: LogRecord): void {
    const bootId = record.bootId ?? this.boots.bootId;
    if (bootId !== undefined) {
      this.onRecord(record.bootId === undefined ? { ...record, bootId } : record);
      return;
    }
    const boot = this.boots.of(record);
    this.onRecord(boot === undefined ? record : { ...record, boot });
  }
}

function beginsRecord(line: string): boolean {
  return openEnvelope(cleaned(line)) !== undefined;
}

/** In a form that the extension follows live, where to wait for the next record is to be late. */
function isLive({ seq, kernelTimeMs, host }: LogRecord, line: string): boolean {
  return seq !== undefined || (kernelTimeMs !== undefined && host !== undefined && line.startsWith('['));
}

/** Whether indented lines may follow: of the first block of Mem-Info, and of memory.stat in a report of 5.3 to 6.3. */
function goesOn(text: string): boolean {
  return text.startsWith('active_anon:') || (text.length < 64 && /^[a-z_]{2,40} \d{1,20}$/.test(text));
}
