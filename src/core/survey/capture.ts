/**
 * What one slice of a survey brought back. A survey goes through all that is too dear to be read at every sample, a little
 * at a time: processes, cgroups, and files that change slowly. The same shape is a fixture folder.
 */
export interface SurveyCapture {
  /** `/proc/sys/kernel/random/boot_id` of the host. */
  readonly bootId: string;
  /** First field of the host's `/proc/uptime`, in ms: when the texts were read, on the host's own clock. */
  readonly hostUptimeMs: number;
  /** All processes there are; present where a new round through them begins with this slice. */
  readonly pids?: readonly number[];
  /** How many processes of the round have yet to have their `stat` read; absent: none. */
  readonly left?: number;
  /** Processes whose `stat` was read in this slice and is what it was when it was read last. */
  readonly unchangedPids: readonly number[];
  /**
   * The memory cgroups that were read in this slice, as `/proc/PID/cgroup` names them, e.g. `/system.slice/ssh.service`.
   * Files of them that are what they were when they were read last are not in `text`.
   */
  readonly cgroups: readonly string[];
  /** Those that were known and have gone. */
  readonly goneCgroups?: readonly string[];
  /**
   * Text by path without the leading slash, e.g. `proc/812/stat`, `proc/net/dev`,
   * `sys/fs/cgroup/system.slice/ssh.service/memory.current`.
   */
  readonly text: Readonly<Record<string, string>>;
  /** Paths that could not be read: a process that has gone, a file that this kernel lacks, no right. */
  readonly unreadable: readonly string[];
}
