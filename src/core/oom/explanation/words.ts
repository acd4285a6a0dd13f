import { printable } from '../../proc/printable';
import { formatBytes } from '../../units';
import type { Translate } from '../../translate';

/** Of the kernel's 15 bytes of a name none is lost; what a user-space killer prints may be longer. */
const longestName = 40;
const longestPath = 200;

/** A name from the log, as a part of a line: harmless and short. */
export function nameText(name: string, most = longestName): string {
  const clean = printable(name, most + 1)
    .replace(/\p{Surrogate}/gu, '?')
    .trim();
  if (clean === '') return '?';
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
}

/** The path of a cgroup, as a part of a line; of a long one the end is kept, where it differs from others. */
export function pathText(path: string): string {
  const tail = path.length > longestPath ? `…${path.slice(-longestPath)}` : path;
  return nameText(tail, longestPath + 1);
}

/** `python3 (pid 882)`. */
export function taskText({ name, pid }: { name: string; pid?: number | undefined }, t: Translate): string {
  return pid === undefined ? nameText(name) : t('{0} (pid {1})', nameText(name), pid);
}

/** Non-zero amounts as `300 MiB of anonymous memory, 2 MiB of files`; empty where there are none. */
export function amountsText(
  amounts: readonly (readonly [bytes: number | undefined, what: string])[],
  t: Translate,
): string {
  return amounts
    .filter(([bytes]) => bytes !== undefined && bytes > 0)
    .map(([bytes = 0, what]) => t('{0} of {1}', formatBytes(bytes), what))
    .join(', ');
}

/** Parts of one sentence. */
export function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('; ');
}

/** A sentence: the first letter is put in upper case, unless it begins with a name from the log. */
export function sentence(parts: readonly (string | undefined)[]): string {
  const text = joined(parts);
  return text === '' ? '' : `${text}.`;
}
