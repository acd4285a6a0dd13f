/** Why a kill that was counted has no line in a log, as far as it can be known. */
export type NoLogReason =
  /** The log may not be read. */
  | 'log-not-readable'
  /** The ring buffer begins after the kill may have happened: older lines were overwritten. */
  | 'log-overwritten'
  /** The kernel left out reports (`callbacks suppressed`), or lines were lost. */
  | 'rate-limited'
  /** The log is not followed at the moment, or its end was not read yet. */
  | 'log-behind'
  /** Counters tell each task of a group kill, and some kernels one more. */
  | 'group-kill'
  /** None of these can be shown. */
  | 'unknown';

/** The kills that the counters of one boot tell against those that the logs explain. */
export interface WitnessLedger {
  readonly bootId: string;
  /** oom_kill of /proc/vmstat since the boot (4.13+); undefined: this kernel does not count. */
  readonly counted: number | undefined;
  /** Victims of the kernel in the logs of this boot. */
  readonly explained: number;
  /** `counted - explained` where that is above 0. */
  readonly withoutLog: number;
  /** Victims in the log that the counter does not know: above 0 only where the log is of another machine or repeats itself. */
  readonly notCounted: number;
  /** Why, where `withoutLog` is above 0. */
  readonly reasons: readonly NoLogReason[];
}
