/** One timer at a time: what is waited for at the moment, and what happens when it does not come. */
export class PhaseTimer {
  private timer: NodeJS.Timeout | undefined;
  private current: { readonly ms: number; readonly expired: () => void } | undefined;
  private pauses = 0;

  /** Whether a person is typing. */
  get isPaused(): boolean {
    return this.pauses > 0;
  }

  /** Replaces what was waited for. While paused, the time starts with the end of the pause. */
  start(ms: number, expired: () => void): void {
    this.current = { ms, expired };
    this.run();
  }

  stop(): void {
    this.current = undefined;
    clearTimeout(this.timer);
  }

  /** The clock stands while `work` (a person types) goes on, and starts afresh after it. */
  async paused<T>(work: () => Promise<T>): Promise<T> {
    this.pauses++;
    clearTimeout(this.timer);
    try {
      return await work();
    } finally {
      this.pauses--;
      this.run();
    }
  }

  private run(): void {
    clearTimeout(this.timer);
    if (this.current && this.pauses === 0) this.timer = setTimeout(this.current.expired, this.current.ms);
  }
}
