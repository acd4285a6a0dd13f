import type { Source } from './source';
import { cpuTicksOf, mostProcessors, stat, type CpuTicks, type Stat } from './stat';
import { countOf, fieldsOf, linesOf } from './text';

/** Time of one processor since boot. */
export interface ProcessorTicks {
  /** The kernel's number: offline ones are left out. */
  readonly number: number;
  /** Undefined: refused. */
  readonly ticks: CpuTicks | undefined;
}

/** What samples hold of `/proc/stat`, and the rest of it. */
export interface ProcessorStat extends Stat {
  /** Hardware interrupts since boot, those of no number included. */
  readonly intr?: number;
  readonly processors: readonly ProcessorTicks[];
}

/**
 * The whole of `/proc/stat` (fs/proc/stat.c): beside what `stat` reads, the lines of single processors, e.g.
 * `cpu0 559491 1853 92795 622091 3445 0 1671 256 1 0`, and the first number of `intr`, which is all interrupts.
 */
export const processorStat: Source<ProcessorStat> = {
  path: stat.path,
  parse(text, refuse) {
    const processors: ProcessorTicks[] = [];
    let intr: number | undefined;
    for (const line of linesOf(text)) {
      const [word = '', ...values] = fieldsOf(line);
      const [, digits] = /^cpu(\d{1,6})$/.exec(word) ?? [];
      if (word === 'intr') intr = countOf(refuse, line, values[0]);
      else if (digits !== undefined) {
        const number = countOf(refuse, line, digits, 1, mostProcessors - 1);
        if (number !== undefined) processors.push({ number, ticks: cpuTicksOf(refuse, line, values) });
      }
    }
    return { ...stat.parse(text, refuse), ...(intr !== undefined && { intr }), processors };
  },
};
