import type { Process } from '../processes/process';

/** Below which share or amount of memory or swap it acts; each part undefined where it is not told. */
export interface Threshold {
  /** Sends SIGTERM; and SIGKILL below the second. */
  readonly percent?: number;
  readonly killPercent?: number;
  readonly bytes?: number;
}

/**
 * A program that ends others before the kernel does. Whether it was told to do otherwise by a file is not known: /proc tells
 * its command line only, cut to 512 characters.
 */
export type UserSpaceKiller =
  | {
      readonly kind: 'earlyoom';
      readonly pid: number;
      /** Both have to be low. 10 % each where the command line does not say otherwise. */
      readonly memory: Threshold;
      readonly swap: Threshold;
      /** Regular expressions for names: 300 more, 300 less, and never. */
      readonly prefer?: string;
      readonly avoid?: string;
      readonly ignore?: string;
      /** Takes the one with most resident memory; false: with the highest oom_score. */
      readonly byRss: boolean;
      /** With all of its process group. */
      readonly wholeGroups: boolean;
      readonly dryRun: boolean;
      /** Its command line was not read, or may be cut: what it was told is not known. */
      readonly isCut: boolean;
    }
  | { readonly kind: 'nohang' | 'oomd'; readonly pid: number; readonly config?: string }
  | { readonly kind: 'systemd-oomd'; readonly pid: number };

/** Where a command line is cut, in characters; a blank at its end is not kept. */
const cutAt = 512;

const mostKillers = 10;
const longestWord = 200;
const kib = 1024;

/** The user-space killers among the processes of a host, at most 10. */
export function userSpaceKillersOf(processes: readonly Process[]): readonly UserSpaceKiller[] {
  const killers: UserSpaceKiller[] = [];
  for (const process of processes) {
    const killer = killerOf(process);
    if (killer !== undefined && killers.push(killer) === mostKillers) break;
  }
  return killers;
}

function killerOf({ pid, stat, details }: Process): UserSpaceKiller | undefined {
  const line = details?.commandLine;
  switch (stat.name) {
    case 'earlyoom':
      return { kind: 'earlyoom', pid, ...earlyoomOptions(line) };
    case 'systemd-oomd':
      return { kind: 'systemd-oomd', pid };
    case 'oomd':
    case 'oomd_bin':
      return { kind: 'oomd', pid, ...configIn(line) };
    case 'nohang':
      return { kind: 'nohang', pid, ...configIn(line) };
  }
  // A script of Python's, which goes by the interpreter's name where `env` started it.
  if (!stat.name.startsWith('python') || line === undefined) return undefined;
  const [, script = ''] = line.split(' ', 2);
  return script.endsWith('/nohang') ? { kind: 'nohang', pid, ...configIn(line) } : undefined;
}

type EarlyoomOptions = Omit<Extract<UserSpaceKiller, { kind: 'earlyoom' }>, 'kind' | 'pid'>;

/**
 * `earlyoom -m 5,2 -s 10 -M 409600 --avoid '^(init|sshd)$'` (main.c, parse of its options). Of percentages and sizes of one
 * kind the lower one counts, which cannot be told without the total: both are given.
 * @param line with blanks between the arguments; undefined: not known.
 */
function earlyoomOptions(line: string | undefined): EarlyoomOptions {
  const words = (line ?? '').split(' ').slice(1);
  let memory: Threshold = {};
  let swap: Threshold = {};
  const texts: { prefer?: string; avoid?: string; ignore?: string } = {};
  const flags = { byRss: false, wholeGroups: false, dryRun: false };
  for (let index = 0; index < words.length; index++) {
    const { option, attached } = optionOf(words[index] ?? '');
    const value = (): string => attached ?? words[++index] ?? '';
    if (option === '-m') memory = { ...memory, ...percentOf(value()) };
    else if (option === '-s') swap = { ...swap, ...percentOf(value()) };
    else if (option === '-M') memory = { ...memory, ...sizeOf(value()) };
    else if (option === '-S') swap = { ...swap, ...sizeOf(value()) };
    else if (option === '--prefer') texts.prefer = value().slice(0, longestWord);
    else if (option === '--avoid') texts.avoid = value().slice(0, longestWord);
    else if (option === '--ignore') texts.ignore = value().slice(0, longestWord);
    else if (option === '--sort-by-rss') flags.byRss = true;
    else if (option === '--dryrun') flags.dryRun = true;
    else if (option === '-g') flags.wholeGroups = true;
  }
  const usual = { percent: 10, killPercent: 5 };
  return {
    memory: Object.keys(memory).length === 0 ? usual : memory,
    swap: Object.keys(swap).length === 0 ? usual : swap,
    ...texts,
    ...flags,
    isCut: line === undefined || line.length >= cutAt - 1,
  };
}

/** `--avoid=x` and `-m5` hold their value; `-m` and `--avoid` have it in the next word. */
function optionOf(word: string): { readonly option: string; readonly attached?: string } {
  const equals = word.indexOf('=');
  if (word.startsWith('--'))
    return equals < 0
      ? { option: word }
      : { option: word.slice(0, equals), attached: word.slice(equals + 1) };
  return /^-[msMS]./.test(word) ? { option: word.slice(0, 2), attached: word.slice(2) } : { option: word };
}

/** `20` or `20,18`: SIGKILL at half of it where it is not told. */
function percentOf(text: string): Threshold {
  const [percent, killPercent] = numbersIn(text);
  if (percent === undefined || percent > 100) return {};
  return { percent, killPercent: Math.min(killPercent ?? percent / 2, percent) };
}

/** KiB, as `-M 409600`. */
function sizeOf(text: string): Threshold {
  const [size] = numbersIn(text);
  return size === undefined ? {} : { bytes: size * kib };
}

function numbersIn(text: string): number[] {
  return text
    .split(',', 2)
    .filter((word) => /^\d{1,12}(?:\.\d{1,6})?$/.test(word))
    .map(Number);
}

/** `--config FILE`, `-c FILE`, `-C FILE`. */
function configIn(line: string | undefined): { readonly config?: string } {
  const words = (line ?? '').split(' ');
  for (const [index, word] of words.entries()) {
    const [, attached] = /^--config=(.+)$/.exec(word) ?? [];
    const value = attached ?? (['--config', '-c', '-C'].includes(word) ? words[index + 1] : undefined);
    if (value !== undefined && value !== '') return { config: value.slice(0, longestWord) };
  }
  return {};
}
