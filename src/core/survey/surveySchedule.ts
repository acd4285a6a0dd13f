import type { SurveyCapture } from './capture';
import type { ProcessFile, SurveyQuestion } from './question';

/**
 * How much a second of the host's uptime is asked for. To read a `stat` takes about 30 µs of the host, a cgroup with its
 * files 200, a process's other files 100, a slow source 50: together some 2 ms a second.
 */
const statsPerSecond = 33;
const cgroupsPerSecond = 4;
const processesPerSecond = 4;
/** While there are processes of which nothing but `stat` is known, so that a host is known soon. */
const newProcessesPerSecond = 10;

/** The first round goes so much faster: who attaches wants to know what is there. */
const firstRoundFaster = 3;

/** So many sets that were never read are read in one slice. */
const newSetsAtOnce = 5;

/** No round through the processes takes less, in ms: what does not change faster need not be read more often. */
const leastRoundMs = 5000;
/** Each cgroup comes round in this time where they are not too many, in ms. */
const cgroupRoundMs = 10_000;

/** The program finds cgroups by itself, as it reads processes: it is asked as if there were at least so many. */
const leastCgroups = 5;

/** A host that is asked rarely is not given more than this at once, in ms of the above. */
const longestSpanMs = 5000;

/** All at once, where a moment of the whole host is wanted. */
const statsAtOnce = 1000;
/** Of more cgroups than these, some are read in their turn only. */
const cgroupsAtOnce = 200;

/** What is known when a slice is made up. */
export interface SurveyKnowledge {
  readonly cgroups: number;
  /** Processes whose other files are to be read, those that matter most first. */
  wanted(most: number): readonly { readonly pid: number; readonly files: readonly ProcessFile[] }[];
  /** Whether there are some of which nothing but `stat` is known. */
  readonly hasNew: boolean;
}

/** What is wanted at once, or as nearly so as it comes: 1000 processes at each question. */
export interface Demand {
  readonly sets: readonly string[];
  /** `stat` and `schedstat` of all processes, none left out as unchanged. */
  readonly allProcesses: boolean;
  /** Further files of some processes. */
  readonly processes: SurveyQuestion['processes'];
  /** All memory cgroups that are known on the host, those of the processes that are read among them; at most 200. Absent: none. */
  readonly allCgroups?: true;
}

interface OpenDemand extends Demand {
  captures: readonly SurveyCapture[];
  readonly met: (captures: readonly SurveyCapture[]) => void;
}

/** Makes up slice after slice, so that everything comes round in time and no slice is large. Times are the host's uptime. */
export class SurveySchedule {
  private round = { number: 0, beganAtMs: -Infinity, pids: 0, left: 0 };
  private askedAtMs: number | undefined;
  /** Parts of a cgroup or process that were not asked for yet, so that small spans add up. */
  private owed = { stats: 0, cgroups: 0, processes: 0 };
  private readonly setAtMs = new Map<string, number>();
  private setsOnTheirWay: readonly string[] = [];
  private readonly setsRead = new Set<string>();
  private demand: OpenDemand | undefined;
  /** The slice that is under way was asked for by {@link demand}. */
  private demandAsked = false;

  /** @param setsEveryMs names of sets and how often each is read, in ms. */
  constructor(private readonly setsEveryMs: Readonly<Record<string, number>>) {}

  /**
   * @param pace 1: as much as is usual; less where surveys cost the host more than they may.
   * @returns undefined where nothing is due.
   */
  next(nowMs: number, known: SurveyKnowledge, pace: number): SurveyQuestion | undefined {
    const spanMs = Math.min(longestSpanMs, Math.max(0, nowMs - (this.askedAtMs ?? nowMs - 1000)));
    this.askedAtMs = nowMs;
    this.demandAsked = this.demand !== undefined;
    if (this.demand) {
      this.setsOnTheirWay = [];
      return this.demanded(this.demand);
    }
    const seconds = (spanMs / 1000) * pace;
    const { round, owed } = this;
    const list = round.left === 0 && nowMs - round.beganAtMs >= leastRoundMs / pace;
    const most = round.number <= 1 ? statsPerSecond * firstRoundFaster : statsPerSecond;
    owed.stats += list ? most * seconds : Math.min(most * seconds, (round.pids * spanMs) / leastRoundMs + 1);
    owed.cgroups += Math.min(
      cgroupsPerSecond * seconds,
      (Math.max(known.cgroups, leastCgroups) * spanMs * pace) / cgroupRoundMs,
    );
    owed.processes += (known.hasNew ? newProcessesPerSecond : processesPerSecond) * seconds;
    const sets = this.setsDue(nowMs);
    for (const set of sets) this.setAtMs.set(set, nowMs);
    this.setsOnTheirWay = sets;
    const stats = list || round.left > 0 ? this.whole('stats') : 0;
    const cgroups = this.whole('cgroups');
    const processes = known.wanted(this.whole('processes'));
    if (!list && sets.length + stats + cgroups + processes.length === 0) return undefined;
    return { list, stats, cgroups, sets, processes };
  }

  /** How often all processes have been read. */
  get roundsDone(): number {
    const { number, left } = this.round;
    return left === 0 ? number : number - 1;
  }

  hasRead(set: string): boolean {
    return this.setsRead.has(set);
  }

  /**
   * Asks for something at once.
   * @param met is called with all that has come of it.
   * @returns what takes it back.
   * @throws {Error} where something is being asked for at once already.
   */
  atOnce(demand: Demand, met: (captures: readonly SurveyCapture[]) => void): () => void {
    if (this.demand) throw new Error('something else is being read there at once');
    const open: OpenDemand = { ...demand, captures: [], met };
    this.demand = open;
    this.demandAsked = false; // what is on its way was asked for by another one
    return () => {
      if (this.demand === open) this.demand = undefined;
    };
  }

  /** Whether something is wanted at once. */
  get isUrgent(): boolean {
    return this.demand !== undefined;
  }

  /** Another run of the remote program answers from now on, which knows of nothing that was asked before. */
  programChanged(): void {
    this.round = { ...this.round, beganAtMs: -Infinity, left: 0 };
    for (const set of this.setsOnTheirWay) this.setAtMs.delete(set);
    this.setsOnTheirWay = [];
    this.demandAsked = false;
    if (this.demand) this.demand.captures = [];
  }

  note(capture: SurveyCapture): void {
    const { pids, left = 0, hostUptimeMs } = capture;
    const { round, demand } = this;
    for (const set of this.setsOnTheirWay) this.setsRead.add(set);
    this.setsOnTheirWay = [];
    if (pids) this.round = { number: round.number + 1, beganAtMs: hostUptimeMs, pids: pids.length, left };
    else round.left = left;
    // What was under way when it was asked for is none of it.
    if (!demand || !this.demandAsked) return;
    this.demandAsked = false;
    demand.captures = [...demand.captures, capture];
    if (demand.allProcesses && left > 0) return;
    this.demand = undefined;
    demand.met(demand.captures);
  }

  private demanded({ captures, allProcesses, sets, processes, allCgroups }: OpenDemand): SurveyQuestion {
    const first = captures.length === 0;
    return {
      list: first && allProcesses,
      fresh: first && allProcesses,
      stats: allProcesses ? statsAtOnce : 0,
      schedstats: allProcesses,
      cgroups: first && allCgroups ? cgroupsAtOnce : 0,
      sets: first ? sets : [],
      processes: first ? processes : [],
    };
  }

  private whole(what: keyof SurveySchedule['owed']): number {
    const count = Math.floor(this.owed[what]);
    this.owed[what] -= count;
    return count;
  }

  /** The one that is most overdue; several of those that were never read. */
  private setsDue(nowMs: number): string[] {
    const overdueMs = (set: string): number =>
      nowMs - (this.setAtMs.get(set) ?? -Infinity) - (this.setsEveryMs[set] ?? 0);
    const due = Object.keys(this.setsEveryMs).filter((set) => overdueMs(set) >= 0);
    const fresh = due.filter((set) => !this.setAtMs.has(set));
    if (fresh.length > 0) return fresh.slice(0, newSetsAtOnce);
    return due.sort((one, other) => overdueMs(other) - overdueMs(one)).slice(0, 1);
  }
}
