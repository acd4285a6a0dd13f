/** Whose memory ran out. `sysrq`: nobody's, a person asked for a kill (Alt-SysRq-F, `echo f > /proc/sysrq-trigger`). */
export type OomScope = 'global' | 'memcg' | 'cpuset' | 'mempolicy' | 'sysrq' | 'unknown';

/** How one invocation of the killer ended, as far as the log tells. Only `killed` has victims. */
export type OomOutcome =
  'killed' | 'no-killable-process' | 'already-exiting' | 'deadlock' | 'panic' | 'unknown';

/** A part of the report that the log should hold and does not. `victim`: the line that says who was killed. */
export type OomMissing = 'trigger' | 'scope' | 'cgroup' | 'victim' | 'sizes' | 'kernel-time';

/** A process that the killer ended. What the kernel did not print is absent, never 0. */
export interface OomVictim {
  readonly pid: number;
  /** The kernel's name of the task, at most 15 bytes; may hold any character. */
  readonly name: string;
  readonly uid?: number;
  readonly totalVmBytes?: number;
  readonly anonRssBytes?: number;
  readonly fileRssBytes?: number;
  readonly shmemRssBytes?: number;
  readonly pgtablesBytes?: number;
  readonly oomScoreAdj?: number;
}

/** The task whose request for memory brought the killer in. A thread may bear another name than its process. */
export interface OomTrigger {
  readonly name: string;
  readonly pid?: number;
  /** 2^order pages were asked for; -1 stands for a kill by SysRq. */
  readonly order?: number;
  /** As printed: `0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)`; kernels before 4.6 print the number alone. */
  readonly gfp?: string;
}

export interface OomCgroups {
  /** The memory cgroup whose limit was reached (`oom_memcg`). */
  readonly limit?: string;
  /** The memory cgroup the victim lived in (`task_memcg`). */
  readonly task?: string;
}

/** One invocation of the kernel's OOM killer, with everybody it killed. */
export interface OomEvent {
  /**
   * `<kernel time in ms>-<pid>` of the first victim: the same from every form of the log, with or without the lines
   * before the kill. `?` stands for what is not known.
   */
  readonly id: string;
  /** Whole ms since boot, when the first victim was killed; without a victim, of the first line of the report. */
  readonly kernelTimeMs?: number;
  readonly scope: OomScope;
  /** `CONSTRAINT_NONE` and so on, as printed since 5.0. Kernels 5.0 and 5.1 print NONE for memory cgroups too. */
  readonly constraint?: string;
  readonly cgroup?: OomCgroups;
  readonly trigger?: OomTrigger;
  /** In the order of the log; more than one only where a whole cgroup is killed (`memory.oom.group`). */
  readonly victims: readonly OomVictim[];
  readonly outcome: OomOutcome;
  /** True where nothing is missing. */
  readonly complete: boolean;
  readonly missing: readonly OomMissing[];
}
