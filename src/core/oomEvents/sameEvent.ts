import type { OomEvent, OomVictim } from '../oom/event';
import type { FoundEvent } from './eventBook';
import type { HostOomEvent, WitnessedKills } from './hostEvent';

type Told = Pick<FoundEvent, 'event' | 'bootId' | 'atMs' | 'witnessed'>;

/** Two readings of one line have the same kernel time but for rounding; no pid is given anew in so short a time. */
const kernelTimeApartMs = 1000;

/** A syslog daemon on a host that thrashes writes a line minutes late; clocks are set. */
const wallApartMs = 10 * 60_000;

/** From the first line of a report to that of the kill; a serial console writes 11 KB a second. */
const reportMs = 10_000;

/** A runtime tells of a kill when its own loop comes round. */
const noticeApartMs = 30_000;

/** Whether two sources tell of one and the same kill. What is not known speaks neither for nor against it. */
export function isSameEvent(one: Told, other: HostOomEvent | Told): boolean {
  if (contradict(one.bootId, other.bootId)) return false;
  if (one.witnessed || other.witnessed) return overlap(one, other);
  if (one.event.kind !== other.event.kind) return isNoticeOf(one, other) || isNoticeOf(other, one);
  const [victim, otherVictim] = [one.event.victims[0], other.event.victims[0]];
  if (victim === undefined || otherVictim === undefined) return isSameInvocation(one, other);
  if (victim.pid !== otherVictim.pid || victim.name !== otherVictim.name) return false;
  const apartMs = apart(one.event.kernelTimeMs, other.event.kernelTimeMs);
  if (one.bootId !== undefined && other.bootId !== undefined && apartMs !== undefined)
    return apartMs <= kernelTimeApartMs;
  if (contradictSizes(victim, otherVictim)) return false;
  if (apartMs !== undefined && apartMs > kernelTimeApartMs) return false;
  const wallApart = apart(one.atMs, other.atMs);
  if (wallApart !== undefined) return wallApart <= wallApartMs;
  return apartMs !== undefined;
}

/** Without a victim: the same who asked, in the same place, at the same moment. */
function isSameInvocation(one: Told, other: Told): boolean {
  const [event, otherEvent] = [one.event, other.event];
  if (event.trigger?.pid !== otherEvent.trigger?.pid || contradict(event.container, otherEvent.container))
    return false;
  if (contradict(event.cgroup?.task, otherEvent.cgroup?.task)) return false;
  // A file ends in the middle of a report, which another source has whole.
  const isCut = event.trigger?.pid !== undefined && isUnknown(event) !== isUnknown(otherEvent);
  if (event.outcome !== otherEvent.outcome && !isCut) return false;
  const apartMs = apart(event.kernelTimeMs, otherEvent.kernelTimeMs) ?? apart(one.atMs, other.atMs);
  return apartMs !== undefined && apartMs <= (isCut ? reportMs : kernelTimeApartMs);
}

function isUnknown({ outcome }: OomEvent): boolean {
  return outcome === 'unknown';
}

/** Counters that rose from 5 to 7 tell of the kills that another window saw from 5 to 6 and from 6 to 7. */
function overlap({ witnessed: one }: Told, { witnessed: other }: Told): boolean {
  return one !== undefined && other !== undefined && isOverlap(one, other);
}

export function isOverlap(one: WitnessedKills, other: WitnessedKills): boolean {
  return one.fromCount < other.toCount && other.fromCount < one.toCount;
}

/** A container runtime's word for what the kernel has told with more. */
function isNoticeOf(notice: Told, kill: Told): boolean {
  const { container, kind } = notice.event;
  if (kind !== 'runtime' || container === undefined || container.length < 12 || kill.event.kind !== 'kernel')
    return false;
  const apartMs = apart(notice.atMs, kill.atMs);
  if (apartMs === undefined || apartMs > noticeApartMs) return false;
  return groupsOf(kill.event).some((group) => group.includes(container));
}

function groupsOf({ cgroup }: OomEvent): readonly string[] {
  return [cgroup?.task, cgroup?.limit].filter((group) => group !== undefined);
}

function contradict<T>(one: T | undefined, other: T | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function contradictSizes(one: OomVictim, other: OomVictim): boolean {
  return contradict(one.anonRssBytes, other.anonRssBytes) || contradict(one.totalVmBytes, other.totalVmBytes);
}

function apart(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.abs(one - other);
}
