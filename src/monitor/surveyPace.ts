import type { Budget } from './programAwk';

/** Surveys take no more than this of a processor, and no more than this part of the budget. */
const mostShare = 0.003;
const mostOfBudget = 0.5;

const slowest = 0.05;
/** It grows back by this at most from one look to the next. */
const growth = 1.5;

/** How often it is looked at, in ms. */
const lookEveryMs = 5000;

/** Where the host does not tell what its processes cost (CONFIG_SCHED_INFO is off), this is enough. */
const unknownCostPace = 0.5;

/** Slows surveys down on a host where they cost more than they may, by what the host itself measures. */
export class SurveyPace {
  private last: { readonly atMs: number; readonly spentMs: number | undefined } | undefined;
  private bytes = 0;
  private spentMs: number | undefined;
  private current = 1;

  constructor(private readonly budget: Budget) {}

  /** 1: as much as is usual. */
  get pace(): number {
    return this.current;
  }

  /**
   * Takes in one slice.
   * @param atMs the host's uptime.
   * @param bytes what it took on the wire.
   * @param spentMs processor time that surveys have taken so far; undefined: this slice does not tell.
   */
  note(atMs: number, bytes: number, spentMs: number | undefined): void {
    const { last } = this;
    this.bytes += bytes;
    this.spentMs = spentMs ?? this.spentMs;
    if (last && atMs >= last.atMs && atMs - last.atMs < lookEveryMs) return;
    this.last = { atMs, spentMs: this.spentMs };
    if (last && atMs > last.atMs) this.look(atMs - last.atMs, last.spentMs);
    this.bytes = 0;
  }

  private look(elapsedMs: number, spentBeforeMs: number | undefined): void {
    const { budget, spentMs, bytes } = this;
    const most = this.spentMs === undefined ? unknownCostPace : 1;
    const allowedBytes = (budget.bytesPerSecond * mostOfBudget * elapsedMs) / 1000;
    const roomForBytes = bytes === 0 ? growth : allowedBytes / bytes;
    let roomForTime = growth;
    if (spentMs !== undefined && spentBeforeMs !== undefined && spentMs > spentBeforeMs) {
      const allowed = Math.min(mostShare, budget.processorShare * mostOfBudget);
      roomForTime = (allowed * elapsedMs) / (spentMs - spentBeforeMs);
    }
    const room = Math.min(growth, roomForBytes, roomForTime);
    this.current = Math.min(most, Math.max(slowest, this.current * room));
  }
}
