/**
 * What became of a signal. `done`: sent; `gone`: the process has ended; `other`: another process has the pid now, nothing
 * was sent; `denied`: the user may not signal it.
 */
export type SignalOutcome = 'done' | 'gone' | 'other' | 'denied';

/**
 * What a process does. `there`: it runs or waits; `stopped`: by SIGSTOP, so that it cannot end before SIGCONT; `gone`: it has
 * ended; `other`: another process has the pid now; `denied`: the user may not see it.
 */
export type Presence = 'there' | 'stopped' | 'gone' | 'other' | 'denied';

/** `freezing`: some tasks have yet to reach a place where they can stand still. `absent`: the kernel cannot freeze it. */
export type Freezer = 'frozen' | 'freezing' | 'thawed' | 'absent';

/** A cgroup after a request. */
export interface GroupState {
  /** Of the hierarchy whose freezer is used. */
  readonly version: 1 | 2;
  readonly freezer: Freezer;
  /** Processes in it and in the groups below it. Those that have been killed count until they have ended. */
  readonly processes: number;
  /** `memory.current`, in version 1 `memory.usage_in_bytes`. Undefined where the group has none. */
  readonly currentBytes: number | undefined;
}

export type GroupAnswer =
  | {
      readonly kind: 'group';
      readonly state: GroupState;
      /** How the freezer stood before a request to freeze, thaw or kill. */
      readonly before: Freezer;
      /** `cgroup.kill` of the kernel (5.14+) or signals to each process; of a request to kill. */
      readonly killedBy?: 'cgroup.kill' | 'signals';
      /** Processes that were there to be killed. */
      readonly signalled?: number;
    }
  /** There is no such group. */
  | { readonly kind: 'gone' }
  /** The user may not do that. */
  | { readonly kind: 'denied' };

/** What the shell says of itself and its host when it starts. */
export interface RescueHello {
  /** Undefined: /proc/self/status does not tell. */
  readonly uid: number | undefined;
  /** Where the groups are, by hierarchy; undefined: there is none, as the shell sees it. */
  readonly cgroup2: string | undefined;
  readonly freezer1: string | undefined;
  readonly memory1: string | undefined;
  /** Groups of the shell, its parent and the host's first process; none of them may be frozen or killed. */
  readonly ownCgroups: readonly string[];
  /** What was copied into the host's memory to run from there; 0: the shell runs as installed. */
  readonly heldBytes: number;
  /** Whether it notices by itself that nothing was asked for long: it has `read -t`. */
  readonly clock: boolean;
}

/** @returns undefined where the words are none of ours. */
export function signalOutcomeOf(words: readonly string[]): SignalOutcome | undefined {
  const [word] = words;
  return word === 'done' || word === 'gone' || word === 'other' || word === 'denied' ? word : undefined;
}

/** Whether the files that the SSH server maps are locked in the host's memory. */
export type ServerLock =
  | { readonly locked: true; readonly bytes: number }
  /** In the words of the helper, e.g. `perl` (there is none), `size`, `right`. */
  | { readonly locked: false; readonly why: string };

/**
 * `locked KIB FILES` or `not-locked WORD…`.
 * @returns undefined where the words are none of ours.
 */
export function serverLockOf(words: readonly string[]): ServerLock | undefined {
  const [word, kib = '', ...rest] = words;
  if (word === 'locked' && /^\d{1,9}$/.test(kib)) return { locked: true, bytes: Number(kib) * 1024 };
  if (word === 'not-locked') return { locked: false, why: [kib, ...rest].join(' ').slice(0, 100) };
  return undefined;
}

const presences: readonly Presence[] = ['there', 'stopped', 'gone', 'other', 'denied'];

/** @returns undefined where the words are none of ours. */
export function presenceOf(words: readonly string[]): Presence | undefined {
  const [word] = words;
  return presences.find((presence) => presence === word);
}

/**
 * `group VERSION BEFORE AFTER PROCESSES BYTES [HOW SIGNALLED]`, e.g. `group 2 thawed frozen 12 104857600`, `gone` or `denied`.
 * @returns undefined where the words are none of ours.
 */
export function groupAnswerOf(words: readonly string[]): GroupAnswer | undefined {
  const [kind, version, before, after, processes, bytes, how, signalled] = words;
  if (kind === 'gone' || kind === 'denied') return { kind };
  const count = countOf(processes);
  if (kind !== 'group' || (version !== '1' && version !== '2') || count === undefined) return undefined;
  const signalledCount = countOf(signalled);
  return {
    kind,
    before: freezerOf(before),
    state: {
      version: version === '1' ? 1 : 2,
      freezer: freezerOf(after),
      processes: count,
      currentBytes: countOf(bytes),
    },
    ...((how === 'cgroup.kill' || how === 'signals') && { killedBy: how }),
    ...(signalledCount !== undefined && { signalled: signalledCount }),
  };
}

/**
 * @param texts `rescue/uid`; `rescue/folders`: lines `cgroup2 /sys/fs/cgroup`, `freezer1 …`, `memory1 …`; `rescue/cgroups`:
 *   lines of /proc/PID/cgroup.
 * @param heldKib as the shell was told it.
 * @param clock `yes` where the shell has one.
 */
export function rescueHelloOf(
  texts: Readonly<Record<string, string>>,
  heldKib: string | undefined,
  clock?: string,
): RescueHello {
  const folders = new Map(
    linesOf(texts['rescue/folders'])
      .map((line) => line.split(' '))
      .filter(([, folder = '']) => folder.startsWith('/'))
      .map(([name = '', folder = '']) => [name, folder]),
  );
  const cgroups = linesOf(texts['rescue/cgroups'])
    .map((line) => line.split(':').slice(2).join(':'))
    .filter((path) => path.startsWith('/'));
  return {
    uid: countOf(texts['rescue/uid']?.trim()),
    cgroup2: folders.get('cgroup2'),
    freezer1: folders.get('freezer1'),
    memory1: folders.get('memory1'),
    ownCgroups: [...new Set(cgroups)],
    heldBytes: (countOf(heldKib) ?? 0) * 1024,
    clock: clock === 'yes',
  };
}

function freezerOf(word: string | undefined): Freezer {
  return word === 'frozen' || word === 'freezing' || word === 'thawed' ? word : 'absent';
}

function countOf(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
}

/** Of a text from a host: bounded. */
function linesOf(text = ''): string[] {
  return text
    .slice(0, 64 * 1024)
    .split('\n')
    .filter((line) => line !== '');
}
