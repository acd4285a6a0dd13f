/**
 * Tells once when available memory has fallen below a threshold and stayed there, and not again before it has clearly
 * recovered.
 */
export class LowMemoryAlarm {
  private belowSinceMs: number | undefined;
  private told = false;
  private lastMs = -Infinity;

  /** @param lastingMs how long it has to stay below. */
  constructor(private readonly lastingMs: number) {}

  /**
   * @param atMs when the share was measured: the host's uptime. Where it goes back the host has booted, and all is forgotten.
   * @param sharePercent MemAvailable as a share of MemTotal.
   * @param thresholdPercent below which it is an alarm. It is armed again once a fifth more than that is available.
   * @returns true once per fall.
   */
  push(atMs: number, sharePercent: number, thresholdPercent: number): boolean {
    if (atMs < this.lastMs) {
      this.belowSinceMs = undefined;
      this.told = false;
    }
    this.lastMs = atMs;
    if (sharePercent >= thresholdPercent) {
      this.belowSinceMs = undefined;
      if (sharePercent >= thresholdPercent * 1.2) this.told = false;
      return false;
    }
    this.belowSinceMs ??= atMs;
    if (this.told || atMs - this.belowSinceMs < this.lastingMs) return false;
    this.told = true;
    return true;
  }
}
