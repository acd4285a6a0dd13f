import { describe, expect, it } from 'vitest';
import { LogLines } from '../../../../src/core/oom/logLines';

function linesOf(pieces: readonly string[]): { readonly lines: string[]; readonly cut: number } {
  const lines: string[] = [];
  const reader = new LogLines((line) => lines.push(line));
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return { lines, cut: reader.cutLines };
}

describe('LogLines', () => {
  const text = 'one\ntwo\r\n\nthree';

  it('cuts a text into the same lines, however it comes', () => {
    for (let first = 0; first <= text.length; first++)
      for (let second = first; second <= text.length; second++)
        expect(linesOf([text.slice(0, first), text.slice(first, second), text.slice(second)])).toEqual({
          lines: ['one', 'two\r', '', 'three'],
          cut: 0,
        });
  });

  it('cuts a long line at 64 KiB, whether it comes at once or in pieces', () => {
    const long = 'x'.repeat(1_000_000);
    const expected = { lines: ['a', 'x'.repeat(64 * 1024), 'b'], cut: 1 };
    expect(linesOf([`a\n${long}\nb\n`])).toEqual(expected);
    expect(linesOf(['a\n', ...(long.match(/x{1000}/g) ?? []), '\nb'])).toEqual(expected);
  });

  it('does not call a line of 64 KiB cut', () => {
    const line = 'x'.repeat(64 * 1024);
    expect(linesOf([line.slice(0, 10), line.slice(10), '\n'])).toEqual({ lines: [line], cut: 0 });
  });
});
