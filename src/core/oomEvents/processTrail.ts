import { memoryGroupOf } from '../cgroups/processOwner';
import type { Process } from '../processes/process';
import type { Survey } from '../survey/survey';

/** A process as it was seen last, kept for a while after it has gone. */
export interface TrailedProcess {
  readonly pid: number;
  readonly startTicks: number;
  readonly name: string;
  readonly ppid: number;
  /** Its parent's name, where the parent was seen. */
  readonly parentName: string | undefined;
  /** The memory cgroup; undefined: not read. */
  readonly cgroup: string | undefined;
  readonly rssBytes: number | undefined;
  /** The host's uptime in ms when it was seen first and last, not as a zombie. */
  readonly firstSeenMs: number;
  readonly seenMs: number;
  /** Between `seenMs` and this moment it went; undefined: it is there. */
  readonly goneByMs: number | undefined;
}

/** Those that have gone are kept for so long, at most so many. */
const keptMs = 10 * 60_000;
const mostGone = 2000;

/**
 * Remembers the processes of one host beyond their end, so that it can be said of one that was killed whose child it was and
 * where it lived. A process that lives between two rounds of the survey is never seen.
 */
export class ProcessTrail {
  #bootId: string | undefined;
  readonly #living = new Map<number, TrailedProcess>();
  #gone: TrailedProcess[] = [];
  readonly #goneOfPid = new Map<number, TrailedProcess[]>();

  /** To be called after each slice of a survey. @param nowMs the host's uptime. */
  note({ bootId, processes }: Pick<Survey, 'bootId' | 'processes'>, nowMs: number): void {
    if (bootId !== this.#bootId) {
      this.#living.clear();
      this.#keepGone([]);
      this.#bootId = bootId;
    }
    const there = new Set<number>();
    for (const process of processes.processes) {
      there.add(process.pid);
      const known = this.#living.get(process.pid);
      if (known?.seenMs === process.readAtMs && known.cgroup !== undefined) continue;
      // One that has ended holds nothing any more.
      if (known?.startTicks === process.startTicks && process.stat.state === 'Z') continue;
      if (known && known.startTicks !== process.startTicks) this.#end(known, nowMs);
      const same = known?.startTicks === process.startTicks ? known : undefined;
      this.#living.set(process.pid, trailed(process, processes.get(process.stat.ppid ?? 0), same));
    }
    for (const [pid, known] of this.#living) if (!there.has(pid)) this.#end(known, nowMs);
    const oldestMs = nowMs - keptMs;
    if ((this.#gone[0]?.goneByMs ?? nowMs) < oldestMs || this.#gone.length > mostGone)
      this.#keepGone(this.#gone.filter(({ goneByMs = nowMs }) => goneByMs >= oldestMs).slice(-mostGone));
  }

  /** The process that had this pid at that moment of the host's uptime, as far as it was seen. */
  at(pid: number, atMs: number): TrailedProcess | undefined {
    const startedBefore = (one: TrailedProcess): boolean => startedMs(one) <= atMs + 1000;
    const living = this.#living.get(pid);
    if (living && startedBefore(living)) return living;
    return this.#goneOfPid.get(pid)?.filter(startedBefore).at(-1);
  }

  /** Processes that are there now. */
  get living(): ReadonlyMap<number, TrailedProcess> {
    return this.#living;
  }

  /** Those that may have gone in a span of the host's uptime, in the order in which that was found. */
  goneBetween(fromMs: number, toMs: number): readonly TrailedProcess[] {
    return this.#gone.filter(
      (one) => one.seenMs <= toMs && (one.goneByMs ?? Infinity) >= fromMs && startedMs(one) <= toMs,
    );
  }

  #end(process: TrailedProcess, nowMs: number): void {
    this.#living.delete(process.pid);
    const gone = { ...process, goneByMs: nowMs };
    this.#gone.push(gone);
    this.#noteGone(gone);
  }

  #noteGone(process: TrailedProcess): void {
    const ofPid = this.#goneOfPid.get(process.pid);
    if (ofPid) ofPid.push(process);
    else this.#goneOfPid.set(process.pid, [process]);
  }

  #keepGone(gone: TrailedProcess[]): void {
    this.#gone = gone;
    this.#goneOfPid.clear();
    for (const process of gone) this.#noteGone(process);
  }
}

/** The host's uptime at its start, by ticks of 10 ms (`USER_HZ` 100). */
export function startedMs({ startTicks }: Pick<TrailedProcess, 'startTicks'>): number {
  return startTicks * 10;
}

function trailed(
  { pid, startTicks, stat, details, rssBytes, readAtMs }: Process,
  parent: Process | undefined,
  known: TrailedProcess | undefined,
): TrailedProcess {
  const isParent = parent !== undefined && parent.startTicks <= startTicks;
  return {
    pid,
    startTicks,
    name: stat.name,
    // A process whose parent has ended is given to another: the first one is who started it.
    ppid: known?.ppid ?? stat.ppid ?? 0,
    parentName: known?.parentName ?? (isParent ? parent.stat.name : undefined),
    cgroup: (details?.cgroup && memoryGroupOf(details.cgroup)?.path) ?? known?.cgroup,
    rssBytes: rssBytes ?? known?.rssBytes,
    firstSeenMs: known?.firstSeenMs ?? readAtMs,
    seenMs: readAtMs,
    goneByMs: undefined,
  };
}
