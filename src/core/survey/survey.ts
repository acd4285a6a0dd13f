import { insideOf, insidePaths, type InsideView, type MachineFacts } from '../cgroups/inside';
import { CgroupTable } from '../cgroups/cgroupTable';
import { ProcessTable } from '../processes/processTable';
import { readSource, type Reading } from '../sample';
import type { SurveyCapture } from './capture';
import type { ProcessFile, SurveyQuestion } from './question';
import { familySources, insideSet, slowSources, sourceEveryMs, type FamilyId, type SlowId } from './sources';
import { SurveySchedule, type Demand } from './surveySchedule';

/** A slow source as it was read last. */
export type SlowReading<T> = Reading<T> & { readonly readAtMs: number };

export type SlowFacts = {
  readonly [Id in SlowId]?: SlowReading<ReturnType<(typeof slowSources)[Id]['parse']>>;
};

/** By path of the file. */
export type FamilyFacts = {
  readonly [Id in FamilyId]?: Readonly<
    Record<string, SlowReading<ReturnType<(typeof familySources)[Id]['parse']>>>
  >;
};

/** How much a container uses changes, what it may use hardly ever; ms. */
const insideEveryMs = 30_000;

/** So many files of one family are kept: a host names its devices as it likes. */
const mostOfFamily = 256;

/**
 * What is known of one boot of a host besides its samples: processes, cgroups, and what changes slowly. It is told slice by
 * slice what came, and says what to ask next. Times are the host's uptime in ms.
 */
export class Survey {
  readonly processes: ProcessTable;
  readonly cgroups = new CgroupTable();
  private readonly slowReadings: Partial<Record<SlowId, SlowReading<unknown>>> = {};
  private readonly familyReadings: Partial<Record<FamilyId, Record<string, SlowReading<unknown>>>> = {};
  private insideTexts: Record<string, string> | undefined;
  /** Processes whose command line was asked for in the slice that is under way. */
  private commandLinesAsked: readonly number[] = [];
  /** Processes whose command line was asked for and no answer came: to read it, one may have to wait for ever. */
  private readonly silent = new Set<number>();
  private readonly schedule = new SurveySchedule({ ...sourceEveryMs, [insideSet]: insideEveryMs });

  /** @param pageSizeBytes undefined: not known, and no process has a size. */
  constructor(
    readonly bootId: string,
    pageSizeBytes: number | undefined,
  ) {
    this.processes = new ProcessTable(pageSizeBytes);
  }

  /** What the sources with one file said last. */
  get slow(): SlowFacts {
    return this.slowReadings as SlowFacts;
  }

  /** What the sources with any number of files said last. */
  get families(): FamilyFacts {
    return this.familyReadings as FamilyFacts;
  }

  /**
   * What the host has where it is itself a container.
   * @returns undefined where it is none, and before that has been read.
   */
  inside(machine: MachineFacts): InsideView | undefined {
    return this.insideTexts && insideOf(this.insideTexts, machine);
  }

  /** How often all processes have been read, each once. */
  get roundsDone(): number {
    return this.schedule.roundsDone;
  }

  /** Whether a slow source was read, or could not be. A family may have no file at all. */
  hasRead(source: string): boolean {
    return this.schedule.hasRead(source);
  }

  /**
   * The next slice.
   * @param nowMs the host's uptime.
   * @param pace see {@link SurveySchedule.next}.
   * @returns undefined where nothing is due.
   */
  next(nowMs: number, pace: number): SurveyQuestion | undefined {
    const { processes, cgroups } = this;
    const knowledge = {
      cgroups: cgroups.size,
      hasNew: processes.hasNew,
      wanted: (most: number) => processes.wanted(most).map((pid) => ({ pid, files: this.filesOf(pid) })),
    };
    for (const pid of this.commandLinesAsked) this.silent.add(pid);
    const question = this.schedule.next(nowMs, knowledge, pace);
    this.commandLinesAsked = (question?.processes ?? [])
      .filter(({ files }) => files.includes('c'))
      .map(({ pid }) => pid);
    return question;
  }

  /** See {@link SurveySchedule.atOnce}. */
  atOnce(demand: Demand, met: (captures: readonly SurveyCapture[]) => void): () => void {
    return this.schedule.atOnce(demand, met);
  }

  /** Whether something is wanted at once. */
  get isUrgent(): boolean {
    return this.schedule.isUrgent;
  }

  /** Another run of the remote program answers from now on. */
  programChanged(): void {
    this.commandLinesAsked = [];
    this.processes.programChanged();
    this.schedule.programChanged();
  }

  add(capture: SurveyCapture): void {
    this.commandLinesAsked = [];
    this.processes.add(capture);
    this.cgroups.add(capture);
    this.schedule.note(capture);
    const { text, unreadable, hostUptimeMs } = capture;
    for (const id of Object.keys(slowSources) as SlowId[]) {
      const { path } = slowSources[id];
      if (!Object.hasOwn(text, path) && !unreadable.includes(path)) continue;
      this.slowReadings[id] = {
        ...readSource<unknown>(slowSources[id], text, unreadable),
        readAtMs: hostUptimeMs,
      };
    }
    for (const id of Object.keys(familySources) as FamilyId[]) this.addFamily(id, capture);
    this.addInside(capture);
  }

  /** Its files come together. Most hosts lack most of them. */
  private addInside({ text, unreadable }: SurveyCapture): void {
    const came = insidePaths.filter(({ path }) => Object.hasOwn(text, path));
    if (came.length + insidePaths.filter(({ path }) => unreadable.includes(path)).length < insidePaths.length)
      return;
    this.insideTexts = Object.fromEntries(came.map(({ path }) => [path, text[path] ?? '']));
  }

  private addFamily(id: FamilyId, { text, unreadable, hostUptimeMs }: SurveyCapture): void {
    const source = familySources[id];
    const known = (this.familyReadings[id] ??= {});
    for (const path of [...Object.keys(text), ...unreadable]) {
      if (!matches(path, source.path)) continue;
      if (!Object.hasOwn(known, path) && Object.keys(known).length >= mostOfFamily) continue;
      known[path] = {
        ...readSource<unknown>({ ...source, path }, text, unreadable),
        readAtMs: hostUptimeMs,
      };
    }
  }

  /**
   * What is read of a process besides its `stat`. The command line is that of a program: it is read once, and again where the
   * process has become another.
   */
  filesOf(pid: number): ProcessFile[] {
    const files: ProcessFile[] = ['s', 'g', 'o', 'a'];
    return this.processes.needsCommandLine(pid) && !this.silent.has(pid) ? [...files, 'c'] : files;
  }
}

/** Whether a path is one of a family: `*` stands for any characters but `/`. */
export function matches(path: string, pattern: string): boolean {
  const names = path.split('/');
  const parts = pattern.split('/');
  return (
    names.length === parts.length &&
    parts.every((part, index) => {
      const name = names[index] ?? '';
      const [before = '', after] = part.split('*');
      if (after === undefined) return name === part;
      return name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
    })
  );
}
