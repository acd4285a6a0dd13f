import type { LogRecord } from '../logRecord';
import { newDraft, noteKernelTime } from './draft';
import { textOfBytes } from './utf8';

/** Fields by name, as the journal has them (systemd.journal-fields(7)), in whatever order. */
export type Fields = Readonly<Record<string, unknown>>;

/** @returns undefined for an entry without a message, or with one that journalctl left out (null: more than 4,096 bytes). */
export function journalRecord(fields: Fields): LogRecord | undefined {
  const text = messageOf(fields.MESSAGE);
  if (text === undefined) return undefined;
  const transport = word(fields._TRANSPORT);
  const identifier = word(fields.SYSLOG_IDENTIFIER) ?? word(fields._COMM);
  const host = word(fields._HOSTNAME);
  const bootId = word(fields._BOOT_ID);
  const level = number(fields.PRIORITY);
  const microseconds = number(fields.__REALTIME_TIMESTAMP);
  // The kernel's own clock; the journal's (`__MONOTONIC_TIMESTAMP`) tells when the record was read.
  const kernelMicroseconds = transport === 'kernel' ? number(fields._SOURCE_MONOTONIC_TIMESTAMP) : undefined;
  const record = newDraft();
  record.text = text;
  if (kernelMicroseconds !== undefined) noteKernelTime(record, kernelMicroseconds);
  if (microseconds !== undefined) record.wallMs = Math.floor(microseconds / 1000);
  if (bootId !== undefined) record.bootId = bootId;
  if (host !== undefined) record.host = host;
  if (level !== undefined) record.level = level;
  if (identifier !== undefined) record.identifier = identifier;
  // What a program writes into /dev/kmsg comes by the same way, in another facility.
  const facility = number(fields.SYSLOG_FACILITY) ?? 0;
  record.fromKernel =
    (transport ?? 'kernel') === 'kernel' && (identifier ?? 'kernel') === 'kernel' && facility === 0;
  return record;
}

/** A text; a list of bytes where it is not printable; a list of those where the field is there several times. */
function messageOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  if (items.some((item) => typeof item === 'number')) return textOfBytes(items);
  return items
    .map((item) => (Array.isArray(item) ? textOfBytes(item) : item))
    .find((item) => typeof item === 'string');
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined;
}

function number(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{1,16}$/.test(value)) return undefined;
  return Number(value);
}
