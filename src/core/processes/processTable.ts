import type { Source } from '../proc/source';
import { mostTasks } from '../proc/text';
import { readSource, type Problem } from '../sample';
import type { SurveyCapture } from '../survey/capture';
import { greatest } from './greatest';
import type { Process, ProcessDetails } from './process';
import { detailFiles, statFile, type DetailFile } from './processFiles';
import { WatchedProcess } from './watchedProcess';

/** Beyond so many, further processes are left out until others have ended; `total` tells that there are more. */
export const mostProcesses = 40_000;

/** Dear facts of the same process are not wanted again sooner. */
const shortestAgainMs = 10_000;

/** How many processes of a kind have their dear facts read again and again. */
const largestWatched = 30;
const othersWatched = 10;

/** All others have them read again after this long, a few at a time: a process may move to another cgroup. */
const seldomAgainMs = 10 * 60_000;
const oldestWatched = 5;

/** To compare pages with swap where the page size is not known. */
const usualPageSizeBytes = 4096;

const files = new Map<string, DetailFile>(
  (Object.keys(detailFiles) as DetailFile[]).map((file) => [nameOf(detailFiles[file]), file]),
);

function nameOf({ path }: Source<unknown>): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The processes of one host, put together from slices of a survey. It has no clock: all times are the host's uptime.
 *
 * What the remote program calls unchanged has to be known here: one that takes its place has sent nothing yet, see
 * {@link programChanged}.
 */
export class ProcessTable {
  readonly #watched = new Map<number, WatchedProcess>();
  #bootId: string | undefined;
  #nowMs = 0;
  #total: number | undefined;
  #problems: Record<string, Problem> = {};
  #processes: readonly Process[] | undefined;

  /** @param pageSizeBytes may be set later; sizes are known from the next reading on. */
  constructor(public pageSizeBytes?: number) {}

  /** All processes whose `stat` was read, in no order. The array and its objects never change. */
  get processes(): readonly Process[] {
    this.#processes ??= Array.from(this.#watched.values(), ({ process }) => process);
    return this.#processes;
  }

  /** How many processes the host had when the last round began, read or not; undefined before the first one. */
  get total(): number | undefined {
    return this.#total;
  }

  /** The newest text of a kind that was not what it should be, since the round began, by path (`proc/*\/stat`). */
  get problems(): Readonly<Record<string, Problem>> {
    return this.#problems;
  }

  get(pid: number): Process | undefined {
    return this.#watched.get(pid)?.process;
  }

  /**
   * Takes in one slice. Never throws. A process is dropped where a round's list lacks it, where its `stat` cannot be read,
   * and for another one with the same pid; after a reboot all are.
   */
  add({ bootId, hostUptimeMs, pids, unchangedPids, text, unreadable }: SurveyCapture): void {
    if (!(hostUptimeMs >= 0 && Number.isFinite(hostUptimeMs))) return;
    if (bootId !== this.#bootId) this.#watched.clear();
    this.#bootId = bootId;
    this.#nowMs = hostUptimeMs;
    this.#processes = undefined;
    if (pids) this.#beginRound(pids);

    const details = new Map<number, [DetailFile, string | undefined][]>();
    const detailsOf = (pid: number, name: string, path: string | undefined): void => {
      const file = files.get(name);
      if (file === undefined) return;
      const found = details.get(pid);
      if (found) found.push([file, path]);
      else details.set(pid, [[file, path]]);
    };
    for (const path of unreadable) {
      const [pid, name] = processPath(path);
      if (pid === undefined) continue;
      if (name === 'stat') this.#watched.delete(pid);
      else detailsOf(pid, name, undefined);
    }
    for (const path of Object.keys(text)) {
      const [pid, name] = processPath(path);
      if (pid === undefined) continue;
      if (name === 'stat') this.#addStat(pid, path, text);
      else detailsOf(pid, name, path);
    }
    for (const pid of unchangedPids) {
      const watched = this.#watched.get(pid);
      watched?.update(watched.process.stat, hostUptimeMs, this.pageSizeBytes);
    }
    // Last: the facts of a pid belong to the process that has it now.
    for (const [pid, found] of details) this.#addDetails(pid, found, text);
  }

  /**
   * Pids whose dear facts should be read next: those never read (or that run another program now), largest first, and, for at
   * most half of the places, the largest, the fastest growing, those with most major faults, those with most swap and those
   * that shrank most since, longest not read first. Kernel threads never. The same until a slice is added; a process comes
   * again 10 s after its facts were read or could not be.
   */
  wanted(most: number): readonly number[] {
    const due = this.#due();
    const places = Number.isFinite(most) ? Math.max(0, Math.floor(most)) : 0;
    const keptFree = Math.min(due.length, Math.floor(places / 2));
    const fresh = greatest(this.#watched.values(), places - keptFree, (watched) =>
      watched.isNew && this.#mayBeAsked(watched) ? this.#size(watched.process) + 1 : undefined,
    );
    return [...fresh, ...due.slice(0, places - fresh.length)].map(({ process }) => process.pid);
  }

  /** Whether there are some whose dear facts are wanted because they were never read, or of a program that ran before. */
  get hasNew(): boolean {
    for (const watched of this.#watched.values()) if (watched.isNew && this.#mayBeAsked(watched)) return true;
    return false;
  }

  /** Whether its command line was never read, or is that of the program that it ran before. */
  needsCommandLine(pid: number): boolean {
    return this.get(pid)?.details?.commandLine === undefined;
  }

  /** Another run of the remote program answers from now on: it finds cgroups only where it reads them of processes. */
  programChanged(): void {
    for (const watched of this.#watched.values()) watched.askAgain();
  }

  /** Those with most resident memory and swap; swap counts where it has been read. */
  largest(most: number): Process[] {
    return greatest(this.processes, most, (process) => this.#size(process));
  }

  /** By their memory in swap, where it has been read. */
  mostSwapped(most: number): Process[] {
    return greatest(this.processes, most, swapOf);
  }

  /** By the score by which the OOM killer chooses, where it has been read. */
  highestOomScores(most: number): Process[] {
    return greatest(this.processes, most, ({ details }) => details?.oomScore);
  }

  /** By their growth over the last minute, or where that is not known yet since the reading before. */
  fastestGrowing(most: number): Process[] {
    return greatest(this.processes, most, growthOf);
  }

  /** By processor time; kernel threads (kswapd) as well. */
  busiest(most: number): Process[] {
    return greatest(this.processes, most, ({ processorPercent }) => processorPercent);
  }

  topMajorFaults(most: number): Process[] {
    return greatest(this.processes, most, ({ majorFaultsPerSecond }) => majorFaultsPerSecond);
  }

  #beginRound(pids: readonly number[]): void {
    const living = new Set(pids);
    for (const pid of this.#watched.keys()) if (!living.has(pid)) this.#watched.delete(pid);
    this.#total = living.size;
    this.#problems = {};
  }

  #addStat(pid: number, path: string, texts: Readonly<Record<string, string>>): void {
    const stat = this.#read(statFile, path, texts);
    if (stat?.pid !== pid) {
      this.#watched.delete(pid);
      return;
    }
    const watched = this.#watched.get(pid);
    if (watched?.process.startTicks === stat.starttimeTicks) {
      watched.update(stat, this.#nowMs, this.pageSizeBytes);
    } else if (watched !== undefined || this.#watched.size < mostProcesses) {
      this.#watched.set(pid, new WatchedProcess(stat, this.#nowMs, this.pageSizeBytes));
    }
  }

  #addDetails(
    pid: number,
    found: readonly [DetailFile, string | undefined][],
    texts: Readonly<Record<string, string>>,
  ): void {
    const watched = this.#watched.get(pid);
    if (watched === undefined) return;
    const facts = found.map(([file, path]) => [
      file,
      path === undefined ? undefined : this.#read<unknown>(detailFiles[file], path, texts),
    ]);
    watched.addDetails(Object.fromEntries(facts) as Partial<ProcessDetails>, this.#nowMs);
  }

  #read<T>(source: Source<T>, path: string, texts: Readonly<Record<string, string>>): T | undefined {
    const { value, problem } = readSource({ ...source, path }, texts);
    if (problem) this.#problems[source.path] = problem;
    return value;
  }

  #mayBeAsked({ askedAtMs, process }: WatchedProcess): boolean {
    if (process.stat.kernelThread === true) return false;
    // The host's uptime may have gone back.
    return askedAtMs === undefined || askedAtMs > this.#nowMs || this.#nowMs - askedAtMs >= shortestAgainMs;
  }

  /** Those whose facts matter or change most, longest not read first. */
  #due(): WatchedProcess[] {
    const most = (count: number, keyOf: (watched: WatchedProcess) => number | undefined): WatchedProcess[] =>
      greatest(this.#watched.values(), count, keyOf);
    const worth = new Set([
      ...most(largestWatched, ({ process }) => this.#size(process)),
      ...most(othersWatched, ({ process }) => growthOf(process)),
      ...most(othersWatched, ({ process }) => process.majorFaultsPerSecond),
      ...most(othersWatched, ({ process }) => swapOf(process)),
      ...most(othersWatched, ({ shrunkPages }) => shrunkPages),
      ...most(oldestWatched, ({ askedAtMs }) => {
        const ageMs = this.#nowMs - (askedAtMs ?? this.#nowMs);
        return ageMs >= seldomAgainMs ? ageMs : undefined;
      }),
    ]);
    return [...worth]
      .filter((watched) => !watched.isNew && this.#mayBeAsked(watched))
      .sort((one, other) => (one.askedAtMs ?? 0) - (other.askedAtMs ?? 0));
  }

  #size(process: Process): number {
    const rssBytes = (process.stat.rssPages ?? 0) * (this.pageSizeBytes ?? usualPageSizeBytes);
    return rssBytes + (swapOf(process) ?? 0);
  }
}

function swapOf({ details }: Process): number | undefined {
  return details?.status?.vmSwapBytes;
}

function growthOf({ minuteGrowthBytesPerSecond, growthBytesPerSecond }: Process): number | undefined {
  return minuteGrowthBytesPerSecond ?? growthBytesPerSecond;
}

/** Pid and file of a path such as `proc/812/stat`. */
function processPath(path: string): readonly [number, string] | readonly [undefined] {
  const [, pid, name] = /^proc\/(\d{1,7})\/([a-z_]{1,20})$/.exec(path) ?? [];
  if (pid === undefined || name === undefined || Number(pid) > mostTasks) return [undefined];
  return [Number(pid), name];
}
