import { smapsRollup, type SmapsRollup } from '../proc/smapsRollup';
import type { Source } from '../proc/source';
import { readSource } from '../sample';
import { statFile } from './processFiles';

/** What became of an attempt to measure the PSS of one process. */
export type PssReading =
  | { readonly kind: 'read'; readonly rollup: SmapsRollup }
  /** It has ended; its pid may be another one's by now. */
  | { readonly kind: 'gone' }
  /** Only root may read it. */
  | { readonly kind: 'denied' }
  /** The kernel does not tell it. */
  | { readonly kind: 'absent' }
  /** The host did not answer in time, or with something else. */
  | { readonly kind: 'unanswered' };

/**
 * Reads what the host said: `MARK rollup` and the text of `/proc/PID/smaps_rollup`, `MARK stat` and that of `/proc/PID/stat` as
 * it was afterwards, `MARK kernel yes` or `no` (whether the kernel has the former), `MARK end`. What stands before is not ours.
 *
 * A process that has its start time afterwards had it before too: what was read is its own.
 * @param mark random: no name of a process holds it.
 */
export function pssReadingOf(output: string, mark: string, startTicks: number): PssReading {
  const [, rollup, stat, kernel, end] = output.split(`${mark} `);
  if (end === undefined) return { kind: 'unanswered' };
  if (valueOf(statFile, stat, 'stat')?.starttimeTicks !== startTicks) return { kind: 'gone' };
  const read = valueOf(smapsRollup, rollup, 'rollup');
  if (read) return { kind: 'read', rollup: read };
  return { kind: kernel?.trim() === 'kernel yes' ? 'denied' : 'absent' };
}

function valueOf<T>(source: Source<T>, part = '', name: string): T | undefined {
  return readSource(source, { [source.path]: part.slice(name.length).trim() }).value;
}
