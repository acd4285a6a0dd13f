import type { CommandChannel, Connection } from '../transport/connection';
import { cleanText } from '../transport/cleanText';
import { pause } from './pause';

/** Where the kernel's messages come from on a host, or why they cannot be had. */
export type KernelLogState =
  | { readonly kind: 'reading'; readonly from: 'kmsg' | 'journal' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'ended'; readonly reason: string };

/*
 * Follows the kernel log: /dev/kmsg gives the ring buffer and then each new record. One reader is started and stays. A
 * `cat` that waits for the next kernel message would outlive the connection, so a shell beside it waits for end-of-file
 * on the channel, which comes when the connection ends for whatever reason, and ends the reader. (Commands in the
 * background have /dev/null as standard input, therefore the detour by descriptor 3.)
 *
 * Opening /dev/kmsg is what dmesg_restrict refuses, so it is tried in a subshell. journalctl answers everybody, but
 * only with their own messages unless a system journal is readable.
 */
const follow = (from: string, reader: string): string =>
  `echo "log ${from}"; exec 3<&0; ${reader} & p=$!; ` +
  `(while read -r x <&3; do :; done; kill $p) 2>/dev/null & wait $p; kill $! 2>/dev/null`;
/** What is run with `sudo -n sh -c`, where that is allowed. */
export const fromKmsg = follow('kmsg', 'cat /dev/kmsg');
const fromJournal = follow('journal', 'journalctl -k -f -n 5000 -o short-monotonic --no-pager');
const findSource =
  `if (: </dev/kmsg) 2>/dev/null; then ${fromKmsg}; exit; fi; ` +
  `for j in /var/log/journal/*/system.journal /run/log/journal/*/system.journal; do ` +
  `if [ -r "$j" ] && command -v journalctl >/dev/null 2>&1; then ${fromJournal}; exit; fi; done; `;
const withSudo = `if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then exec sudo -n sh -c '${fromKmsg}'; fi; `;

/** @param sudo whether the user allowed `sudo -n` on this host. */
function command(sudo: boolean): string {
  // A line feed first: a login script may have printed a title without one.
  const script = `echo; ${findSource}${sudo ? withSudo : ''}echo "log denied"`;
  return `exec sh -c '${script.replaceAll("'", `'"'"'`)}'`;
}

const maxLineBytes = 64 * 1024;

/** How long after the end of the command its output is waited for, in ms; a child that it left behind may hold it open. */
const lastWordsMs = 1000;

/** The kernel log of a host on a channel of its own: whole lines, as they come. */
export class KernelLog {
  private rest = '';
  private source: 'kmsg' | 'journal' | undefined;
  private denied = false;

  private constructor(
    private readonly channel: CommandChannel,
    private readonly onLine: (line: string) => void,
    private readonly onState: (state: KernelLogState) => void,
  ) {
    channel.stream.setEncoding('utf8');
    channel.stream.on('data', (text: string) => this.read(text));
    channel.stream.on('error', () => undefined); // `exit` tells
    const read = new Promise<void>((resolve) => {
      channel.stream.once('end', resolve).once('close', resolve);
    });
    // The end of the command may be told before its last words are read.
    const bothEnded = channel.exit.then(() => Promise.race([read, pause(lastWordsMs)]));
    void bothEnded.then(() => {
      if (!this.denied) this.onState({ kind: 'ended', reason: cleanText(channel.stderr(), 200) });
    });
  }

  /** @throws {ConnectionError} where the channel is refused. */
  static async open(
    connection: Connection,
    options: {
      sudo: boolean;
      onLine: (line: string) => void;
      onState: (state: KernelLogState) => void;
    },
  ): Promise<KernelLog> {
    return new KernelLog(await connection.exec(command(options.sudo)), options.onLine, options.onState);
  }

  close(): void {
    this.channel.close();
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = (lines.pop() ?? '').slice(0, maxLineBytes);
    for (const line of lines) this.line(line.slice(0, maxLineBytes));
  }

  private line(line: string): void {
    if (this.source) this.onLine(line);
    else if (line === 'log kmsg' || line === 'log journal') {
      this.source = line === 'log kmsg' ? 'kmsg' : 'journal';
      this.onState({ kind: 'reading', from: this.source });
    } else if (line === 'log denied') {
      this.denied = true;
      this.onState({ kind: 'denied' });
    }
  }
}
