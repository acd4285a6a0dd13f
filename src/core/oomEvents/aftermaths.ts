import type { OomEvent } from '../oom/event';
import { isWholeTable } from '../oom/taskRow';
import type { Survey } from '../survey/survey';
import type { Aftermath } from './aftermath';
import { isContainerSettled, isListDue, type ContainerPatience } from './containerDoubt';
import { containerIdOf, containerOf, containerRestart, type ContainedVictim } from './containerRestart';
import type { HostOomEvent } from './hostEvent';
import type { KnownContainers } from './knownContainers';
import { ProcessTrail, startedMs, type TrailedProcess } from './processTrail';
import { clockSlackMs, isReturnOf, startedBy, type Killed } from './returned';
import { containerOfId, lacksPolicy, startedByRuntime, withPolicy } from './startedByRuntime';

/** Who comes back at once has done so within this time, for a container has to be made ready; ms. */
const soonMs = 5000;
/** One that comes back later than that came for another reason. */
const watchedMs = 10 * 60_000;
/** More kills than these are not followed at a time; a host is killed over and over. */
const mostFollowed = 200;

interface Followed extends Killed, ContainedVictim {
  readonly key: string;
  readonly bootId: string;
  readonly name: string;
  aftermath: Aftermath;
}

/**
 * Follows what happens after each kill: whether a process of the same name comes into the same place, and who started it.
 * Times are the host's uptime. It has no clock and asks nothing.
 */
export class Aftermaths {
  readonly trail = new ProcessTrail();
  #bootId: string | undefined;
  /** The host's uptime at the first survey of this boot. */
  #sinceMs = Infinity;
  #followed: Followed[] = [];
  /** Each process is taken for the return of one victim only. */
  readonly #returned = new Map<string, string>();
  /** Ids of containers by the pids of their first processes, as the API has told them last. */
  #mains: ReadonlyMap<number, string> = new Map();
  readonly #stayedDeadMs: number;
  readonly #patience: ContainerPatience;

  /** @param stayedDeadMs nobody who has not come back within this time is waited for. */
  constructor(stayedDeadMs: number) {
    this.#stayedDeadMs = stayedDeadMs;
    this.#patience = { soonMs, settlingMs: 0.75 * stayedDeadMs, withoutListMs: 2 * stayedDeadMs };
  }

  /** @param killedMs the host's uptime at the kill, where it is known better than by the log's clock. */
  noteEvent({ key, event, bootId }: HostOomEvent, killedMs = event.kernelTimeMs): void {
    const [victim] = event.victims;
    if (event.kind !== 'kernel' || victim === undefined || killedMs === undefined || bootId === undefined)
      return;
    if (this.#followed.some((one) => one.key === key)) return;
    const seen = bootId === this.#bootId ? this.trail.at(victim.pid, killedMs) : undefined;
    const listed = listedPids(event);
    this.#followed.push({
      key,
      bootId,
      pid: victim.pid,
      name: victim.name,
      cgroup: event.cgroup?.task ?? victim.cgroup ?? seen?.cgroup,
      killedMs,
      victim: seen,
      listed,
      beside: isOfOneCgroup(event) ? listed : new Set(),
      isWhole: isWholeTable(event.tasks),
      container: this.#mains.get(victim.pid) ?? containerOfOne(event),
      aftermath: { kind: 'waiting' },
    });
    if (this.#followed.length <= mostFollowed) return;
    this.#followed.sort((one, other) => one.killedMs - other.killedMs).shift();
  }

  /**
   * To be called after each slice of a survey.
   * @param containers undefined: the API has not told them.
   * @returns what is known now and was not before.
   */
  noteSurvey(
    survey: Pick<Survey, 'bootId' | 'processes' | 'roundsDone'>,
    nowMs: number,
    containers: KnownContainers | undefined,
  ): readonly { readonly key: string; readonly aftermath: Aftermath }[] {
    if (survey.bootId !== this.#bootId) {
      // Kills of this boot may have been told before it was surveyed.
      this.#followed = this.#followed.filter(({ bootId }) => bootId === survey.bootId);
      this.#returned.clear();
      this.#bootId = survey.bootId;
      this.#sinceMs = nowMs;
    }
    this.trail.note(survey, nowMs);
    const named = this.#named();
    const news: { key: string; aftermath: Aftermath }[] = [];
    for (const followed of this.#followed) {
      if (followed.bootId !== survey.bootId) continue;
      const aftermath = this.#aftermathOf(followed, named, nowMs, containers);
      if (aftermath === followed.aftermath) continue;
      followed.aftermath = aftermath;
      news.push({ key: followed.key, aftermath });
    }
    this.#mains = new Map(
      (containers?.containers ?? []).flatMap(({ id, pid }) => (pid === undefined ? [] : [[pid, id]])),
    );
    this.#followed = this.#followed.filter(
      ({ killedMs, bootId }) => bootId !== survey.bootId || nowMs - killedMs < watchedMs,
    );
    return news;
  }

  /** The containers of which a list that is asked for now would tell more, by id. @param isCalm see {@link isListDue}. */
  containersInDoubt(
    nowMs: number,
    containers: KnownContainers | undefined,
    isCalm: boolean,
  ): ReadonlySet<string> {
    const due = this.#followed.filter(
      (one) =>
        one.bootId === this.#bootId &&
        (one.aftermath.kind === 'waiting' || lacksPolicy(one.aftermath)) &&
        this.#isWatched(one) &&
        isListDue(one, one.aftermath, containers, isCalm, nowMs - one.killedMs, this.#patience),
    );
    return new Set(due.flatMap((one) => containerOf(one) ?? []));
  }

  /** Of what was killed before anybody watched, it is not known what came and went. */
  #isWatched({ killedMs }: Followed): boolean {
    return killedMs >= this.#sinceMs - this.#stayedDeadMs;
  }

  /** Those that may have come back, by name. */
  #named(): ReadonlyMap<string, readonly TrailedProcess[]> {
    const named = new Map<string, TrailedProcess[]>();
    const open = this.#followed.filter(({ aftermath }) => aftermath.kind !== 'came-back');
    if (open.length === 0) return named;
    for (const { name } of open) named.set(name, []);
    const firstMs = Math.min(...open.map(({ killedMs }) => killedMs));
    for (const process of this.trail.living.values()) named.get(process.name)?.push(process);
    for (const process of this.trail.goneBetween(firstMs, Infinity)) named.get(process.name)?.push(process);
    return named;
  }

  #aftermathOf(
    followed: Followed,
    named: ReadonlyMap<string, readonly TrailedProcess[]>,
    nowMs: number,
    known: KnownContainers | undefined,
  ): Aftermath {
    const { aftermath, killedMs, key } = followed;
    const containers = known?.containers;
    if (aftermath.kind === 'came-back') return withPolicy(aftermath, containers);
    const next = this.#nextKillOf(followed);
    for (const process of this.#candidates(followed, named.get(followed.name) ?? [])) {
      // What was started after the next kill is what came of that one.
      if (next && startedMs(process) >= next.killedMs) break;
      if (!isReturnOf(process, followed, this.trail)) continue;
      this.#returned.set(identityOf(process), key);
      const by = startedBy(process, followed, this.trail, containers);
      const afterMs = Math.max(0, startedMs(process) - killedMs);
      return { kind: 'came-back', afterMs, pid: process.pid, by };
    }
    const restart = containerRestart(followed, known, this.trail);
    if (restart && !(next && killedMs + (restart.afterMs ?? 0) >= next.killedMs)) return restart;
    if (next) {
      const container = containerOfId(followed.container, containers);
      const by = container && startedByRuntime(container.id, container);
      return { kind: 'came-back', afterMs: undefined, pid: next.pid, by };
    }
    const sinceMs = nowMs - killedMs;
    if (aftermath.kind !== 'waiting' || sinceMs < this.#stayedDeadMs || !this.#isWatched(followed))
      return aftermath;
    return isContainerSettled(followed, known, this.trail, sinceMs, this.#patience)
      ? { kind: 'stayed-dead', watchedMs: sinceMs }
      : aftermath;
  }

  /** The next kill of the same program in the same place, of a process that was started since. */
  #nextKillOf({ name, cgroup, bootId, killedMs, listed, isWhole }: Followed): Followed | undefined {
    if (cgroup === undefined) return undefined;
    return this.#followed
      .filter(
        (one) =>
          one.name === name &&
          one.cgroup === cgroup &&
          one.bootId === bootId &&
          one.killedMs > killedMs &&
          one.killedMs - killedMs < watchedMs,
      )
      .sort((one, other) => one.killedMs - other.killedMs)
      .find(({ victim, pid }) =>
        listed.has(pid) ? false : victim ? startedMs(victim) >= killedMs - clockSlackMs : isWhole,
      );
  }

  /** Those of its name that were started after the kill, the first one first; one that was killed again as well. */
  #candidates(
    { killedMs, pid, key, listed, victim }: Followed,
    named: readonly TrailedProcess[],
  ): readonly TrailedProcess[] {
    return named
      .filter((one) => {
        const atMs = startedMs(one);
        if (one.pid === pid || atMs < killedMs - clockSlackMs || atMs > killedMs + watchedMs) return false;
        // It lived beside the victim.
        if (listed.has(one.pid) && atMs <= killedMs + clockSlackMs) return false;
        if (victim && one.firstSeenMs <= victim.seenMs) return false;
        return (this.#returned.get(identityOf(one)) ?? key) === key;
      })
      .sort((one, other) => one.startTicks - other.startTicks);
  }
}

function identityOf({ pid, startTicks }: TrailedProcess): string {
  return `${pid} ${startTicks}`;
}

function listedPids({ tasks }: OomEvent): ReadonlySet<number> {
  return new Set(tasks?.rows.flatMap(({ pid, tgid }) => [pid, tgid ?? pid]));
}

/** Whether the kernel listed what is in the victim's cgroup (and below it), and nothing else. */
function isOfOneCgroup({ scope, cgroup }: OomEvent): boolean {
  return scope === 'memcg' && cgroup?.task !== undefined && cgroup.limit === cgroup.task;
}

/** The container in which the kernel listed nobody but the victim: its first process then, with which it ended. */
function containerOfOne(event: OomEvent): string | undefined {
  const { cgroup, tasks } = event;
  if (!isOfOneCgroup(event) || cgroup?.task === undefined) return undefined;
  if (!isWholeTable(tasks) || tasks.rows.length !== 1) return undefined;
  return containerIdOf(cgroup.task);
}
