import { readFileSync, readdirSync } from 'node:fs';

/** Ticks of /proc/PID/stat: the kernel shows 100 a second to every program (USER_HZ). */
const msPerTick = 10;

/** Fields of /proc/PID/stat behind the name, which may hold anything; `ppid` is the fourth field of all. */
function statFields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A process that was there a moment ago may be gone. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * Page faults of children that have ended and were waited for (`cminflt`, `cmajflt`). Whatever is started has some, so
 * where this does not grow no child has ended.
 */
export function endedChildrenFaults(pids: readonly number[]): number {
  return sum(
    pids.map((pid) => {
      const fields = statFields(pid);
      return Number(fields[8]) + Number(fields[10]);
    }),
  );
}

/** All children, their children and so on. */
export function descendantsOf(pids: readonly number[]): number[] {
  const parents = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ pid: Number(entry), parent: Number(unlessGone(() => statFields(Number(entry))[1])) }));
  const under = (pid: number): number[] =>
    parents.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...under(child.pid)]);
  return [...new Set(pids.flatMap(under))];
}

/** Processor time of these processes since they started, in ms (`/proc/PID/schedstat`, ns). */
export function ownTimeMs(pids: readonly number[]): number {
  return sum(pids.map((pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6));
}

/** Processor time of children that have ended and were waited for, in ms, in steps of 10 (`cutime`, `cstime`). */
export function endedChildrenTimeMs(pids: readonly number[]): number {
  return sum(
    pids.map((pid) => {
      const fields = statFields(pid);
      return (Number(fields[13]) + Number(fields[14])) * msPerTick;
    }),
  );
}

export interface Resident {
  readonly name: string;
  readonly pssKib: number;
  /** The part of it that lies in a tmpfs; 0 where the kernel does not tell it apart (before 5.4). */
  readonly shmemKib: number;
}

/** Memory of a process, pages that it shares counted in equal parts (`/proc/PID/smaps_rollup`). */
export function residentOf(pid: number): Resident {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return {
    name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim(),
    pssKib: kib('Pss'),
    shmemKib: kib('Pss_Shmem'),
  };
}

/** Memory in MB, e.g. `1.5 (bash 1.0, gawk 0.5)`. */
export function residentText(resident: readonly Resident[]): string {
  const mb = (kib: number): string => ((kib * 1024) / 1e6).toFixed(1);
  if (resident.length === 0) return '0';
  const parts = resident.map(({ name, pssKib }) => `${name} ${mb(pssKib)}`);
  return `${mb(sum(resident.map(({ pssKib }) => pssKib)))} (${parts.join(', ')})`;
}

/** Processes and threads that were ever started on this machine (`processes` of /proc/stat). */
export function startedEver(): number {
  return Number(/^processes (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
