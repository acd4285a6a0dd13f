import type { OomEvent, OomVictim } from './event';
import type { LogRecord } from './logRecord';
import type { OomReport } from './report';
import { ReportIds } from './reportIds';
import { ReportLane } from './reportLane';
import { type ReportLine, readReportLine } from './reportLine';
import { originOf } from './reportTimes';

/** So many printers are followed at once; those that printed least lately go first. */
const maxLanes = 16;

/** So many victims are remembered, to know the oom_reaper's later lines about them. */
const rememberedVictims = 16_384;

/**
 * Reads the records of the kernel and tells every invocation of the OOM killer: at the line that says how it ended, and
 * again, whole, under the same id when a later line adds to it.
 */
export class OomReports {
  private readonly lanes = new Map<string, ReportLane>();
  private readonly ids = new ReportIds();
  private readonly victims = new Set<string>();
  private readonly figures = new Set<string>();
  private listening = false;

  constructor(private readonly onEvent: (event: OomEvent) => void) {}

  /** A record that the kernel printed. */
  take(record: LogRecord): void {
    const line = readReportLine(record.text);
    // Nearly all of a log ends here.
    if (line === undefined && !this.listening && !mayBegin(record.text)) return;
    if (line?.kind === 'reaper' && this.victims.has(victimKey(record, line.pid))) return;
    if (line?.kind === 'killed' && !this.listening && this.isRetold(line.victim, record)) return;
    const lane =
      (line?.kind === 'reaper' ? this.laneWaitingFor(line.pid) : undefined) ?? this.laneOf(record, line);
    if (line === undefined) lane.takeText(record);
    else lane.take(line, record);
    this.listening = [...this.lanes.values()].some((one) => one.listening);
  }

  /** The log is complete. */
  end(): void {
    for (const lane of this.lanes.values()) lane.close();
    this.lanes.clear();
    this.listening = false;
  }

  /** The oom_reaper is a task of its own, but its line is of the report whose victim it names. */
  private laneWaitingFor(pid: number): ReportLane | undefined {
    return [...this.lanes.values()].find((lane) => lane.waitsFor(pid));
  }

  private laneOf(record: LogRecord, line: ReportLine | undefined): ReportLane {
    const origin = originOf(record);
    const key = `${origin} ${record.caller ?? ''}`;
    const known = this.lanes.get(key);
    if (known !== undefined && line === undefined) return known;
    const lane = known ?? new ReportLane(record.caller !== undefined, (report) => this.tell(report));
    this.lanes.delete(key);
    this.lanes.set(key, lane);
    for (const [oldest, other] of this.lanes) {
      if (this.lanes.size <= maxLanes) break;
      this.lanes.delete(oldest);
      other.close();
    }
    return lane;
  }

  /** The line of a kill once more without its time and host, as people repeat it to point at its figures. */
  private isRetold(victim: OomVictim, record: LogRecord): boolean {
    const { kernelTimeMs, wallMs, localTime, host } = record;
    const figures = figuresOf(victim);
    if (figures === undefined) return false;
    return (kernelTimeMs ?? wallMs ?? localTime ?? host) === undefined && this.figures.has(figures);
  }

  private tell(report: OomReport): void {
    const { times, pid } = report.named;
    report.id ??= this.ids.idOf(times, pid);
    // The older ones were remembered when they were new: a group may have thousands.
    const newest = report.lastKill?.victim;
    if (newest !== undefined) {
      remember(this.victims, victimKey(times, newest.pid));
      const figures = figuresOf(newest);
      if (figures !== undefined) remember(this.figures, figures);
    }
    this.onEvent(report.toEvent(report.id));
  }
}

function remember(keys: Set<string>, key: string): void {
  keys.delete(key);
  keys.add(key);
  const [oldest] = keys;
  if (keys.size > rememberedVictims && oldest !== undefined) keys.delete(oldest);
}

/** What no two kills have in common, where the line tells that much. */
function figuresOf({ pid, name, totalVmBytes, anonRssBytes }: OomVictim): string | undefined {
  return totalVmBytes === undefined || anonRssBytes === undefined
    ? undefined
    : `${pid} ${totalVmBytes} ${anonRssBytes} ${name}`;
}

/** Lines that are of a report, or begin what may be the rest of one, and that say nothing of a kill themselves. */
function mayBegin(text: string): boolean {
  switch (text.charAt(0)) {
    case 'M':
      return text.startsWith('Mem-Info:') || text.startsWith('Memory cgroup stats for ');
    case 'N':
      return text.startsWith('Node ') && text.includes('kB ');
    case 'm':
      return text.startsWith('memory: usage ');
    case '[':
      return text.includes('total_vm') && text.startsWith('[ ');
    default:
      return false;
  }
}

function victimKey(times: Parameters<typeof originOf>[0], pid: number): string {
  return `${originOf(times)} ${pid}`;
}
