/** So many boots of one host are remembered. */
const maxBoots = 4;

/**
 * Where the host's clock stands against ours. Samples carry the host's uptime (`/proc/uptime`: CLOCK_BOOTTIME, 10 ms
 * steps); charts need our time of day. The offset is taken from the quickest answer seen, because the uptime was read
 * at some moment between question and answer. Each boot has an offset of its own.
 */
export class HostClock {
  private readonly best = new Map<string, { offsetMs: number; delayMs: number }>();

  /**
   * @param askedWallMs @param receivedWallMs our wall clock (ms since the epoch) around the answer.
   */
  observe(bootId: string, uptimeMs: number, askedWallMs: number, receivedWallMs: number): void {
    const delayMs = Math.max(0, receivedWallMs - askedWallMs);
    const offsetMs = (askedWallMs + receivedWallMs) / 2 - uptimeMs;
    if (this.isBetter(bootId, offsetMs, delayMs)) this.best.set(bootId, { offsetMs, delayMs });
    const [oldest] = this.best.keys();
    if (this.best.size > maxBoots && oldest !== undefined) this.best.delete(oldest);
  }

  /** Our time of day (ms since the epoch) at which the host had been up for `uptimeMs`; undefined for a boot not seen. */
  toWallMs(bootId: string, uptimeMs: number): number | undefined {
    const best = this.best.get(bootId);
    return best && best.offsetMs + uptimeMs;
  }

  /** A clock that was set, or one that drifts away by more than the answers leave open, starts anew. */
  private isBetter(bootId: string, offsetMs: number, delayMs: number): boolean {
    const best = this.best.get(bootId);
    if (!best) return true;
    const apartMs = Math.abs(offsetMs - best.offsetMs);
    return delayMs <= best.delayMs || apartMs > (delayMs + best.delayMs) / 2 + 1000;
  }
}
