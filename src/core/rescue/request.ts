/** Signals that are sent to a process. */
export type RescueSignal = 'TERM' | 'KILL' | 'STOP' | 'CONT';

/** A process as it was shown: the pid alone may be another one's by now. */
export interface ProcessTarget {
  readonly pid: number;
  /** Field 22 of `/proc/PID/stat`, see `ProcessStat.starttimeTicks`. */
  readonly starttimeTicks: number;
}

/** What the rescue shell is asked. A cgroup is a path as `/proc/PID/cgroup` has it, e.g. `/system.slice/docker-4f….scope`. */
export type RescueRequest =
  | { readonly kind: 'ping' }
  | { readonly kind: 'signal'; readonly process: ProcessTarget; readonly signal: RescueSignal }
  /** Whether it is still there. Nothing is sent to it. */
  | { readonly kind: 'look'; readonly process: ProcessTarget }
  /** Which cgroups a process is in. */
  | { readonly kind: 'membership'; readonly pid: number }
  /**
   * `leased`: thawed again when the connection ends, however that comes about, or when nothing is asked for long. Else what
   * was frozen on a lease before stays frozen for good.
   */
  | { readonly kind: 'freeze'; readonly cgroup: string; readonly leased: boolean }
  /** `leasedOnly`: left alone where it is not frozen on a lease of this shell, as where somebody else had frozen it before. */
  | { readonly kind: 'thaw'; readonly cgroup: string; readonly leasedOnly: boolean }
  | { readonly kind: 'kill' | 'state'; readonly cgroup: string };

const signals: readonly RescueSignal[] = ['TERM', 'KILL', 'STOP', 'CONT'];

/** The kernel's paths are shorter than PATH_MAX; escapes of systemd's have backslashes. */
const safeCgroup = /^(?:\/[A-Za-z0-9_.:@+\-\\]{1,255}){1,32}$/;

/**
 * Whether the rescue shell takes that path. Not the root, nor one with another character than those that container
 * runtimes and systemd use: it would be more than data to somebody.
 */
export function isSafeCgroup(path: string): boolean {
  if (path.length > 2048 || !safeCgroup.test(path)) return false;
  return !path.split('/').some((segment) => segment === '.' || segment === '..');
}

/**
 * Whether the groups that hold us lie in it: to freeze it would be to freeze whoever is to thaw it.
 * @param own paths of the cgroups of the shell, its parent and the host's first process.
 */
export function holdsUs(cgroup: string, own: readonly string[]): boolean {
  return own.some((path) => path === cgroup || path.startsWith(`${cgroup}/`));
}

/** A shell whose time-out comes in the moment in which a line comes loses the first of its bytes. */
const blanks = ' '.repeat(8);

/**
 * One request as it is written to the shell: words, the last of which is a full stop.
 * @throws {Error} where a part of it could be more than data to a shell.
 */
export function requestLine(seq: number, request: RescueRequest): string {
  return `${blanks}${[seq, ...wordsOf(request)].join(' ')} .\n`;
}

function wordsOf(request: RescueRequest): (string | number)[] {
  switch (request.kind) {
    case 'ping':
      return ['ping', '-', '-', '-'];
    case 'signal': {
      const { process, signal } = request;
      if (!signals.includes(signal)) throw new Error(`not fit for the rescue shell: ${signal}`);
      return ['signal', ...checkedProcess(process), signal];
    }
    case 'look':
      return ['look', ...checkedProcess(request.process), '-'];
    case 'membership':
      return ['membership', checkedPid(request.pid), '-', '-'];
    case 'freeze':
      return ['freeze', checked(request.cgroup), request.leased ? 'leased' : 'kept', '-'];
    case 'thaw':
      return ['thaw', checked(request.cgroup), request.leasedOnly ? 'leased' : 'all', '-'];
    case 'kill':
    case 'state':
      return [request.kind, checked(request.cgroup), '-', '-'];
  }
}

function checked(cgroup: string): string {
  if (!isSafeCgroup(cgroup)) throw new Error(`not fit for the rescue shell: ${JSON.stringify(cgroup)}`);
  return cgroup;
}

function checkedProcess({ pid, starttimeTicks }: ProcessTarget): [number, number] {
  if (!Number.isSafeInteger(starttimeTicks) || starttimeTicks < 0)
    throw new Error(`not fit for the rescue shell: ${starttimeTicks}`);
  return [checkedPid(pid), starttimeTicks];
}

/** The first process is the whole system; 0 and below are groups. */
function checkedPid(pid: number): number {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new Error(`not fit for the rescue shell: ${pid}`);
  return pid;
}
