import { mostInFlight, sectorBytes } from './diskstats';
import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/diskstats';

/**
 * Every column of one block device or partition, since boot; undefined: refused, or not in this kernel. The times are 32
 * bits wide in every kernel, the others in 32-bit kernels, and wrap. Times are added up over requests, so they may run faster
 * than time.
 */
export interface DiskCounters {
  readonly name: string;
  readonly reads: number | undefined;
  /** Requests that were put together with another one before they went to the device. */
  readonly readsMerged: number | undefined;
  readonly readBytes: number | undefined;
  readonly readMs: number | undefined;
  readonly writes: number | undefined;
  readonly writesMerged: number | undefined;
  readonly writtenBytes: number | undefined;
  readonly writeMs: number | undefined;
  /** Requests under way now; a level. */
  readonly inFlight: number | undefined;
  /** Time with at least one request under way (`io_ticks`). */
  readonly busyMs: number | undefined;
  /** The same, each moment counted as often as requests are under way (`time_in_queue`). */
  readonly queueMs: number | undefined;
  /** Since 4.18. */
  readonly discards: number | undefined;
  readonly discardsMerged: number | undefined;
  readonly discardedBytes: number | undefined;
  readonly discardMs: number | undefined;
  /** Since 5.5. */
  readonly flushes: number | undefined;
  readonly flushMs: number | undefined;
}

/**
 * The whole of `/proc/diskstats` (block/genhd.c; Documentation/admin-guide/iostats.rst), RAM disks and loop devices included,
 * e.g. `254 0 vda 35850 9321 1979130 5864 16794 38120 4304792 9930 0 4912 16113 4260 34 114080 242 2121 74`.
 * A line that is none of a disk costs that line.
 */
export const diskCounters: Source<readonly DiskCounters[]> = {
  path,
  parse(text, refuse) {
    const lines = linesOf(text);
    const disks: DiskCounters[] = [];
    for (const line of lines) {
      const [, , name = '', ...values] = fieldsOf(line);
      if (values.length < 11) {
        refuse(line, 'at least 14 columns expected');
        continue;
      }
      const column = (index: number, unit?: number, most?: number): number | undefined =>
        index < values.length ? countOf(refuse, line, values[index], unit, most) : undefined;
      disks.push({
        name,
        reads: column(0),
        readsMerged: column(1),
        readBytes: column(2, sectorBytes),
        readMs: column(3),
        writes: column(4),
        writesMerged: column(5),
        writtenBytes: column(6, sectorBytes),
        writeMs: column(7),
        inFlight: column(8, 1, mostInFlight),
        busyMs: column(9),
        queueMs: column(10),
        discards: column(11),
        discardsMerged: column(12),
        discardedBytes: column(13, sectorBytes),
        discardMs: column(14),
        flushes: column(15),
        flushMs: column(16),
      });
    }
    if (lines.length > 0 && disks.length === 0) throw new ParseError(path, 0, text, 'no line of a disk');
    return disks;
  },
};
