/** An invocation that kills nobody. */
export interface EndingLine {
  readonly kind: 'already-exiting' | 'no-killable-process' | 'deadlock' | 'panic';
  /** The line itself says that the whole machine ran out of memory. */
  readonly systemWide: boolean;
  /** The chosen process, where it is ending already. */
  readonly pid?: number;
}

const panic = 'Kernel panic - not syncing: ';

/** Why nobody is killed (`out_of_memory`, `check_panic_on_oom` and `oom_kill_process`, mm/oom_kill.c). */
export function readEnding(text: string): EndingLine | undefined {
  const exiting = alreadyExiting.exec(text.slice(0, 200));
  if (exiting !== null) return { kind: 'already-exiting', systemWide: false, pid: Number(exiting[1]) };
  const kind = endingOf(text.slice(0, 200));
  return kind === undefined ? undefined : { kind, systemWide: text.includes('system-wide panic_on_oom') };
}

const alreadyExiting =
  /^(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: OOM victim (\d{1,10}) \(/;

function endingOf(text: string): EndingLine['kind'] | undefined {
  if (text.startsWith('Out of memory and no killable processes')) return 'no-killable-process';
  const reason = text.startsWith(panic) ? text.slice(panic.length) : text;
  if (reason.startsWith('System is deadlocked on memory')) return 'deadlock';
  return reason !== text && /^out of memory\b/i.test(reason) ? 'panic' : undefined;
}
