import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../../scripts/paths.mjs';

const journalRemote = '/lib/systemd/systemd-journal-remote';

/** Why no journal can be made here, in words; undefined where it can. */
export function journalObstacle(): string | undefined {
  return existsSync(journalRemote) ? undefined : `there is no ${journalRemote}`;
}

/** A line of a log. */
export interface LogEntry {
  /** µs since its boot. */
  readonly microseconds: number;
  readonly text: string;
  /** Absent: the kernel. */
  readonly program?: string;
}

/** A boot with what was logged in it. */
export interface LoggedBoot {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly startMs: number;
  readonly entries: readonly LogEntry[];
}

/** The kernel's records of a report that was recorded: a global kill of pid 882, jupyter-noteboo, 85.283745 s after the boot, or later. */
export function reportEntries(laterSeconds = 0): LogEntry[] {
  const file = path.join(root, 'test', 'fixtures', 'oom', 'global-plain', 'kmsg.txt');
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, microseconds, text] = /^\d+,\d+,(\d+),[^;]*;(.*)$/.exec(line) ?? [];
      return microseconds === undefined || text === undefined
        ? []
        : [
            {
              microseconds: Number(microseconds) + laterSeconds * 1_000_000,
              text: text.replaceAll('\\x0a', '\n'),
            },
          ];
    });
}

/** So many records that tell nothing of a kill. */
export function quietEntries(count: number): LogEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    microseconds: 1_000_000 + index * 1000,
    text: `usb 1-${index % 9}: new high-speed USB device number ${index} using xhci_hcd`,
  }));
}

/** Makes `FOLDER/journal/MACHINE/system.journal` of these boots. */
export function writeJournal(folder: string, machineId: string, boots: readonly LoggedBoot[]): void {
  const target = path.join(folder, 'journal', machineId);
  mkdirSync(target, { recursive: true });
  const text = boots.flatMap(({ id, startMs, entries }) =>
    entries.map(({ microseconds, text, program }) =>
      Buffer.concat([
        Buffer.from(
          [
            `__REALTIME_TIMESTAMP=${startMs * 1000 + microseconds}`,
            `__MONOTONIC_TIMESTAMP=${microseconds}`,
            `_BOOT_ID=${id}`,
            `_MACHINE_ID=${machineId}`,
            '_HOSTNAME=old',
            ...(program === undefined
              ? [
                  '_TRANSPORT=kernel',
                  'SYSLOG_IDENTIFIER=kernel',
                  `_SOURCE_MONOTONIC_TIMESTAMP=${microseconds}`,
                ]
              : ['_TRANSPORT=stdout', `SYSLOG_IDENTIFIER=${program}`]),
            'PRIORITY=4',
            '',
          ].join('\n'),
        ),
        exportedField('MESSAGE', text),
        Buffer.from('\n'),
      ]),
    ),
  );
  const exported = path.join(folder, 'exported');
  writeFileSync(exported, Buffer.concat(text));
  execFileSync(journalRemote, ['-o', path.join(target, 'system.journal'), exported], { stdio: 'ignore' });
}

/** Any text, as systemd.io/JOURNAL_EXPORT_FORMATS has it: with its length. */
function exportedField(name: string, text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
}

/** The lines as rsyslog writes them of old, in UTC. */
export function syslogText({ startMs, entries }: LoggedBoot): string {
  const stamp = (ms: number): string => {
    const date = new Date(ms);
    const month = date.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
    return `${month} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)}`;
  };
  return entries
    .map(({ microseconds, text, program = 'kernel' }) => {
      const kernelTime = `[${(microseconds / 1_000_000).toFixed(6).padStart(12)}] `;
      return `${stamp(startMs + microseconds / 1000)} old ${program}: ${program === 'kernel' ? kernelTime : ''}${text.replaceAll('\n', '#012')}\n`;
    })
    .join('');
}

/** Makes a file in the folder, packed where its name says so. */
export function writeLog(folder: string, name: string, text: string): void {
  const file = path.join(folder, name);
  if (name.endsWith('.gz')) writeFileSync(file, gzipSync(text));
  else if (name.endsWith('.xz') || name.endsWith('.zst')) {
    const [program, ...args] = name.endsWith('.xz') ? ['xz', '-c'] : ['zstd', '-qc'];
    writeFileSync(file, execFileSync(program, args, { input: text, maxBuffer: 64 << 20 }));
  } else writeFileSync(file, text);
}
