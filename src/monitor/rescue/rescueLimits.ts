/** How long is waited for what, in ms. */
export interface RescueLimits {
  /** How long answers to the freezing are waited for, and then how long the tasks are given to stand still. */
  readonly freezeMs: number;
  readonly settleMs: number;
  /**
   * How long one request to the API may take before the kernel is used. A container that was being started when it was
   * frozen has the runtime's own `runc init` in it, for which dockerd waits before it kills anything: then it takes for ever.
   */
  readonly apiMs: number;
  /** Between two rounds without the API. */
  readonly roundMs: number;
  /** What stays empty for so long since its restart policy was disabled is dead: a start may have been under way. */
  readonly disabledQuietMs: number;
  /** What stays empty for so long without any answer of the API is taken for dead. */
  readonly quietMs: number;
  /** How long what was killed is given to end. */
  readonly endMs: number;
  /** How long a request that was sent is waited for after cancel. */
  readonly cancelMs: number;
  /** The whole. */
  readonly wholeMs: number;
}

export const rescueLimits: RescueLimits = {
  freezeMs: 10_000,
  settleMs: 2000,
  apiMs: 3000,
  roundMs: 1000,
  disabledQuietMs: 5000,
  quietMs: 60_000,
  endMs: 5000,
  cancelMs: 3000,
  wholeMs: 10 * 60_000,
};
