import type { CgroupMemory, MemoryInformation } from './memoryInformation';
import type { TaskTable } from './taskRow';

/** Who killed: the kernel, a program that watches memory, or a container runtime that tells of a kill. */
export type OomKind = 'kernel' | 'systemd-oomd' | 'earlyoom' | 'nohang' | 'oomd' | 'runtime';

/** Whose memory ran out. `sysrq`: nobody's, a person asked for a kill (Alt-SysRq-F, `echo f > /proc/sysrq-trigger`). */
export type OomScope = 'global' | 'memcg' | 'cpuset' | 'mempolicy' | 'sysrq' | 'unknown';

/** How one invocation of the killer ended, as far as the log tells. Only `killed` has victims. */
export type OomOutcome =
  'killed' | 'no-killable-process' | 'already-exiting' | 'deadlock' | 'panic' | 'unknown';

/** A part of the report that the log should hold and does not. `victim`: the line that says who was killed. */
export type OomMissing =
  'trigger' | 'scope' | 'cgroup' | 'victim' | 'sizes' | 'kernel-time' | 'memory-information' | 'task-table';

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
  /** The parts together, where the log tells no parts: `VmRSS` of earlyoom (in whole MiB) and nohang, `rss` of OpenVZ. */
  readonly rssBytes?: number;
  readonly pgtablesBytes?: number;
  readonly oomScoreAdj?: number;
  /** `score 752` before 5.1, `badness 898` or `oom_score 800` of earlyoom, and so on. */
  readonly score?: number;
  /** What a user-space killer sent; absent: SIGKILL, as the kernel does. */
  readonly signal?: string;
  /** Where a user-space killer tells it. */
  readonly cgroup?: string;
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
  /** The memory cgroup whose limit was reached (`oom_memcg`; of OpenVZ the beancounter, `UB 1234`), or that a user-space killer found under pressure. */
  readonly limit?: string;
  /** The memory cgroup the victim lived in (`task_memcg`), or that a user-space killer killed as a whole. */
  readonly task?: string;
}

/** One invocation of the kernel's OOM killer, or of a program that kills for memory, with everybody it killed. */
export interface OomEvent {
  readonly kind: OomKind;
  /**
   * `<kernel time in ms>-<pid>` of the first victim: the same from every form of the log that has the kernel's time, with
   * or without the lines before the kill. Where the form has another time, that stands there (`wallMs`, else
   * `localTime`). `?` stands for what is not known; a further event of the same name is `?-882-2`.
   */
  readonly id: string;
  /** Whole ms since boot, when the first victim was killed; without a victim, of the first line of the report. */
  readonly kernelTimeMs?: number;
  /** Of the same line as `kernelTimeMs`, see `LogRecord`. */
  readonly wallMs?: number;
  readonly localTime?: string;
  readonly bootId?: string;
  readonly kernelTimeMicroseconds?: number;
  readonly boot?: number;
  readonly host?: string;
  readonly scope: OomScope;
  /** `CONSTRAINT_NONE` and so on, as printed since 5.0. Kernels 5.0 and 5.1 print NONE for memory cgroups too. */
  readonly constraint?: string;
  readonly cgroup?: OomCgroups;
  /** As a container runtime names the container, whose notices tell no cgroup. */
  readonly container?: string;
  readonly trigger?: OomTrigger;
  /** In the order of the log; more than one only where a whole cgroup is killed (`memory.oom.group`). */
  readonly victims: readonly OomVictim[];
  readonly outcome: OomOutcome;
  /** vm.oom_kill_allocating_task is set: the one who asked was killed, whatever it held. */
  readonly allocatingTask?: true;
  /** Before 5.1, where the line of the kill is lost: the victim is whom the kernel chose; a child of it may have died in its place. */
  readonly orChild?: true;
  /** The cgroup that was killed as a whole (`memory.oom.group`, 4.19+). */
  readonly oomGroup?: string;
  /** What a user-space killer says of its reason, as it stands there. */
  readonly reason?: string;
  readonly memory?: MemoryInformation;
  /** Of the cgroup whose limit was reached. */
  readonly cgroupMemory?: CgroupMemory;
  readonly tasks?: TaskTable;
  /** True where nothing is missing. */
  readonly complete: boolean;
  readonly missing: readonly OomMissing[];
}
