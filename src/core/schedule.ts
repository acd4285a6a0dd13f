/** How often a host is asked, as the user wants it; ms. */
export interface Pace {
  /** While somebody looks. */
  readonly pollMs: number;
  /** While nobody does. */
  readonly idleMs: number;
  /** Near the cliff, looked at or not. */
  readonly cliffMs: number;
}

/** Always the same pause, in ms. */
export function steadyPace(intervalMs: number): Pace {
  return { pollMs: intervalMs, idleMs: intervalMs, cliffMs: intervalMs };
}

/** What the pace depends on. What is not known is undefined and changes nothing. */
export interface Circumstances {
  readonly looked: boolean;
  /** Available memory, as a share of all. */
  readonly availableShare?: number | undefined;
  /** PSI memory full: share of the time in which nothing could go on, in percent. */
  readonly memoryFullPercent?: number | undefined;
  /** What one answer takes: time of a processor, and bytes on the wire; and what may be taken of both. */
  readonly processorMsPerAnswer?: number | undefined;
  readonly budgetShare: number;
  readonly bytesPerAnswer?: number | undefined;
  readonly budgetBytesPerSecond: number;
  /** The program on the host has refused for its budget's sake. */
  readonly rests: boolean;
}

/** Below this share of available memory a host is near the cliff, whatever it is set to warn of. */
const cliffShare = 0.1;
/** Above this share of the time lost to waiting for memory as well. */
const cliffFullPercent = 5;

/** The longest pause that a budget leads to: somebody waits for news of a dying host. */
export const longestPauseMs = 5000;

/** Near the cliff: little memory is left, or programs wait for it already. */
export function isNearCliff({ availableShare, memoryFullPercent }: Circumstances): boolean {
  return (
    (availableShare !== undefined && availableShare < cliffShare) ||
    (memoryFullPercent !== undefined && memoryFullPercent >= cliffFullPercent)
  );
}

/**
 * The pause between two questions, in ms: that of the circumstances, stretched as far as the budget demands, though a
 * budget never stretches it over {@link longestPauseMs}.
 */
export function nextIntervalMs(pace: Pace, circumstances: Circumstances): number {
  const calm = circumstances.looked ? pace.pollMs : Math.max(pace.pollMs, pace.idleMs);
  const wanted = isNearCliff(circumstances) ? Math.min(calm, pace.cliffMs) : calm;
  if (circumstances.rests) return Math.max(wanted, longestPauseMs);
  const affordable = Math.max(
    (circumstances.processorMsPerAnswer ?? 0) / circumstances.budgetShare,
    ((circumstances.bytesPerAnswer ?? 0) * 1000) / circumstances.budgetBytesPerSecond,
  );
  return Math.max(wanted, Math.min(affordable, longestPauseMs));
}
