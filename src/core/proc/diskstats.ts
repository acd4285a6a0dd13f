import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/diskstats';

/** RAM disks, loop devices, CD-ROMs and floppies. */
const drop = ' (ram|loop|sr|fd)[0-9]+ ';

/** The unit of the kernel's `sectors`, whatever the disk's own sectors are. */
export const sectorBytes = 512;

/** Requests under way have gone below zero in many kernels, printed as 2^32 - n. */
export const mostInFlight = 2 ** 31 - 1;

/**
 * Counters of one block device or partition since boot; undefined: refused. The times are 32 bits wide in every kernel,
 * the others in 32-bit kernels, and wrap.
 */
export interface Disk {
  readonly name: string;
  readonly reads: number | undefined;
  readonly readBytes: number | undefined;
  /** Added up over requests, so it may run faster than time. */
  readonly readMs: number | undefined;
  readonly writes: number | undefined;
  readonly writtenBytes: number | undefined;
  readonly writeMs: number | undefined;
  /** Requests under way now; a level. */
  readonly inFlight: number | undefined;
  /** Time with at least one request under way (`io_ticks`). */
  readonly busyMs: number | undefined;
}

/**
 * `/proc/diskstats` (block/genhd.c), e.g.
 * `254 0 vda 35850 9321 1979130 5864 16794 38120 4304792 9930 0 4912 16113 4260 34 114080 242 2121 74`.
 * 14 columns; 18 with discards since 4.18; 20 with flushes since 5.5. What `drop` names is left
 * out; zram stays, for it is where swap may go. A line that is none of a disk costs that line.
 */
export const diskstats: Source<readonly Disk[]> = {
  path,
  drop,
  parse(text, refuse) {
    // A host without awk sends every line.
    const dropped = new RegExp(drop);
    const lines = linesOf(text).filter((line) => !dropped.test(line.text));
    const disks: Disk[] = [];
    for (const line of lines) {
      const [, , name = '', ...values] = fieldsOf(line);
      if (values.length < 11) {
        refuse(line, 'at least 14 columns expected');
        continue;
      }
      const column = (index: number, unit?: number, most?: number): number | undefined =>
        countOf(refuse, line, values[index], unit, most);
      disks.push({
        name,
        reads: column(0),
        readBytes: column(2, sectorBytes),
        readMs: column(3),
        writes: column(4),
        writtenBytes: column(6, sectorBytes),
        writeMs: column(7),
        inFlight: column(8, 1, mostInFlight),
        busyMs: column(9),
      });
    }
    if (lines.length > 0 && disks.length === 0) throw new ParseError(path, 0, text, 'no line of a disk');
    return disks;
  },
};
