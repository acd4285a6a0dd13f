/** One record of a log without its envelope. What the envelope does not tell is absent. */
export interface LogRecord {
  /** The message. A record of several lines is one text with `\n` in it where the envelope keeps them together. */
  readonly text: string;
  /** Whole milliseconds since boot on the kernel's log clock, which stands still during suspend. */
  readonly kernelTimeMs?: number;
  /** The same clock as exactly as it is printed, in whole microseconds. */
  readonly kernelTimeMicroseconds?: number;
  /** Milliseconds since 1970 UTC, where the envelope tells the moment with its zone. */
  readonly wallMs?: number;
  /** The time of day as it stands there, of no known zone and perhaps of no known year: `11-23T08:15:02`, `2026-11-23T08:15:02.5`. */
  readonly localTime?: string;
  /** The kernel's number of the record; only /dev/kmsg tells. */
  readonly seq?: number;
  /** Task (`T123`) or processor (`C1`) that printed it, where the kernel says so (CONFIG_PRINTK_CALLER, 5.1+). */
  readonly caller?: string;
  /** 32 hexadecimal digits or with dashes, as the journal has it. */
  readonly bootId?: string;
  /**
   * How many boots began in this log, on this host, before that of the record; absent until there was one. They are
   * told by the journal's own lines (`-- Boot … --`) and by the kernel's clock, which begins anew.
   */
  readonly boot?: number;
  /** The host's name, as the log has it; a file may hold the records of several. */
  readonly host?: string;
  /** 0 (emergency) to 7 (debug). */
  readonly level?: number;
  /** Who wrote it: `kernel`, `earlyoom`, `systemd-oomd`. Absent: the form does not tell (plain dmesg). */
  readonly identifier?: string;
  /** False for what a program wrote. True also where the form does not tell. */
  readonly fromKernel: boolean;
}
