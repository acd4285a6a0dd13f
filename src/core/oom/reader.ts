import { EnvelopeReader } from './envelopeReader';
import type { OomEvent } from './event';
import type { LogRecord } from './logRecord';
import { OomReports } from './reports';
import { UserSpaceKillers } from './userSpaceKillers/userSpaceKillers';

/**
 * Reads a log line by line, in whatever envelope, and tells every invocation of the OOM killer and every kill of a program
 * that watches memory.
 *
 * An event is told as soon as it is known how the invocation ended: at the line that says who was killed. When a later
 * line adds to it (the other members of a group), it is told again, whole, under the same id: the newer one replaces
 * the older. Where a report began inside another one it is at first told without what may be the other's.
 *
 * For a log that is followed live: do not call `end()` when the connection is lost, but read the ring buffer from its
 * start with a new reader; the ids are the same.
 */
export class OomReader {
  private readonly envelopes: EnvelopeReader;
  private readonly reports: OomReports;
  private readonly userSpaceKillers: UserSpaceKillers;

  constructor(onEvent: (event: OomEvent) => void) {
    this.envelopes = new EnvelopeReader((record) => this.take(record));
    this.reports = new OomReports(onEvent);
    this.userSpaceKillers = new UserSpaceKillers(onEvent);
  }

  /** One line without its line feed. Never throws because of the line. */
  push(line: string): void {
    this.envelopes.push(line);
  }

  /** A record that is out of its envelope already. */
  take(record: LogRecord): void {
    if (this.userSpaceKillers.take(record)) return;
    // What another program quotes of the kernel is nothing.
    if (record.fromKernel && (record.identifier === undefined || record.identifier === 'kernel'))
      this.reports.take(record);
  }

  /** The log is complete: a report that is still open is told as far as it goes. */
  end(): void {
    this.envelopes.end();
    this.reports.end();
    this.userSpaceKillers.end();
  }
}
