import { present } from './present';

/** One record of the kernel log without its envelope. */
export interface LogLine {
  /** The message. A record of several lines is one text with `\n` in it where the envelope keeps them together. */
  readonly text: string;
  /** Whole milliseconds since boot on the kernel's log clock, which stands still during suspend. */
  readonly kernelTimeMs?: number;
  /** The kernel's number of the record; only /dev/kmsg tells. */
  readonly seq?: number;
  /** Task (`T123`) or processor (`C1`) that printed it, where the kernel says so (CONFIG_PRINTK_CALLER, 5.1+). */
  readonly caller?: string;
  /** False for what a program wrote into the log. True also where the form does not tell (plain dmesg). */
  readonly fromKernel: boolean;
}

/**
 * Takes one line of a kernel log out of its envelope, which is chosen by the shape of the line: /dev/kmsg records,
 * `journalctl -k -o short-monotonic`, dmesg with time stamps; any other line is its own text.
 * @returns undefined for a line that belongs to the record before it.
 */
export function readLogLine(line: string): LogLine | undefined {
  if (isContinuation(line)) return undefined;
  return (
    readKmsgRecord(line) ?? readJournalLine(line) ?? readDmesgLine(line) ?? { text: line, fromKernel: true }
  );
}

/** ` SUBSYSTEM=pci` after a /dev/kmsg record, and the further lines of a message, which dmesg and journalctl indent. */
function isContinuation(line: string): boolean {
  return line.startsWith(' ');
}

/** Documentation/ABI/testing/dev-kmsg: priority, sequence number, microseconds, flags and perhaps more; then the text. */
const kmsgPrefix = /^(\d{1,10}),(\d{1,20}),(\d{1,20}),([^;]{0,200});/;

/** `6,879,6789600498,-;memory: usage 65536kB`; since 5.1 `…,-,caller=T123;…`. */
function readKmsgRecord(line: string): LogLine | undefined {
  const match = kmsgPrefix.exec(line);
  if (match === null) return undefined;
  const [prefix, priority = '', seq = '', microseconds = '', fields = ''] = match;
  const caller = /(?:^|,)caller=([TC]\d{1,10})(?:,|$)/.exec(fields)?.[1];
  return present<LogLine>({
    text: unescape(line.slice(prefix.length)),
    kernelTimeMs: Math.floor(Number(microseconds) / 1000),
    seq: Number(seq),
    caller,
    // priority = facility * 8 + level; only the kernel itself can write facility 0.
    fromKernel: Number(priority) < 8,
  });
}

const timeStamp = /^\[ {0,12}(\d{1,12})\.(\d{6})\]/;

/** `[   97.161030] host kernel: text`; another word than `kernel` is a program that wrote into the log. */
function readJournalLine(line: string): LogLine | undefined {
  const time = timeStamp.exec(line);
  if (time === null) return undefined;
  const rest = line.slice(time[0].length);
  const match = /^ ([^\s:[\]]{1,255}) ([^\s:[\]]{1,255})(\[\d{1,10}\])?: /.exec(rest);
  if (match === null) return undefined;
  const [prefix, , identifier, pid] = match;
  // A dmesg line may have two words and a colon too (`[    1.0] Memory policy: …`): only the journal's own marks count.
  if (identifier !== 'kernel' && pid === undefined) return undefined;
  return {
    text: rest.slice(prefix.length),
    kernelTimeMs: milliseconds(time),
    fromKernel: identifier === 'kernel',
  };
}

/** `[   97.161030] text`, with CONFIG_PRINTK_CALLER `[   97.161030][  T123] text`. */
function readDmesgLine(line: string): LogLine | undefined {
  const time = timeStamp.exec(line);
  if (time === null) return undefined;
  const rest = line.slice(time[0].length);
  const caller = /^\[ {0,10}([TC]\d{1,10})\]/.exec(rest);
  const text = rest.slice(caller?.[0].length ?? 0);
  return present<LogLine>({
    text: text.startsWith(' ') ? text.slice(1) : text,
    kernelTimeMs: milliseconds(time),
    caller: caller?.[1],
    fromKernel: true,
  });
}

function milliseconds([, seconds = '', microseconds = '']: RegExpExecArray): number {
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

/**
 * Undoes the escapes of /dev/kmsg (`\x0a`), which stand for bytes of UTF-8. Control characters other than newline and
 * tab stay escaped, as dmesg leaves them; a byte that is no UTF-8 becomes U+FFFD.
 */
function unescape(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/(?:\\x[0-9a-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run.replaceAll('\\x', '%')).replace(controls, escape);
    } catch {
      return run.replace(/\\x(..)/g, (whole, hex: string) => {
        const byte = parseInt(hex, 16);
        return byte > 0x7f ? '\ufffd' : String.fromCharCode(byte).replace(controls, whole);
      });
    }
  });
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\x00-\x08\x0b-\x1f\x7f]/g;

function escape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
