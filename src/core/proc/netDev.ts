import { ParseError, type Source } from './source';
import { countOf, fieldsOf, linesOf } from './text';

const path = 'proc/net/dev';

/** Counters of one network interface since it was made; undefined: refused. Some drivers hold 32 bits only, and wrap. */
export interface Interface {
  readonly name: string;
  readonly rxBytes: number | undefined;
  readonly rxPackets: number | undefined;
  readonly rxErrors: number | undefined;
  /** Came in and were thrown away: no memory, no room in a queue, no receiver. */
  readonly rxDropped: number | undefined;
  readonly rxFifo: number | undefined;
  readonly rxFrame: number | undefined;
  readonly rxCompressed: number | undefined;
  readonly rxMulticast: number | undefined;
  readonly txBytes: number | undefined;
  readonly txPackets: number | undefined;
  readonly txErrors: number | undefined;
  readonly txDropped: number | undefined;
  readonly txFifo: number | undefined;
  readonly txCollisions: number | undefined;
  readonly txCarrier: number | undefined;
  readonly txCompressed: number | undefined;
}

/**
 * `/proc/net/dev` (net/core/net-procfs.c) of the network namespace of who reads it, e.g.
 * `  eth0: 3134163035   95294    0    0    0     0          0         0 10302891   69292    0    0    0     0       0          0`.
 * Two lines of titles. Old kernels leave no blank after the colon where the number is wide. A line that is none of an
 * interface costs that line.
 */
export const netDev: Source<readonly Interface[]> = {
  path,
  parse(text, refuse) {
    const [first, second, ...lines] = linesOf(text);
    if (first?.text.startsWith('Inter-|') !== true || second?.text.includes('|bytes') !== true) {
      throw new ParseError(path, first?.number ?? 0, first?.text ?? text, 'the titles are missing');
    }
    return lines.flatMap((line): Interface[] => {
      // An interface's alias has a colon in its name: `eth0:1`.
      const end = line.text.lastIndexOf(':');
      const values = fieldsOf({ ...line, text: line.text.slice(end + 1) });
      const name = line.text.slice(0, Math.max(0, end)).trim();
      if (name === '' || values.length < 16) {
        refuse(line, 'a name and 16 numbers expected');
        return [];
      }
      const column = (index: number): number | undefined => countOf(refuse, line, values[index]);
      return [
        {
          name,
          rxBytes: column(0),
          rxPackets: column(1),
          rxErrors: column(2),
          rxDropped: column(3),
          rxFifo: column(4),
          rxFrame: column(5),
          rxCompressed: column(6),
          rxMulticast: column(7),
          txBytes: column(8),
          txPackets: column(9),
          txErrors: column(10),
          txDropped: column(11),
          txFifo: column(12),
          txCollisions: column(13),
          txCarrier: column(14),
          txCompressed: column(15),
        },
      ];
    });
  },
};
