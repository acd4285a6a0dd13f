import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EnvelopeReader } from '../../src/core/oom/envelopeReader';
import type { LogRecord } from '../../src/core/oom/logRecord';
import { OomReader } from '../../src/core/oom/reader';

/** How the lines look: `[   97.161030] text`, or `Nov 23 08:15:02 web-1 kernel: [   97.161030] text` among lines of programs. */
export type Form = 'dmesg' | 'syslog';

export interface GeneratedLog {
  readonly form: Form;
  readonly bytes: number;
  readonly events: number;
  readonly seed: number;
}

/** Reports of the corpus that tell one event with one victim, without their envelopes. */
export function reportsOf(corpus: string): LogRecord[][] {
  return readdirSync(corpus, { recursive: true, encoding: 'utf8' })
    .filter((file) => /[\\/](?:kmsg|dmesg)\.txt$/.test(file))
    .sort()
    .map((file) => recordsOf(readFileSync(join(corpus, file), 'utf8')))
    .filter(
      (records) => records.every(({ kernelTimeMs }) => kernelTimeMs !== undefined) && tellsOneVictim(records),
    );
}

function recordsOf(text: string): LogRecord[] {
  const records: LogRecord[] = [];
  const reader = new EnvelopeReader((record) => records.push(record));
  for (const line of text.split('\n')) reader.push(line);
  reader.end();
  return records;
}

function tellsOneVictim(records: readonly LogRecord[]): boolean {
  const victims = new Map<string, number>();
  const reader = new OomReader((event) => victims.set(event.id, event.victims.length));
  for (const record of records) reader.take(record);
  reader.end();
  return victims.size === 1 && [...victims.values()][0] === 1;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes a log with reports of the corpus at even distances among other lines. */
export function writeLog(path: string, log: GeneratedLog, reports: readonly (readonly LogRecord[])[]): void {
  const random = randomNumbers(log.seed);
  const file = openSync(path, 'w');
  try {
    let written = 0;
    let seconds = 1;
    let events = 0;
    while (written < log.bytes || events < log.events) {
      const lines: string[] = [];
      const add = (text: string, writer: string): void => {
        seconds += random() / 100;
        lines.push(lineOf(log.form, seconds, writer, text));
      };
      if (events < log.events && written >= (events / log.events) * log.bytes) {
        // In turn: the same process is not killed twice within seconds.
        for (const { text } of reports[events % reports.length] ?? []) add(text, 'kernel');
        events++;
      }
      for (let count = 0; count < 50; count++) {
        const [writer, text] = unrelated(log.form, random);
        add(text, writer);
      }
      written += writeSync(file, lines.join(''));
    }
  } finally {
    closeSync(file);
  }
}

function lineOf(form: Form, seconds: number, writer: string, text: string): string {
  const stamp = `[${seconds.toFixed(6).padStart(12)}] `;
  const own = form === 'dmesg' ? stamp : '';
  const indent = ' '.repeat(own.length || 16);
  const whole = text.replaceAll('\n', form === 'dmesg' ? `\n${indent}` : '#012');
  if (form === 'dmesg') return `${own}${whole}\n`;
  const clock = new Date(Date.UTC(2026, 10, 1) + seconds * 1000).toISOString().slice(11, 19);
  const day = String(1 + (Math.floor(seconds / 86_400) % 28)).padStart(2);
  return `Nov ${day} ${clock} web-1 ${writer}: ${writer === 'kernel' ? stamp : ''}${whole}\n`;
}

const ofKernel = [
  'usb 1-1: new high-speed USB device number # using xhci_hcd',
  'EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: (null)',
  'audit: type=1400 audit(#.123:45): apparmor="STATUS" operation="profile_load" profile="unconfined" pid=#',
  'IPv6: ADDRCONF(NETDEV_CHANGE): eth#: link becomes ready',
  '[UFW BLOCK] IN=eth0 OUT= MAC=00:16:3e:aa:bb:cc SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TTL=64 ID=# PROTO=TCP SPT=# DPT=80',
  'docker0: port #(veth1a2b3c4) entered blocking state',
];

const ofPrograms = [
  [
    'sshd[#]',
    'Accepted publickey for root from 10.0.2.2 port # ssh2: ED25519 SHA256:uwvIEXO/F7KdYe9wv7f4pqUml4B6RaGf',
  ],
  ['systemd[1]', 'Started Session # of user root.'],
  ['CRON[#]', '(root) CMD (   cd / && run-parts --report /etc/cron.hourly)'],
  [
    'dockerd[#]',
    'time="2026-11-23T08:15:02.123456789Z" level=info msg="ignoring event" container=abcdef module=libcontainerd',
  ],
  ['java[#]', 'java.lang.OutOfMemoryError: Java heap space'],
] as const;

/** A line of a log that has nothing to do with a kill. */
function unrelated(form: Form, random: () => number): [writer: string, text: string] {
  const filled = (text: string): string => text.replaceAll('#', () => String(Math.floor(random() * 10_000)));
  const pick = random();
  if (form === 'dmesg' || pick < 0.3)
    return ['kernel', filled(ofKernel[Math.floor(random() * ofKernel.length)] ?? '')];
  const [writer, text] = ofPrograms[Math.floor(random() * ofPrograms.length)] ?? ofPrograms[0];
  return [filled(writer), filled(text)];
}

/** Lines of syslog by programs and the kernel, without a kill. */
export function unrelatedSyslog(bytes: number, seed: number): string {
  const random = randomNumbers(seed);
  const lines: string[] = [];
  for (let length = 0, seconds = 1; length < bytes; seconds += random() / 100) {
    const [writer, text] = unrelated('syslog', random);
    const line = lineOf('syslog', seconds, writer, text);
    lines.push(line);
    length += line.length;
  }
  return lines.join('');
}
