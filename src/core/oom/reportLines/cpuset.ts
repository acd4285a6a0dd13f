/** Kernels before 5.0: in which cpuset the task that asked was, and from which nodes it may take memory. */
export interface CpusetLine {
  readonly kind: 'cpuset';
  readonly name: string;
  /** A list of nodes: `0`, `0-1,4`. */
  readonly memsAllowed: string;
}

/** `sshd cpuset=/ mems_allowed=0` (`cpuset_print_current_mems_allowed`, kernel/cpuset.c). */
export function readCpuset(text: string): CpusetLine | undefined {
  if (text.length > 5000) return undefined;
  const match = / mems_allowed=(\d[\d,-]{0,100})\s*$/.exec(text.slice(-130));
  const at = match === null ? -1 : text.indexOf(' cpuset=');
  return at < 0 ? undefined : { kind: 'cpuset', name: text.slice(0, at), memsAllowed: match?.[1] ?? '' };
}
