/** So many are held; more than the ring buffer of a kernel has. */
const mostHeld = 5000;

/** Holds kills back until their time can be told and it is known which of them were kept, or until that has taken too long. */
export class HeldKills<T> {
  private held: T[] | undefined = [];
  private isClockKnown = false;

  /**
   * @param pass is called with each, in the order in which they came.
   * @param isLoaded whether nothing was kept that had to be read.
   * @param longestMs so long they are held after the clock of a boot was asked for.
   */
  constructor(
    private readonly pass: (kill: T) => void,
    private isLoaded: boolean,
    private readonly longestMs: number,
  ) {}

  /** Passes it on, now or later. */
  take(kill: T): void {
    if (!this.held) this.pass(kill);
    else if (this.held.length < mostHeld) this.held.push(kill);
  }

  /** What was kept is known, or cannot be. */
  loaded(): void {
    this.isLoaded = true;
    this.passIfReady();
  }

  /** The time of the host can be told from now on. */
  clockKnown(): void {
    this.isClockKnown = true;
    this.passIfReady();
  }

  /** From now on kills of another boot come, whose clock is known or will be. */
  awaitClock(isKnown: boolean): void {
    this.isClockKnown = isKnown;
    this.held ??= [];
    this.passIfReady();
    setTimeout(() => this.passAll(), this.longestMs).unref();
  }

  private passIfReady(): void {
    if (this.isLoaded && this.isClockKnown) this.passAll();
  }

  private passAll(): void {
    const { held } = this;
    this.held = undefined;
    for (const kill of held ?? []) this.pass(kill);
  }
}
