import type { OomEvent } from '../event';
import type { LogRecord } from '../logRecord';
import { Earlyoom } from './earlyoom';
import { KillerIds, type KillerLog } from './killerEvent';
import { Nohang } from './nohang';
import { Oomd } from './oomd';
import { Runtimes } from './runtimes';
import { SystemdOomd } from './systemdOomd';

/**
 * Finds the kills that programs tell of: systemd-oomd, earlyoom, nohang, oomd, and container runtimes. A record whose
 * envelope names another program is a quote of it (kubelet, node-problem-detector, the service manager) and counts for
 * nothing; where the envelope names nobody, only the whole shape of a killer's own message counts.
 *
 * An event is told at the latest with the program's next line, and told again, whole, under the same id when a later line
 * adds to it.
 */
export class UserSpaceKillers {
  private readonly logs: readonly KillerLog[];
  private readonly byIdentifier: ReadonlyMap<string, KillerLog>;
  private readonly nohang: Nohang;
  private readonly oomd: Oomd;

  constructor(onEvent: (event: OomEvent) => void) {
    const ids = new KillerIds();
    this.nohang = new Nohang(ids, onEvent);
    this.oomd = new Oomd(ids, onEvent);
    this.logs = [
      new SystemdOomd(ids, onEvent),
      new Earlyoom(ids, onEvent),
      new Runtimes(ids, onEvent),
      this.nohang,
      this.oomd,
    ];
    this.byIdentifier = new Map(
      this.logs.flatMap((log) => log.identifiers.map((identifier) => [identifier, log] as const)),
    );
  }

  /** @returns whether the record is one of such a program's, so that the kernel did not print it. */
  take(record: LogRecord): boolean {
    const { identifier, text } = record;
    if (identifier === undefined) return this.takeNameless(record);
    // oomd writes into the kernel's own log, through /dev/kmsg.
    if (identifier === 'kernel') return text.startsWith('oomd kill: ') && this.oomd.take(record);
    return this.byIdentifier.get(identifier)?.take(record) ?? false;
  }

  /** The log is complete. */
  end(): void {
    for (const log of this.logs) log.end();
  }

  private takeNameless(record: LogRecord): boolean {
    const first = record.text.charCodeAt(0);
    if (!(first < 128 && mayBegin[first] === 1) && !this.nohang.isOpen) return false;
    return this.logs.some((log) => log.take(record));
  }
}

/** The first characters of what these programs print: most of a kernel log is passed over by one look. */
const mayBegin = new Uint8Array(128);
for (const character of 'CKLMTcdeklmopst{0123456789') mayBegin[character.charCodeAt(0)] = 1;
