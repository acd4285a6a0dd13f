/** The task that runs on the processor that prints: in a report, the one that asked for memory. */
export interface AskingTaskLine {
  readonly kind: 'asking-task';
  readonly pid: number;
  readonly name: string;
}

/** `CPU: 0 PID: 977 Comm: sshd Not tainted …`, since 6.11 `CPU: 1 UID: 0 PID: …`; 2.6: `Pid: 977, comm: sshd Not …`. */
export function readAskingTask(text: string): AskingTaskLine | undefined {
  if (!text.startsWith('CPU: ') && !text.startsWith('Pid: ')) return undefined;
  const match =
    /^(?:CPU: \d{1,5} (?:UID: \d{1,10} )?PID: |Pid: )(\d{1,10}),? [Cc]omm: ([^]{0,60}?)(?: Kdump: loaded)? (?:Not t|T)ainted/.exec(
      text,
    );
  return match === null ? undefined : { kind: 'asking-task', pid: Number(match[1]), name: match[2] ?? '' };
}
