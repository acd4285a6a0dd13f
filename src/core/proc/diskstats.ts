import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/diskstats';

/** RAM disks, loop devices, CD-ROMs and floppies. */
const drop = ' (ram|loop|sr|fd)[0-9]+ ';

/** The unit of the kernel's `sectors`, whatever the disk's own sectors are. */
const sectorBytes = 512;

/** Counters of one block device or partition since boot. Some of them are 32 bits wide in the kernel and wrap. */
export interface Disk {
  readonly name: string;
  readonly reads: number;
  readonly readBytes: number;
  /** Added up over requests, so it may run faster than time. */
  readonly readMs: number;
  readonly writes: number;
  readonly writtenBytes: number;
  readonly writeMs: number;
  /** Requests under way now; a level. */
  readonly inFlight: number;
  /** Time with at least one request under way (`io_ticks`). */
  readonly busyMs: number;
}

/**
 * `/proc/diskstats` (block/genhd.c), e.g.
 * `254 0 vda 35850 9321 1979130 5864 16794 38120 4304792 9930 0 4912 16113 4260 34 114080 242 2121 74`.
 * 14 columns; 18 with discards since 4.18; 20 with flushes since 5.5. What `drop` names is left
 * out; zram stays, for it is where swap may go.
 */
export const diskstats: Source<readonly Disk[]> = {
  path,
  drop,
  parse(text) {
    // A host without awk sends every line.
    const dropped = new RegExp(drop);
    const lines = linesOf(text).filter((line) => !dropped.test(line.text));
    return lines.map((line) => {
      const [, , name = '', ...values] = fieldsOf(line);
      if (values.length < 11)
        throw new ParseError(path, line.number, line.text, 'at least 14 columns expected');
      const column = (index: number, unit = 1): number => countOf(path, line, values[index], unit);
      return {
        name,
        reads: column(0),
        readBytes: column(2, sectorBytes),
        readMs: column(3),
        writes: column(4),
        writtenBytes: column(6, sectorBytes),
        writeMs: column(7),
        inFlight: column(8),
        busyMs: column(9),
      };
    });
  },
};
