/** A clock that a test can drive. */
export interface NoticeClock {
  /** Monotonic. */
  nowMs(): number;
  /** Runs it once after so long. @returns what forgets it. */
  after(ms: number, run: () => void): () => void;
}

/** The first of a burst waits so long for its companions: a group kill is one message. */
const companionsMs = 300;
/** A burst without a kill for so long pauses. */
const pauseMs = 3000;
/** At least so long lies between two messages of which the first is still open, unless kills were far between … */
const leastBetweenMs = 30_000;
/** … and while nobody closes them, ever longer, up to this. */
const mostBetweenMs = 15 * 60_000;

/**
 * Decides when the kills of one host are told, and how many together. The first is told at once; what follows while that
 * message is open or within 30 s is collected, and told when the message was closed and the burst pauses, or after 30 s.
 * A message stays open until a person closes it: where nobody does and kills go on, the time between messages doubles.
 */
export class KillNotices<Kill> {
  private pending: Kill[] = [];
  /** When the first of `pending` came. */
  private firstMs = 0;
  private lastMs = -Infinity;
  private shownAtMs = -Infinity;
  private betweenMs = leastBetweenMs;
  private open = 0;
  private forget: (() => void) | undefined;

  /** @param show shows one message; resolves when it is closed. */
  constructor(
    private readonly show: (kills: readonly Kill[]) => Promise<void>,
    private readonly clock: NoticeClock,
  ) {}

  add(kill: Kill): void {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.lastMs > this.betweenMs) this.betweenMs = leastBetweenMs;
    if (this.pending.length === 0) this.firstMs = nowMs;
    this.lastMs = nowMs;
    this.pending.push(kill);
    this.plan();
  }

  /** More is known of a kill: where it was not told yet, this is what will be. */
  replace(isIt: (kill: Kill) => boolean, kill: Kill): void {
    this.pending = this.pending.map((known) => (isIt(known) ? kill : known));
  }

  dispose(): void {
    this.forget?.();
    this.pending = [];
  }

  private plan(): void {
    this.forget?.();
    this.forget = undefined;
    if (this.pending.length === 0) return;
    this.forget = this.clock.after(Math.max(0, this.dueMs() - this.clock.nowMs()), () => this.tell());
  }

  private dueMs(): number {
    const soonestMs = this.firstMs + companionsMs;
    const latestMs = this.shownAtMs + this.betweenMs;
    if (soonestMs >= latestMs) return soonestMs;
    return this.open > 0 ? latestMs : Math.min(latestMs, this.lastMs + pauseMs);
  }

  private tell(): void {
    const kills = this.pending;
    this.pending = [];
    this.forget = undefined;
    if (this.open > 0) this.betweenMs = Math.min(mostBetweenMs, this.betweenMs * 2);
    this.shownAtMs = this.clock.nowMs();
    this.open += 1;
    const closed = (): void => {
      this.open -= 1;
      if (this.open === 0) this.betweenMs = leastBetweenMs;
      this.plan();
    };
    this.show(kills).then(closed, closed);
  }
}
