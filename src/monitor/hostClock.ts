/**
 * Where the host's clock stands against ours. Samples carry the host's uptime (`/proc/uptime`: CLOCK_BOOTTIME, 10 ms
 * steps); charts need our time of day. The offset is taken from the quickest answer seen, because the uptime was read
 * at some moment between question and answer.
 */
export class HostClock {
  private best: { bootId: string; offsetMs: number; delayMs: number } | undefined;

  /**
   * @param askedWallMs @param receivedWallMs our wall clock (ms since the epoch) around the answer.
   */
  observe(bootId: string, uptimeMs: number, askedWallMs: number, receivedWallMs: number): void {
    const delayMs = Math.max(0, receivedWallMs - askedWallMs);
    const offsetMs = (askedWallMs + receivedWallMs) / 2 - uptimeMs;
    if (this.isBetter(bootId, offsetMs, delayMs)) this.best = { bootId, offsetMs, delayMs };
  }

  /** A clock that was set, or one that drifts away by more than the answers leave open, starts anew. */
  private isBetter(bootId: string, offsetMs: number, delayMs: number): boolean {
    if (this.best?.bootId !== bootId) return true;
    const apartMs = Math.abs(offsetMs - this.best.offsetMs);
    return delayMs <= this.best.delayMs || apartMs > (delayMs + this.best.delayMs) / 2 + 1000;
  }

  /** Our time of day (ms since the epoch) at which the host had been up for `uptimeMs`. */
  toWallMs(uptimeMs: number): number {
    return uptimeMs + (this.best?.offsetMs ?? 0);
  }
}
