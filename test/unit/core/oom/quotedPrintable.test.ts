import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuotedPrintableReader } from '../../../../src/core/oom/envelopes/quotedPrintable';
import { holds } from '../properties/random';

function read(lines: readonly string[], longest = 1000): string[] {
  const reader = new QuotedPrintableReader(longest);
  const whole = lines.flatMap((line) => reader.take(line, (text) => text.startsWith('[')));
  return [...whole, ...reader.end()];
}

const header = 'Content-Transfer-Encoding: quoted-printable';

describe('a mail as it was sent', () => {
  it.each([
    ['a line in two', [header, 'Killed p=', 'rocess 7 (a)'], [header, 'Killed process 7 (a)']],
    ['characters', [header, 'a=3Db=C2=A0=E2=82=AC=20'], [header, 'a=b\u00a0€ ']],
    ['bytes that are no text', [header, 'a=C2b'], [header, 'a\ufffdb']],
    ['without its header', ['a gfp_mask=3D0x1, order=3D=', '0'], ['a gfp_mask=0x1, order=0']],
    ['a line that goes on behind one that shows it', ['order=3D0', 'a:0=', 'kB'], ['order=0', 'a:0kB']],
    ['with a line feed of its own', ['pid=3D1,cpuset=3Da=\r', 'b\r'], ['pid=1,cpuset=ab']],
    ['before a record in an envelope', ['order=3D=', '[1.0] a=41'], ['order=', '[1.0] a=41']],
    ['that ends within a line', [header, 'a=', 'b='], [header, 'ab']],
  ])('%s', (_, lines, expected) => {
    expect(read(lines)).toEqual(expected);
  });

  it('ends where an equals sign begins no escape, and with a header that says so', () => {
    expect(read([header, 'order=0 a=3Db', 'a=3Db='])).toEqual([header, 'order=0 a=3Db', 'a=3Db=']);
    const other = 'Content-Transfer-Encoding: 8bit';
    expect(read([header, other, 'a=3Db'])).toEqual([header, other, 'a=3Db']);
  });

  it('a line that goes on for ever is told in pieces', () => {
    expect(read([header, 'aaaa=', 'bbbb=', 'cccc=', 'dd'], 8)).toEqual([header, 'aaaabbbb', 'ccccdd']);
  });
});

describe('any other text', () => {
  it.each(['task=3Dview,pid=7', 'a =', 'x == y', ''])('stays as it is: %j', (line) => {
    expect(read([line, line])).toEqual([line, line]);
  });

  it('is not longer for it, whatever it is', () => {
    holds(
      fc.property(fc.array(fc.string(), { maxLength: 20 }), (lines) => {
        const length = (texts: readonly string[]): number => texts.join('').length;
        expect(length(read([header, ...lines]))).toBeLessThanOrEqual(length([header, ...lines]));
      }),
      300,
    );
  });
});
