/**
 * What one question to a host brought back: raw texts and the times around them. The same shape is a fixture folder,
 * a line of a recording and a bug report.
 */
export interface Capture {
  /** `/proc/sys/kernel/random/boot_id` of the host. */
  readonly bootId: string;
  /** `asked`: the answer to a question; `own`: taken on the host's own clock while the next question was late. */
  readonly clock: 'asked' | 'own';
  /** Number of the question that this answers, or with which it came; counts up within one connection. */
  readonly seq: number;
  /** First field of the host's `/proc/uptime`, in ms: when the texts were read, on the host's own clock. */
  readonly hostUptimeMs: number;
  /**
   * The host's own clock would have taken a sample this long after the one before it, in ms, had the question not come
   * first: what is more than that, nothing ran there. Undefined without such a clock and for the first sample.
   */
  readonly dueWithinMs?: number;
  /** When the question was sent and this came: milliseconds of our monotonic clock. */
  readonly askedAtMs: number;
  readonly receivedAtMs: number;
  /** Text by path without the leading slash, e.g. `proc/meminfo`. */
  readonly text: Readonly<Record<string, string>>;
  /** Paths that were asked for and could not be read on the host. */
  readonly unreadable: readonly string[];
}
