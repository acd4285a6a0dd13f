/** One line of the table of tasks in a report (`dump_tasks`, mm/oom_kill.c). What has no column is absent. */
export interface TaskRow {
  readonly pid: number;
  /** The thread group; equal to the pid in the table of a kernel that lists processes. */
  readonly tgid?: number;
  readonly uid?: number;
  readonly name: string;
  readonly totalVmBytes?: number;
  readonly rssBytes?: number;
  /** The three parts of `rssBytes`, since 6.8. */
  readonly anonRssBytes?: number;
  readonly fileRssBytes?: number;
  readonly shmemRssBytes?: number;
  /** `nr_ptes` and `nr_pmds` in pages, since 4.15 `pgtables_bytes` in bytes. */
  readonly pgtablesBytes?: number;
  readonly swapBytes?: number;
  readonly oomScoreAdj?: number;
}

/** The table of tasks: those that could have been killed, not all that run. */
export interface TaskTable {
  readonly rows: readonly TaskRow[];
  /** Rows that are not in `rows`, because there were too many of them. */
  readonly moreRows: number;
  /** False where lines of it may be lost, at its head or tail. */
  readonly whole: boolean;
}

/** Whether it is there, and `rows` are all that the kernel listed. */
export function isWholeTable(table: TaskTable | undefined): table is TaskTable {
  return table?.whole === true && table.moreRows === 0;
}
