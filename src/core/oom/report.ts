import { CgroupUsageReader } from './cgroupUsageReader';
import type { OomEvent, OomOutcome, OomVictim } from './event';
import type { LogRecord } from './logRecord';
import { MemoryInformationReader, nearestPageBytes } from './memoryInformationReader';
import { present } from './present';
import type { AskingTaskLine } from './reportLines/askingTask';
import type { ChosenLine } from './reportLines/chosen';
import type { CpusetLine } from './reportLines/cpuset';
import type { EndingLine } from './reportLines/ending';
import type { HeaderLine } from './reportLines/header';
import type { KillCause } from './reportLines/killCause';
import type { KilledLine } from './reportLines/killed';
import type { MemcgTaskLine } from './reportLines/memcgTask';
import type { OomKillLine } from './reportLines/oomKill';
import { missingIn } from './reportMissing';
import { mayUseWholeMachine, scopeOf } from './reportScope';
import { type ReportTimes, timesOf } from './reportTimes';
import { TaskTableReader } from './taskTableReader';

/** More victims of one invocation are not kept. */
const maxVictims = 10_000;

type Parts = Pick<OomEvent, 'memory' | 'cgroupMemory' | 'tasks'>;

/** So many victims are looked up in the table, to learn the size of a page. */
const maxPageSizeVictims = 8;

/** One invocation of the killer while its lines come in. */
export class OomReport {
  header: HeaderLine | undefined;
  oomKill: OomKillLine | undefined;
  chosen: ChosenLine | undefined;
  outcome: OomOutcome = 'unknown';
  /** The cgroup that is being killed as a whole: more victims follow. */
  group: string | undefined;
  /**
   * Lines of another invocation may be among its own, and nothing tells them apart: only what its kill itself says is
   * told. `tangled`: some are, for certain.
   */
  doubtful = false;
  tangled = false;
  /** Of its first kill; the members of a group have the same words. */
  cause: KillCause = 'none';
  /** Some line is there that only a report has, and not just a state of the memory. */
  proven = false;
  id: string | undefined;
  lastKill: { readonly victim: OomVictim; readonly record: LogRecord } | undefined;
  readonly memory = new MemoryInformationReader();
  readonly cgroupUsage = new CgroupUsageReader();
  readonly tasks = new TaskTableReader();
  /** Of the newest of its lines. */
  lastTimes: ReportTimes;
  private finished: { readonly pageBytes: number | undefined; readonly parts: Parts } | undefined;
  private times: ReportTimes;
  /** Of the line that names whom the kernel chose. */
  private decided: LogRecord | undefined;
  private triggerPid: number | undefined;
  private cpuset: CpusetLine | undefined;
  private memcg = false;
  private memcgTask: MemcgTaskLine | undefined;
  private killLimit: string | undefined;
  /** Its victim is the chosen process, since the line of the kill is lost. */
  private orChild = false;
  private allocatingTask = false;
  private systemWide = false;
  /** The state of the memory is another's, for certain. */
  private foreignMemory = false;
  private memorySealed = false;
  private readonly victims = new Map<number, OomVictim>();
  private readonly sharers = new Set<number>();

  /** @param first the first line of it that is there. */
  constructor(first: LogRecord) {
    this.times = timesOf(first);
    this.lastTimes = this.times;
  }

  get ended(): boolean {
    return this.outcome !== 'unknown';
  }

  /** Whether it came so far that the kernel may choose: the state of the memory, or the tasks, were printed. */
  get readyForKill(): boolean {
    return this.tasks.begun || this.memory.begun || this.cgroupUsage.known;
  }

  get knowsAskingTask(): boolean {
    return this.triggerPid !== undefined;
  }

  /** Whether it has all parts that a report has, so that none of them is likely to be of another. */
  get looksWhole(): boolean {
    const [victim] = this.victims.keys();
    return (
      this.header !== undefined &&
      this.knowsAskingTask &&
      (this.memory.begun || this.cgroupUsage.known) &&
      (victim === undefined || this.tasks.mayHold(victim))
    );
  }

  /** The kernel gives a pid anew: another name is another process. */
  hasVictim(pid: number, name: string): boolean {
    return this.victims.get(pid)?.name === name;
  }

  addAskingTask({ pid }: AskingTaskLine): void {
    this.triggerPid ??= pid;
  }

  addCpuset(line: CpusetLine): void {
    this.cpuset ??= line;
  }

  /** @returns false where such a line is there already, so that this one is of another report. */
  addMemcgTask(line: MemcgTaskLine): boolean {
    if (this.memcgTask !== undefined) return false;
    this.memcgTask = line;
    this.memcg = true;
    this.proven = true;
    return true;
  }

  beginTable(columns: readonly string[]): void {
    this.tasks.begin(columns);
    this.proven = true;
  }

  addOomKill(line: OomKillLine, record: LogRecord): void {
    this.oomKill = line;
    this.decided = record;
    this.tasks.end();
    this.proven = true;
  }

  addChosen(line: ChosenLine, record: LogRecord): void {
    this.chosen = line;
    this.decided ??= record;
    this.cause = line.cause;
    this.allocatingTask ||= line.allocatingTask;
    this.tasks.end();
    this.proven = true;
  }

  /**
   * A line of the state of the memory, of the cgroup or of the table of tasks; a record may hold several lines.
   * @returns `again`: a part of it is there already, so that the line is of another report.
   */
  addText(text: string): 'taken' | 'again' | 'other' {
    if (this.tasks.takeRow(text)) return 'taken';
    if (!text.includes('\n')) return this.addLine(text);
    const results = text.split('\n', 400).map((line) => this.addLine(line));
    if (results.includes('again')) return 'again';
    return results.includes('taken') ? 'taken' : 'other';
  }

  /** The state of the memory that another printed comes now: what is not whole yet may get its lines. */
  refuseMemory(): void {
    this.memorySealed = true;
    if (!this.memory.whole) this.foreignMemory = true;
  }

  /** @returns false where it adds nothing: the second print of the same victim. */
  addVictim(
    {
      victim,
      cause,
      allocatingTask,
      limit,
    }: Pick<KilledLine, 'victim' | 'cause' | 'allocatingTask' | 'limit'>,
    record: LogRecord,
  ): boolean {
    const known = this.victims.get(victim.pid);
    if (known !== undefined && (known.totalVmBytes !== undefined || victim.totalVmBytes === undefined))
      return false;
    if (known === undefined && this.victims.size >= maxVictims) return false;
    if (this.victims.size === 0) {
      this.times = timesOf(record);
      if (cause !== 'none') this.cause = cause;
    }
    this.killLimit ??= limit;
    this.allocatingTask ||= allocatingTask;
    const score = this.chosen?.pid === victim.pid ? this.chosen.score : undefined;
    this.victims.set(victim.pid, score === undefined ? victim : { ...victim, score });
    this.lastKill = { victim, record };
    this.outcome = 'killed';
    this.tasks.end();
    this.proven = true;
    return true;
  }

  /**
   * The line of its kill is lost: told is whom the kernel chose. Since 5.1 that is the process that it kills in the next
   * statement; before, now and then, a child of it dies in its place, so that it is told only where a search left one line
   * of many, and not where a report breaks off there.
   */
  endWithoutKillLine(): void {
    const { decided, chosen, cause } = this;
    const { pid, name } = chosen ?? this.oomKill ?? {};
    if (this.ended || decided === undefined || pid === undefined || name === undefined) return;
    if (chosen !== undefined && this.readyForKill) return;
    const victim = present<OomVictim>({
      pid,
      name,
      uid: this.oomKill?.pid === pid ? this.oomKill.uid : undefined,
    });
    this.orChild = chosen !== undefined;
    this.addVictim({ victim, cause, allocatingTask: false }, decided);
  }

  /** Whether the words before a kill say that it is none of this report's. */
  contradicts(cause: KillCause): boolean {
    if (cause === 'shortage')
      return (
        this.oomKill?.limit !== undefined || this.oomKill?.constraint === 'CONSTRAINT_MEMCG' || this.memcg
      );
    return cause === 'memcg' && this.oomKill?.global === true;
  }

  /** A process that dies with the victim, since it has the same memory. */
  addSharer(pid: number, name: string): boolean {
    if (this.victims.has(pid) || this.victims.size >= maxVictims) return false;
    this.sharers.add(pid);
    this.victims.set(pid, { pid, name });
    return true;
  }

  /** A member of a group that turned out to be the first victim of the next one. */
  removeVictim(pid: number): void {
    this.victims.delete(pid);
  }

  get victimCount(): number {
    return this.victims.size;
  }

  addEnding({ kind, systemWide }: EndingLine): void {
    this.outcome = kind;
    this.systemWide ||= systemWide;
    this.tasks.end();
    this.proven = true;
  }

  /** When its first victim was killed, or its first line; and the pid of that victim: what its id is made of. */
  get named(): { readonly times: ReportTimes; readonly pid: number | undefined } {
    const [pid] = this.victims.keys();
    return { times: this.times, pid };
  }

  toEvent(id: string): OomEvent {
    const own = !this.doubtful && !this.tangled;
    const pageBytes = this.pageBytes();
    const limit =
      this.killLimit ?? (this.oomKill === undefined && own ? this.printedLimit() : this.oomKill?.limit);
    const task = this.oomKill?.task ?? (own ? this.memcgTask?.task : undefined);
    const event = present<Omit<OomEvent, 'complete' | 'missing'>>({
      kind: 'kernel',
      id,
      ...this.times,
      scope: this.scope(own, pageBytes),
      constraint: this.oomKill?.constraint,
      cgroup:
        limit === undefined && task === undefined
          ? undefined
          : present<NonNullable<OomEvent['cgroup']>>({ limit, task }),
      trigger: own ? this.trigger() : undefined,
      victims: [...this.victims.values()],
      outcome: this.outcome,
      allocatingTask: this.allocatingTask ? true : undefined,
      orChild: this.orChild ? true : undefined,
      oomGroup: this.group,
      ...(own ? this.parts(pageBytes) : {}),
    });
    const missing = missingIn(event, this.sharers);
    return { ...event, complete: missing.length === 0, missing };
  }

  /** They stay as they are once the report has ended, while a group may have thousands of victims, each told. */
  private parts(pageBytes: number | undefined): Parts {
    const { finished } = this;
    if (this.ended && finished !== undefined && finished.pageBytes === pageBytes) return finished.parts;
    const parts = present<Parts>({
      memory: this.foreignMemory ? undefined : this.memory.finish(pageBytes),
      cgroupMemory: this.cgroupUsage.finish(),
      tasks: this.tasks.finish(pageBytes),
    });
    if (this.ended) this.finished = { pageBytes, parts };
    return parts;
  }

  private addLine(line: string): 'taken' | 'again' | 'other' {
    const usage = this.cgroupUsage.take(line);
    if (usage !== 'other') {
      this.memcg = true;
      this.proven = true;
      return usage;
    }
    return this.memorySealed ? 'other' : this.memory.take(line);
  }

  /** The group at its limit, where no line of the victim names it: before 5.0, and where nobody could be killed. */
  private printedLimit(): string | undefined {
    return (
      this.memcgTask?.limit ??
      (this.ended && this.outcome !== 'killed' ? this.cgroupUsage.firstPath : undefined)
    );
  }

  private trigger(): OomEvent['trigger'] {
    if (this.header === undefined) return undefined;
    const { name, order, gfp } = this.header;
    return present<NonNullable<OomEvent['trigger']>>({ name, pid: this.triggerPid, order, gfp });
  }

  private scope(own: boolean, pageBytes: number | undefined): OomEvent['scope'] {
    return scopeOf({
      header: own ? this.header : undefined,
      oomKill: this.oomKill,
      cause: this.cause,
      memcg: this.oomKill?.limit !== undefined || (own && this.memcg),
      systemWide: this.systemWide,
      nobodyKilled: this.ended && this.outcome !== 'killed',
      wholeMachine: own && mayUseWholeMachine(this.memory, pageBytes, this.header, this.cpuset),
    });
  }

  /** The size of a page, from the text: by the memory or the cgroup's limits, else by how a victim's kB relate to its pages in the table. */
  private pageBytes(): number | undefined {
    const pageBytes = this.foreignMemory ? undefined : this.memory.pageBytes();
    if (pageBytes !== undefined) return pageBytes;
    if (this.cgroupUsage.pageBytes !== undefined) return this.cgroupUsage.pageBytes;
    let tries = 0;
    for (const { pid, totalVmBytes } of this.victims.values()) {
      if ((tries += 1) > maxPageSizeVictims) break;
      const pages = this.tasks.totalVmPages(pid);
      if (pages !== undefined && pages > 0 && totalVmBytes !== undefined) {
        const found = nearestPageBytes(totalVmBytes / pages);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}
