/** What the words before `Kill process` and `Killed process` tell. `shortage`: global, cpuset or mempolicy alike; `none`: no words. */
export type KillCause = 'memcg' | 'shortage' | 'cpuset' | 'mempolicy' | 'none';

/** The words before a kill, as far as they are there. */
export interface CauseWords {
  readonly cause: KillCause;
  /** vm.oom_kill_allocating_task is set. */
  readonly allocatingTask: boolean;
  readonly length: number;
}

const causes: readonly (readonly [words: string, cause: KillCause])[] = [
  ['Memory cgroup out of memory: ', 'memcg'],
  ['Memory cgroup out of memory (oom_kill_allocating_task): ', 'memcg'],
  ['Out of memory: ', 'shortage'],
  ['Out of memory (oom_kill_allocating_task): ', 'shortage'],
  ['Out of Memory: ', 'shortage'],
  ['No available memory in cpuset: ', 'cpuset'],
  ['No available memory (MPOL_BIND): ', 'mempolicy'],
];

/** The words at the start of a text; `none` of length 0 where there are none. */
export function causeWordsAt(text: string): CauseWords {
  const found = causes.find(([words]) => text.startsWith(words));
  if (found === undefined) return { cause: 'none', allocatingTask: false, length: 0 };
  const [words, cause] = found;
  return { cause, allocatingTask: words.includes('allocating_task'), length: words.length };
}

/**
 * The words whose end a text is: the beginning of a line may be lost.
 * @returns undefined where it is the end of none.
 */
export function causeWordsEndingIn(end: string): CauseWords | undefined {
  const fits = causes.filter(([words]) => words.endsWith(end));
  const [first] = fits;
  if (first === undefined) return undefined;
  const known = fits.every(([, cause]) => cause === first[1]);
  return {
    cause: known ? first[1] : 'none',
    allocatingTask: end.includes('(oom_kill_allocating_task)'),
    length: end.length,
  };
}
