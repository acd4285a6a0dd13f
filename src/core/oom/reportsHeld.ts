import type { LogRecord } from './logRecord';
import type { OomReport } from './report';
import { msBetween } from './reportTimes';

/** So many reports are held in each of their states. */
const maxHeld = 8;

/** A report of which nothing came for so long has lost its end. */
export const lostAfterMs = 120_000;

/** So long a report may stand still while another one is printed. */
const overlapMs = 10_000;

/** So long after a kill the same victim's second line, or the next member of its group, may come. */
const sameKillMs = 10_000;

/** The reports of one printer that are not the newest, by what may still come of them. */
export class ReportsHeld {
  /** Not ended when a later one began; oldest first. */
  private overlapping: readonly OomReport[] = [];
  /** Not ended, and known by the victim that was chosen: only its kill is to come. */
  private decided: readonly OomReport[] = [];
  /** Ended, newest last. */
  private ended: readonly OomReport[] = [];

  /** @param giveUp called with a report that has lost its end. */
  constructor(private readonly giveUp: (report: OomReport) => void) {}

  get overlapped(): readonly OomReport[] {
    return this.overlapping;
  }

  get open(): readonly OomReport[] {
    return [...this.overlapping, ...this.decided];
  }

  get newestEnded(): OomReport | undefined {
    return this.ended.at(-1);
  }

  overlap(report: OomReport): void {
    this.overlapping = this.bounded([...this.overlapping, report]);
  }

  decide(report: OomReport): void {
    this.overlapping = this.overlapping.filter((other) => other !== report);
    this.decided = this.bounded([...this.decided, report]);
  }

  /** One of the overlapped reports goes on under another name; which one, nothing tells. */
  forgetOverlapped(): void {
    this.overlapping = this.overlapping.slice(1);
  }

  end(report: OomReport): void {
    this.overlapping = this.overlapping.filter((other) => other !== report);
    this.decided = this.decided.filter((other) => other !== report);
    this.ended = [...this.ended.filter((other) => other !== report), report].slice(-maxHeld);
  }

  forgetEnded(): void {
    this.ended = [];
  }

  /** The newest of the reports that have ended to which a line may belong, and of which this holds. */
  lastEnded(record: LogRecord, holds: (report: OomReport) => boolean): OomReport | undefined {
    return lastOf(this.ended, (report) => this.follows(report, record) && holds(report));
  }

  /** Gives up what nothing came of for too long. */
  expire(record: LogRecord): void {
    if (this.overlapping.length === 0 && this.decided.length === 0) return;
    const lost = [
      ...this.overlapping.filter((report) => !isNear(report, record, overlapMs)),
      ...this.decided.filter((report) => !isNear(report, record, lostAfterMs)),
    ];
    this.overlapping = this.overlapping.filter((report) => !lost.includes(report));
    this.decided = this.decided.filter((report) => !lost.includes(report));
    for (const report of lost) this.giveUp(report);
  }

  giveUpAll(): void {
    const lost = this.open;
    this.overlapping = [];
    this.decided = [];
    for (const report of lost) this.giveUp(report);
  }

  /** Near in time or, where that is not known, the last one. */
  private follows(report: OomReport, record: LogRecord): boolean {
    const timed = msBetween(report.lastTimes, record) !== undefined;
    return timed ? isNear(report, record, sameKillMs) : report === this.newestEnded;
  }

  private bounded(reports: readonly OomReport[]): readonly OomReport[] {
    const [oldest] = reports;
    if (reports.length <= maxHeld || oldest === undefined) return reports;
    this.giveUp(oldest);
    return reports.slice(1);
  }
}

/** Whether a line may be of a report by its time, as far as that is known. Processors print a little out of order. */
export function isNear(report: OomReport, record: LogRecord, withinMs: number): boolean {
  const ms = msBetween(report.lastTimes, record);
  return ms === undefined || (ms >= -5000 && ms <= withinMs);
}

export function lastOf(
  reports: readonly OomReport[],
  holds: (report: OomReport) => boolean,
): OomReport | undefined {
  for (let at = reports.length - 1; at >= 0; at -= 1) {
    const report = reports[at];
    if (report !== undefined && holds(report)) return report;
  }
  return undefined;
}
