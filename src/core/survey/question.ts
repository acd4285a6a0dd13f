/** Files of one process that are read when they are asked for, each by a letter. */
export const processFiles = {
  a: 'oom_score_adj',
  c: 'cmdline',
  g: 'cgroup',
  o: 'oom_score',
  s: 'status',
  w: 'schedstat',
} as const;

export type ProcessFile = keyof typeof processFiles;

/** One slice of a survey: what is to be read besides the sample that is asked for anyway. */
export interface SurveyQuestion {
  /** Looks up all processes and begins a new round through their `stat`. */
  readonly list: boolean;
  /** With `list`: what was sent before does not count, so that nothing is left out as unchanged. */
  readonly fresh?: boolean;
  /** How many processes of the round have their `stat` read. */
  readonly stats: number;
  /** Whether those have their `schedstat` read too. */
  readonly schedstats?: boolean;
  /** How many of the memory cgroups that are known on the host are read, in turn. */
  readonly cgroups: number;
  /** Names of sets of files. */
  readonly sets: readonly string[];
  readonly processes: readonly { readonly pid: number; readonly files: readonly ProcessFile[] }[];
}
