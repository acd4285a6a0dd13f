/**
 * What one question to a host brought back: raw texts and the times around them. The same shape is a fixture folder,
 * a line of a recording and a bug report.
 */
export interface Capture {
  /** `/proc/sys/kernel/random/boot_id` of the host. */
  readonly bootId: string;
  /** Number of the question that this answers; counts up within one connection. */
  readonly seq: number;
  /** First field of the host's `/proc/uptime`, in ms: when the texts were read, on the host's own clock. */
  readonly hostUptimeMs: number;
  /** When the question was sent and its answer complete: milliseconds of our monotonic clock. */
  readonly askedAtMs: number;
  readonly receivedAtMs: number;
  /** Text by path without the leading slash, e.g. `proc/meminfo`. */
  readonly text: Readonly<Record<string, string>>;
  /** Paths that were asked for and could not be read on the host. */
  readonly unreadable: readonly string[];
}
