import { quantile } from '../quantile';
import type { Observation } from './observation';

/** How the machine came back, as `observe` saw it. In ms since the start of the rescue; undefined: it did not. */
export interface Recovery {
  /** All containers stood still. */
  readonly frozenMs: number | undefined;
  readonly firstDeadMs: number | undefined;
  readonly allDeadMs: number | undefined;
  /** PSI memory full came below 10 %: its avg10, which follows by some 15 s, and in fact (over the 5 s from then on). */
  readonly calmAvg10Ms: number | undefined;
  readonly calmMs: number | undefined;
  /** Medians of MemAvailable: the 15 s before, and 10 to 30 s after the last one was dead. */
  readonly availableBeforeBytes: number;
  readonly availableAfterBytes: number | undefined;
  /** PSI memory full, avg10, median of the minute before. */
  readonly fullBeforePercent: number;
  readonly fileBeforeBytes: number;
  readonly oomKills: number;
  /** In the minute before and until the last one was dead. */
  readonly lateMs: number;
  /** The last one that was seen, after so long. */
  readonly last: { readonly ms: number; readonly containers: number } | undefined;
}

const calmPercent = 10;
const overMs = 5000;

/** @param count of the containers there were. @param startAt the machine's uptime at the start, ms. */
export function recoveryOf(observations: readonly Observation[], startAt: number, count: number): Recovery {
  const since = observations.filter(({ at }) => at >= startAt);
  const before = (ms: number): Observation[] =>
    observations.filter(({ at }) => at < startAt && at >= startAt - ms);
  const msOf = (found: Observation | undefined): number | undefined => found && found.at - startAt;
  const allDead = since.find(({ containers }) => containers === 0);
  const after = allDead
    ? since.filter(({ at }) => at >= allDead.at + 10_000 && at <= allDead.at + 30_000)
    : [];
  const last = since.at(-1);
  const watched = [...before(60_000), ...since.filter(({ at }) => !allDead || at <= allDead.at)];
  return {
    frozenMs: msOf(since.find(({ frozen }) => frozen === count)),
    firstDeadMs: msOf(since.find(({ containers }) => containers < count)),
    allDeadMs: msOf(allDead),
    calmAvg10Ms: msOf(since.find(({ fullPercent }) => fullPercent < calmPercent)),
    calmMs: msOf(since.find((from) => (shareFrom(from, since) ?? Infinity) < calmPercent / 100)),
    availableBeforeBytes: median(before(15_000), ({ availableBytes }) => availableBytes),
    availableAfterBytes:
      after.length === 0 ? undefined : median(after, ({ availableBytes }) => availableBytes),
    fullBeforePercent: median(before(60_000), ({ fullPercent }) => fullPercent),
    fileBeforeBytes: median(before(60_000), ({ fileBytes }) => fileBytes),
    oomKills: (last?.oomKills ?? 0) - (before(60_000)[0]?.oomKills ?? 0),
    lateMs: Math.max(0, ...watched.map(({ lateMs }) => lateMs)),
    last: last && { ms: last.at - startAt, containers: last.containers },
  };
}

/** The share of the time from then on in which all waited for memory; undefined where it is not known for so long. */
function shareFrom(from: Observation, observations: readonly Observation[]): number | undefined {
  const end = observations.find(({ at }) => at >= from.at + overMs);
  return end && (end.fullTotalMs - from.fullTotalMs) / (end.at - from.at);
}

function median(observations: readonly Observation[], value: (observation: Observation) => number): number {
  return quantile(observations.map(value), 0.5);
}
