/** How patient the watching of a host is; all in ms. */
export interface Timing {
  /** A question that is open for longer makes the host silent. */
  readonly silentMs: number;
  /** A host that has been silent for this long is tried on a second connection, beside the first. */
  readonly secondMs: number;
  /** The same after this machine has slept: the connection is often dead, and a host that is well answers at once. */
  readonly secondAfterSleepMs: number;
  /** While a host is silent, connections beside the first one are tried no more often than this. */
  readonly secondPauseMs: number;
  /** A connection that was replaced may still tell what it holds, for this long. */
  readonly graceMs: number;
  /** What is kept open over it to act is waited for so long to be open over the other one, and as long what is done over it. */
  readonly actGraceMs: number;
  /** Earlier kills are looked up so long after the first answer: somebody looks at the host's figures then. */
  readonly lookUpAfterMs: number;
  /** And when the host has been at rest for so long. */
  readonly lookUpRestMs: number;
  /** Who was killed and has not come back within this time has stayed dead. */
  readonly stayedDeadMs: number;
}

export const usualTiming: Timing = {
  silentMs: 1500,
  secondMs: 30_000,
  secondAfterSleepMs: 5000,
  secondPauseMs: 30_000,
  graceMs: 30_000, // TCP sends again as late as the outage was long
  actGraceMs: 5 * 60_000,
  lookUpAfterMs: 30_000,
  lookUpRestMs: 10_000,
  stayedDeadMs: 60_000,
};
