import { readLogLine } from './envelope';
import type { OomEvent } from './event';
import { OomReport } from './report';
import { type ReportLine, readReportLine } from './reportLine';

/** Longer lines are cut; the kernel's own records end at 8 KiB. */
const maxLineLength = 64 * 1024;

/** So many victims are remembered, to know the oom_reaper's later lines about them. */
const rememberedVictims = 256;

/**
 * Reads a kernel log line by line and tells every invocation of the OOM killer.
 *
 * An event is told as soon as it is known how the invocation ended: at the line that says who was killed. When a later
 * line adds to it (the other members of a group), it is told again, whole, under the same id: the newer one replaces
 * the older. The reader holds one report at a time, since the kernel makes them one after the other (`oom_lock`).
 *
 * For a log that is followed live: do not call `end()` when the connection is lost, but read the ring buffer from its
 * start with a new reader; the ids are the same.
 */
export class OomReader {
  private report: OomReport | undefined;
  private readonly victims = new Set<number>();

  constructor(private readonly onEvent: (event: OomEvent) => void) {}

  /** One line without its line feed, in any form that {@link readLogLine} knows. Never throws because of the line. */
  push(line: string): void {
    const bounded = line.length > maxLineLength ? line.slice(0, maxLineLength) : line;
    const record = readLogLine(bounded.endsWith('\r') ? bounded.slice(0, -1) : bounded);
    if (record?.fromKernel !== true) return;
    const reportLine = readReportLine(record.text);
    if (reportLine !== undefined) this.take(reportLine, record.kernelTimeMs);
  }

  /** The log is complete: a report that is still open is told as far as it goes. */
  end(): void {
    const report = this.report;
    this.report = undefined;
    if (report?.outcome === 'unknown') this.onEvent(report.toEvent());
  }

  private take(line: ReportLine, timeMs: number | undefined): void {
    switch (line.kind) {
      case 'header':
        this.begin(timeMs).header = line;
        return;
      case 'asking-task':
        if (this.report?.outcome === 'unknown') this.report.addAskingTask(line);
        return;
      case 'memcg-usage':
        this.unfinished(timeMs).memcg = true;
        return;
      case 'memcg-task':
        this.unfinished(timeMs).addCgroups(line);
        return;
      case 'oom-kill':
        (this.report?.oomKill === undefined ? this.unfinished(timeMs) : this.begin(timeMs)).addOomKill(line);
        return;
      case 'chosen':
        if (line.memcg) this.unfinished(timeMs).memcg = true;
        return;
      case 'killed': {
        const report = this.report?.mayKill(line.victim.pid) === true ? this.report : this.begin(timeMs);
        if (report.addVictim(line.victim, line.cause, timeMs)) this.tell(report);
        return;
      }
      case 'group':
        (this.report ?? this.begin(timeMs)).group = true;
        return;
      case 'reaper': {
        if (this.victims.has(line.pid)) return;
        const { pid, name } = line;
        const report = this.report?.oomKill?.pid === pid ? this.report : this.begin(timeMs);
        if (report.addVictim({ pid, name }, 'none', timeMs)) this.tell(report);
        return;
      }
      case 'already-exiting':
        // Alone, or about a member of a group, it is no invocation of its own.
        if (this.report?.outcome === 'unknown') this.finish(this.report, line.kind);
        return;
      case 'no-killable-process':
      case 'panic':
        this.finish(this.unfinished(timeMs), line.kind);
        return;
      case 'deadlock':
        this.finish(
          this.report?.outcome === 'no-killable-process' ? this.report : this.unfinished(timeMs),
          line.kind,
        );
        return;
    }
  }

  /** A new report; the one before is over. */
  private begin(timeMs: number | undefined): OomReport {
    this.end();
    this.report = new OomReport(timeMs);
    return this.report;
  }

  /** The report that is being printed, or a new one whose first lines are lost. */
  private unfinished(timeMs: number | undefined): OomReport {
    return this.report?.outcome === 'unknown' ? this.report : this.begin(timeMs);
  }

  private finish(report: OomReport, outcome: OomReport['outcome']): void {
    report.outcome = outcome;
    this.tell(report);
  }

  private tell(report: OomReport): void {
    const event = report.toEvent();
    for (const { pid } of event.victims) this.remember(pid);
    this.onEvent(event);
  }

  private remember(pid: number): void {
    this.victims.delete(pid);
    this.victims.add(pid);
    const [oldest] = this.victims;
    if (this.victims.size > rememberedVictims && oldest !== undefined) this.victims.delete(oldest);
  }
}
