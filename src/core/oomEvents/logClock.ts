/** Of so many of the last lines the one that came quickest counts: the clocks drift apart over days. */
const mostObserved = 200;

/** Lines that are written together, one report of a kill among them; ms of the log's clock. */
const togetherMs = 5000;

interface Observed {
  readonly kernelTimeMs: number;
  readonly behindMs: number;
}

/**
 * The kernel log's clock against the uptime of the same boot. The log's (`local_clock`, kernel/sched/clock.c) stands still in
 * suspend and is not disciplined by NTP: after weeks they may be minutes apart.
 */
export class LogClock {
  #bootId: string | undefined;
  #observed: Observed[] = [];

  /**
   * A line that came as it was written, not one of the ring buffer as it was found.
   * @param uptimeMs the host's uptime when it came; later than it was written, never earlier.
   */
  observe(bootId: string, kernelTimeMs: number, uptimeMs: number): void {
    if (bootId !== this.#bootId) this.#observed = [];
    this.#bootId = bootId;
    this.#observed.push({ kernelTimeMs, behindMs: uptimeMs - kernelTimeMs });
    if (this.#observed.length > mostObserved) this.#observed.shift();
  }

  /** The host's uptime in ms of a line of the log; as the log has it while nothing better is known. */
  toUptimeMs(bootId: string, kernelTimeMs: number): number {
    const last = this.#observed.at(-1);
    if (bootId !== this.#bootId || last === undefined) return kernelTimeMs;
    // Each suspend adds to it: what was seen before that moment says nothing, what was seen later is no less.
    const sinceMs = Math.min(kernelTimeMs, last.kernelTimeMs) - togetherMs;
    const later = this.#observed.filter((one) => one.kernelTimeMs >= sinceMs);
    const behindMs = Math.min(...later.map((one) => one.behindMs));
    // Lines take a moment to come: less than this is no difference.
    return Math.abs(behindMs) < leastApartMs ? kernelTimeMs : kernelTimeMs + behindMs;
  }
}

const leastApartMs = 2000;
