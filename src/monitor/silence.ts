/** How long a question may be open before somebody is told, in ms. */
export interface Patience {
  /** Until the host counts as silent. */
  readonly silentMs: number;
  /** Until a second connection is tried. */
  readonly secondMs: number;
  /** The same once this machine has slept: the connection is often dead then. */
  readonly secondAfterSleepMs: number;
}

/** A timer that fires this much late, by the time of day, tells that this machine slept; ms. */
const sleptMs = 2000;

/** Watches one open question. Time in which this machine itself slept or stood still does not count. */
export class Silence {
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly patience: Patience,
    private readonly on: { readonly silent: () => void; readonly second: () => void },
  ) {
    this.wait(patience.silentMs, patience.secondMs);
  }

  /** The answer has come, or nobody waits for it any more. */
  end(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private wait(silentMs: number, secondMs: number): void {
    this.expect(silentMs, () => this.on.silent());
    this.expect(secondMs, () => this.on.second());
  }

  private expect(ms: number, tell: () => void): void {
    const dueWallMs = Date.now() + ms;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (Date.now() - dueWallMs <= sleptMs) {
        tell();
        return;
      }
      this.end();
      this.wait(this.patience.silentMs, this.patience.secondAfterSleepMs);
    }, ms);
    this.timers.add(timer);
  }
}
