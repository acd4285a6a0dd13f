import type { LogRecord } from './logRecord';
import { OomReport } from './report';
import type { ReportLine } from './reportLine';
import type { AskingTaskLine } from './reportLines/askingTask';
import { readCpuset } from './reportLines/cpuset';
import type { EndingLine } from './reportLines/ending';
import type { GroupLine } from './reportLines/group';
import type { HeaderLine } from './reportLines/header';
import type { KilledLine } from './reportLines/killed';
import type { MemcgTaskLine } from './reportLines/memcgTask';
import type { OomKillLine } from './reportLines/oomKill';
import { msBetween } from './reportTimes';
import { isNear, lastOf, lostAfterMs, ReportsHeld } from './reportsHeld';
import { looksLikeTaskRow, readTaskTableHeader } from './taskTableReader';

/** A report of which nothing came for so many other messages has lost its end. */
const lostAfterRecords = 2000;

/**
 * Puts together the reports of one printer: of one task where the kernel names it (CONFIG_PRINTK_CALLER), else of all
 * of them.
 *
 * One task prints its reports one after the other (`serial`). All together do so as well since the kernel takes
 * `oom_lock` for it; before, and in a log that was put together of several, a report may begin inside another one. From
 * then on no line tells whose it is but those with the pid of a victim. So the newer report is `doubtful`: it is told
 * with what its kill says alone; and told again in full when it turns out that the older one had just lost its end.
 */
export class ReportLane {
  /** The one that began last; ended or not. */
  private current: OomReport | undefined;
  private readonly held = new ReportsHeld((report) => this.lose(report));
  /** The state of the memory that comes next is not of a report. */
  private foreignMemory = false;
  private otherRecords = 0;
  private last: LogRecord | undefined;

  /**
   * @param serial all lines are of one task.
   * @param tell called when a report has ended, or got more, or is given up.
   */
  constructor(
    private readonly serial: boolean,
    private readonly tell: (report: OomReport) => void,
  ) {}

  /** Whether a report waits for its further lines. */
  get listening(): boolean {
    return this.open(this.current) !== undefined;
  }

  /** Whether a report waits for the kill of this process. */
  waitsFor(pid: number): boolean {
    return this.chosenAs(pid) !== undefined;
  }

  take(line: ReportLine, record: LogRecord): void {
    if (this.repeats(record)) return;
    this.expire(record);
    this.otherRecords = 0;
    switch (line.kind) {
      case 'header':
        this.takeHeader(line, record);
        return;
      case 'asking-task':
        this.takeAskingTask(line, record);
        return;
      case 'memcg-task':
        this.takeMemcgTask(line, record);
        return;
      case 'oom-kill':
        if (this.completesKill(line, record)) return;
        this.decide(
          record,
          line.pid,
          (report) => report.oomKill === undefined,
          (report) => report.addOomKill(line, record),
        );
        return;
      case 'chosen':
        this.decide(
          record,
          line.pid,
          (report) => report.chosen === undefined,
          (report) => report.addChosen(line, record),
        );
        return;
      case 'killed':
        this.takeKilled(line, record);
        return;
      case 'sharing': {
        const killed = this.held.lastEnded(record, ({ outcome }) => outcome === 'killed');
        if (killed?.addSharer(line.pid, line.name) === true) this.tell(killed);
        return;
      }
      case 'group':
        this.takeGroup(line, record);
        return;
      case 'reaper': {
        const { pid, name } = line;
        const report = this.chosenAs(pid) ?? new OomReport(record);
        if (report.addVictim({ victim: { pid, name }, cause: 'none', allocatingTask: false }, record))
          this.end(report, record);
        return;
      }
      case 'already-exiting':
      case 'no-killable-process':
      case 'panic':
      case 'deadlock':
        this.takeEnding(line, record);
        return;
      case 'suppressed':
        // Printed at the head of another invocation.
        this.held.forgetEnded();
        return;
      case 'allocation-failure':
        this.foreignMemory = true;
        this.open(this.current)?.refuseMemory();
        return;
    }
  }

  /** A message that may be of the state of the memory or of the table of tasks. */
  takeText(record: LogRecord): void {
    if (this.repeats(record)) return;
    this.expire(record);
    const { text } = record;
    const columns = readTaskTableHeader(text);
    let report = this.open(this.current);
    if (report === undefined && this.isOfOverlapped()) return;
    if (columns !== undefined) {
      if (report?.tasks.begun === true) report = this.disentangle(report, record);
      (report ?? this.begin(record)).beginTable(columns);
      return;
    }
    if (report === undefined) {
      if (!this.foreignMemory || !isMemoryInformation(text)) this.beginWith(record);
      return;
    }
    const cpuset = report.readyForKill ? undefined : readCpuset(text);
    if (cpuset !== undefined && cpuset.name === report.header?.name) report.addCpuset(cpuset);
    else this.addText(report, record);
  }

  /** The log is complete: what is not ended is told as far as it goes. */
  close(): void {
    this.settle();
    this.held.giveUpAll();
    this.loseCurrent();
  }

  private takeHeader(header: HeaderLine, record: LogRecord): void {
    this.settle();
    const before = this.open(this.current);
    if (before !== undefined) this.setAside(before);
    this.foreignMemory = false;
    const report = new OomReport(record);
    report.header = header;
    report.proven = true;
    report.doubtful = this.isOfOverlapped();
    this.current = report;
  }

  /** A report that has not ended, where another one begins. */
  private setAside(report: OomReport): void {
    this.current = undefined;
    if (!report.proven) return;
    if (report.oomKill !== undefined || report.chosen !== undefined) this.held.decide(report);
    else if (this.serial || report.header === undefined) this.lose(report);
    else this.held.overlap(report);
  }

  private takeAskingTask(line: AskingTaskLine, record: LogRecord): void {
    const asks = (report: OomReport): boolean => report.header?.name === line.name && !report.knowsAskingTask;
    const report = this.open(this.current);
    if (report === undefined) return;
    if (asks(report)) {
      report.addAskingTask(line);
      report.lastTimes = record;
      return;
    }
    const other = this.held.overlapped.find(asks);
    other?.addAskingTask(line);
    if (other !== undefined || (report.doubtful && report.header?.name === line.name)) report.tangled = true;
  }

  private takeMemcgTask(line: MemcgTaskLine, record: LogRecord): void {
    const report = this.open(this.current);
    if (report === undefined && this.isOfOverlapped()) return;
    if (report?.addMemcgTask(line) === true) return;
    (report === undefined ? this.begin(record) : this.disentangle(report, record)).addMemcgTask(line);
  }

  /** Nothing newer waits for lines: they are of one of the older reports, and which one nothing tells. */
  private isOfOverlapped(): boolean {
    return this.held.overlapped.length > 0;
  }

  /** The line that names whom the kernel chose, to the report that it is of. */
  private decide(
    record: LogRecord,
    pid: number | undefined,
    lacks: (report: OomReport) => boolean,
    add: (report: OomReport) => void,
  ): void {
    const known = pid === undefined ? undefined : this.chosenAs(pid);
    const report = known ?? this.undecided(pid, record);
    if (!lacks(report)) return;
    add(report);
    report.lastTimes = record;
  }

  /** In a log that shows its newest line first, the line before a kill comes behind it. */
  private completesKill(line: OomKillLine, record: LogRecord): boolean {
    if (this.open(this.current) !== undefined) return false;
    const killed = this.held.lastEnded(
      record,
      ({ oomKill, lastKill }) =>
        oomKill === undefined &&
        lastKill !== undefined &&
        lastKill.victim.pid === line.pid &&
        (msBetween(lastKill.record, record) ?? 0) <= 0,
    );
    if (killed === undefined) return false;
    killed.addOomKill(line, record);
    this.tell(killed);
    return true;
  }

  private undecided(pid: number | undefined, record: LogRecord): OomReport {
    const current = this.open(this.current);
    if (!this.isOfOverlapped()) {
      if (current !== undefined && isUndecided(current)) return current;
      return this.begin(record);
    }
    // The newest has nothing yet to choose from, and only one of the older ones has this victim in its table.
    const holding =
      pid === undefined || current?.readyForKill === true
        ? []
        : this.held.overlapped.filter((report) => isUndecided(report) && report.tasks.holds(pid));
    const [only] = holding.length === 1 ? holding : [];
    if (only !== undefined) {
      this.held.decide(only);
      // What follows is of the newest, but for the kill, which names its victim.
      if (current !== undefined && !this.isOfOverlapped()) current.doubtful = false;
      return only;
    }
    if (current !== undefined && isUndecided(current)) return current;
    // Of the older ones; which one, nothing tells.
    this.tangle();
    this.held.forgetOverlapped();
    const report = new OomReport(record);
    this.held.decide(report);
    return report;
  }

  private takeKilled(line: KilledLine, record: LogRecord): void {
    const report = this.killedIn(line, record);
    if (report?.addVictim(line, record) === true) this.end(report, record);
  }

  /** @returns the report that a kill is of; a new one where there is none; undefined where the line is nobody's. */
  private killedIn(
    { victim: { pid, name }, cause, bare }: KilledLine,
    record: LogRecord,
  ): OomReport | undefined {
    const chosen = this.chosenAs(pid);
    if (chosen !== undefined) return chosen;
    // A second print, unless a header says that it is another invocation; the kernel itself prints members of groups twice.
    const asked = this.open(this.current)?.header !== undefined;
    const again = this.held.lastEnded(
      record,
      (report) => report.hasVictim(pid, name) && (!asked || report.group !== undefined),
    );
    if (again !== undefined) return again;
    const group = this.held.lastEnded(
      record,
      (report) => report.group !== undefined && (cause === 'none' || cause === report.cause),
    );
    if (group !== undefined) return group;
    const open = this.openReports().filter((report) => report.doubtful || !report.contradicts(cause));
    const unnamed =
      // Before 5.1 a child may die in the place of the chosen process.
      lastOf(open, (report) => report.chosen !== undefined) ??
      lastOf(open, (report) => report === this.current && report.oomKill?.pid === undefined) ??
      lastOf(open, (report) => report.oomKill !== undefined && report.oomKill.pid === undefined);
    if (unnamed !== undefined) return unnamed;
    // Where a syslog says that the kernel wrote it, a search has left nothing else of a report of before 2.6.36.
    return bare && record.identifier !== 'kernel' ? undefined : new OomReport(record);
  }

  private takeGroup({ path }: GroupLine, record: LogRecord): void {
    const isKilled = (report: OomReport): boolean => report.outcome === 'killed';
    const report =
      this.held.lastEnded(record, (one) => isKilled(one) && isInside(one.oomKill?.task, path)) ??
      this.held.lastEnded(record, isKilled) ??
      this.open(this.current) ??
      this.begin(record);
    if (report.group === undefined) {
      report.group = path;
      if (report.ended) this.tell(report);
      return;
    }
    // The last one that seemed to be a member was the first victim of the next group, without a report of its own.
    const last = report.lastKill;
    if (last === undefined || report.victimCount < 2) return;
    report.removeVictim(last.victim.pid);
    this.tell(report);
    const next = new OomReport(last.record);
    next.group = path;
    next.addVictim({ victim: last.victim, cause: report.cause, allocatingTask: false }, last.record);
    this.end(next, record);
  }

  private takeEnding(line: EndingLine, record: LogRecord): void {
    const chosen = line.pid === undefined ? undefined : this.chosenAs(line.pid);
    const current = chosen ?? this.open(this.current);
    const before = this.held.lastEnded(record, ({ outcome }) => outcome === 'no-killable-process');
    if (line.kind === 'deadlock' && before !== undefined && before === this.held.newestEnded) {
      before.addEnding(line);
      this.tell(before);
      return;
    }
    // Alone, or about a member of a group, it is no invocation of its own.
    if (current === undefined && line.kind === 'already-exiting') return;
    const report = current ?? this.begin(record);
    report.addEnding(line);
    this.end(report, record);
  }

  private addText(report: OomReport, record: LogRecord): void {
    switch (report.addText(record.text)) {
      case 'taken':
        this.otherRecords = 0;
        report.lastTimes = record;
        return;
      case 'again': {
        const next = this.disentangle(report, record);
        if (next !== report) next.addText(record.text);
        return;
      }
      case 'other':
        this.otherRecords += 1;
        if (record.text.startsWith('Tasks state (memory values in ')) report.proven = true;
        // Only the state of the memory, and then something else: somebody else asked for it.
        else if (!report.proven) this.current = undefined;
        else if (looksLikeTaskRow(record.text) && !report.tasks.begun) this.tangle();
    }
  }

  /**
   * A line came that this report has already.
   * @returns the report that the line is of; the same one where that is not known and it takes no more of them.
   */
  private disentangle(report: OomReport, record: LogRecord): OomReport {
    if (report.doubtful || !report.tasks.begun) {
      report.tangled = true;
      return report;
    }
    // It had come to its end, and that is lost, as is the beginning of the next one.
    return this.begin(record);
  }

  /** Lines of an older report are among those of the newest. */
  private tangle(): void {
    if (this.current?.doubtful === true) this.current.tangled = true;
  }

  /** A report whose first lines are lost, and which the next lines belong to. */
  private begin(record: LogRecord): OomReport {
    this.settle();
    const before = this.open(this.current);
    if (before !== undefined) this.setAside(before);
    this.current = new OomReport(record);
    this.current.doubtful = this.isOfOverlapped();
    return this.current;
  }

  /** A report that begins with the state of the memory: it is none until a line comes that only a report has. */
  private beginWith(record: LogRecord): void {
    const report = new OomReport(record);
    if (report.addText(record.text) !== 'taken') return;
    this.settle();
    this.current = report;
  }

  private end(report: OomReport, record: LogRecord): void {
    report.lastTimes = record;
    this.held.end(report);
    this.tell(report);
  }

  /** Whether nothing speaks against it that the newest report was printed in one piece after the older had lost their ends. */
  private settle(): void {
    const report = this.current;
    if (report?.ended !== true || !report.doubtful || report.tangled || !report.looksWhole) return;
    report.doubtful = false;
    this.tell(report);
  }

  private expire(record: LogRecord): void {
    const overlapped = this.isOfOverlapped();
    this.held.expire(record);
    if (overlapped && !this.isOfOverlapped()) this.settle();
    const current = this.open(this.current);
    if (
      current !== undefined &&
      (this.otherRecords > lostAfterRecords || !isNear(current, record, lostAfterMs))
    )
      this.loseCurrent();
  }

  private loseCurrent(): void {
    const report = this.open(this.current);
    if (report === undefined) return;
    this.current = undefined;
    this.lose(report);
  }

  /** Its end will not come any more. */
  private lose(report: OomReport): void {
    report.endWithoutKillLine();
    if (report.proven) this.tell(report);
  }

  private chosenAs(pid: number): OomReport | undefined {
    const open = this.openReports();
    return (
      open.find((report) => report.oomKill?.pid === pid) ??
      open.find((report) => report.oomKill?.pid === undefined && report.chosen?.pid === pid)
    );
  }

  private openReports(): OomReport[] {
    const current = this.open(this.current);
    return [...this.held.open, ...(current === undefined ? [] : [current])];
  }

  private open(report: OomReport | undefined): OomReport | undefined {
    return report?.ended === false ? report : undefined;
  }

  /** The same line once more: two programs wrote it into one file. */
  private repeats(record: LogRecord): boolean {
    const { last } = this;
    this.last = record;
    const time = record.kernelTimeMicroseconds ?? record.kernelTimeMs ?? record.wallMs ?? record.localTime;
    return (
      time !== undefined &&
      last?.text === record.text &&
      time === (last.kernelTimeMicroseconds ?? last.kernelTimeMs ?? last.wallMs ?? last.localTime)
    );
  }
}

function isUndecided(report: OomReport): boolean {
  return report.oomKill === undefined && report.chosen === undefined;
}

function isInside(path: string | undefined, group: string): boolean {
  return path !== undefined && (path === group || path.startsWith(group.endsWith('/') ? group : `${group}/`));
}

function isMemoryInformation(text: string): boolean {
  return text.startsWith('Mem-Info:') || text.startsWith('Node ');
}
