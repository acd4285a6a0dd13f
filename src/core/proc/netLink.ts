import { ParseError, type Source } from './source';
import { fieldsOf, linesOf } from './text';

/** A terabit a second, a hundred times over. */
const mostMegabits = 100_000_000;

const speedPath = 'sys/class/net/*/speed';
const duplexPath = 'sys/class/net/*/duplex';

/**
 * `/sys/class/net/NAME/speed` (Documentation/ABI/testing/sysfs-class-net), e.g. `1000`: megabits a second. -1 where the
 * driver does not know, and reading fails where there is no carrier. Path as a pattern: one file for each interface.
 */
export const linkSpeed: Source<{ readonly megabitsPerSecond: number | undefined }> = {
  path: speedPath,
  parse(text, refuse) {
    const [line] = linesOf(text);
    if (line === undefined) throw new ParseError(speedPath, 0, text, 'empty');
    const [word = ''] = fieldsOf(line);
    // Kernels before 4.6 print "not known" as 65535 (16 bits), and some as 2^32 - 1.
    if (word === '-1' || word === '0' || word === '65535' || word === '4294967295') {
      return { megabitsPerSecond: undefined };
    }
    if (/^\d{1,9}$/.test(word) && Number(word) <= mostMegabits) return { megabitsPerSecond: Number(word) };
    refuse(line, 'not a speed');
    return { megabitsPerSecond: undefined };
  },
};

/** `/sys/class/net/NAME/duplex`: `full`, `half` or `unknown`. */
export const linkDuplex: Source<'full' | 'half' | 'unknown'> = {
  path: duplexPath,
  parse(text) {
    const word = text.trim();
    if (word === 'full' || word === 'half' || word === 'unknown') return word;
    throw new ParseError(duplexPath, 1, text, 'not a duplex');
  },
};
