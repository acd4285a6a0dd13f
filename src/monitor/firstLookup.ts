import type { Circumstances } from '../core/schedule';
import type { Timing } from './timing';

/** At rest: so much of the memory is available, and hardly anybody waits for it. */
const leastAvailableShare = 0.2;
const mostFullPercent = 1;

export interface FirstLookupOptions {
  /** Whether there is to be one at all. */
  readonly wanted: boolean;
  /** Whether all is known that it needs, and nothing stands against it. */
  readonly mayBegin: () => boolean;
  readonly begin: (signal: AbortSignal) => void;
  readonly timing: Pick<Timing, 'lookUpAfterMs' | 'lookUpRestMs'>;
}

/** Has the earlier kills of a host looked up, once, when it has been at rest for a while. */
export class FirstLookup {
  private firstMs: number | undefined;
  private restlessMs = performance.now();
  private begun = false;
  private over = new AbortController();

  constructor(private readonly options: FirstLookupOptions) {}

  /** To be called when the host has answered. */
  look({ availableShare, memoryFullPercent, rests }: Circumstances): void {
    const { wanted, mayBegin, begin, timing } = this.options;
    if (!wanted || this.begun) return;
    const nowMs = performance.now();
    this.firstMs ??= nowMs;
    const isAtRest =
      !rests &&
      availableShare !== undefined &&
      availableShare >= leastAvailableShare &&
      (memoryFullPercent ?? 0) < mostFullPercent;
    if (!isAtRest) this.restlessMs = nowMs;
    if (nowMs - this.firstMs < timing.lookUpAfterMs || nowMs - this.restlessMs < timing.lookUpRestMs) return;
    if (!mayBegin()) return;
    this.begun = true;
    begin(this.over.signal);
  }

  /** Ends a lookup that it has begun. */
  stop(): void {
    this.over.abort();
    this.over = new AbortController();
  }
}
