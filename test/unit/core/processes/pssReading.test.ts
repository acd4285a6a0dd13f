import { describe, expect, it } from 'vitest';
import { smapsRollup } from '../../../../src/core/proc/smapsRollup';
import { pssReadingOf } from '../../../../src/core/processes/pssReading';
import { statText } from './slices';

const mark = 'f3a1b2c4d5e6';

/** As Linux 6.18 tells it. */
const rollup = `55d0c0a3d000-7ffe5a1c9000 ---p 00000000 00:00 0                          [rollup]
Rss:               41236 kB
Pss:               12054 kB
Pss_Dirty:          9000 kB
Pss_Anon:           9000 kB
Pss_File:           3000 kB
Pss_Shmem:            54 kB
Shared_Clean:      30000 kB
Swap:                 20 kB
SwapPss:              12 kB
Locked:                0 kB
`;

function said(parts: { rollup?: string; stat?: string; kernel?: string; end?: boolean }): string {
  const { stat = statText(812), kernel = 'yes', end = true } = parts;
  return `Welcome!\n${mark} rollup\n${parts.rollup ?? rollup}\n${mark} stat\n${stat}\n${mark} kernel ${kernel}\n${end ? `${mark} end\n` : ''}`;
}

describe('smaps_rollup', () => {
  const parse = (text: string): unknown => {
    const refused: string[] = [];
    return [smapsRollup.parse(text, ({ number }, reason) => refused.push(`${number}: ${reason}`)), refused];
  };

  it('tells the proportional size and its parts, where the kernel has them', () => {
    expect(parse(rollup)).toEqual([
      {
        pssBytes: 12054 * 1024,
        pssAnonBytes: 9000 * 1024,
        pssFileBytes: 3000 * 1024,
        pssShmemBytes: 54 * 1024,
        swapPssBytes: 12 * 1024,
      },
      [],
    ]);
    expect(parse('Pss:  7 kB\n')).toEqual([{ pssBytes: 7168 }, []]);
  });

  it('refuses a part that cannot be, and needs the sum', () => {
    expect(parse('Pss: 7 kB\nPss_Anon: -1 kB\nSwapPss: 3 MB\n')).toEqual([
      { pssBytes: 7168 },
      ['2: not a number: -1', '3: kB expected'],
    ]);
    expect(() => parse('Rss: 7 kB\n')).toThrow('Pss is missing');
  });
});

describe('pssReadingOf', () => {
  it('reads it of the process that was meant', () => {
    expect(pssReadingOf(said({}), mark, 1000)).toMatchObject({
      kind: 'read',
      rollup: { pssBytes: 12054 * 1024 },
    });
  });

  it('reads nothing of another one that has the pid by now, nor of one that has ended', () => {
    expect(pssReadingOf(said({}), mark, 999)).toEqual({ kind: 'gone' });
    expect(pssReadingOf(said({ stat: '' }), mark, 1000)).toEqual({ kind: 'gone' });
  });

  it('tells whether the user may not, or the kernel does not', () => {
    expect(pssReadingOf(said({ rollup: '' }), mark, 1000)).toEqual({ kind: 'denied' });
    expect(pssReadingOf(said({ rollup: '', kernel: 'no' }), mark, 1000)).toEqual({ kind: 'absent' });
  });

  it.each([
    ['nothing', ''],
    ['something else', 'bash: cat: command not found\n'],
    ['a part of it', said({ end: false })],
    ['the words of another mark', said({}).replaceAll(mark, 'aaaaaaaaaaaa')],
  ])('takes %s for no answer', (_, output) => {
    expect(pssReadingOf(output, mark, 1000)).toEqual({ kind: 'unanswered' });
  });

  it('is not led astray by a name', () => {
    const name = `x\n812 (app) S 1) S 1\nrollup\nkernel yes`;
    expect(pssReadingOf(said({ stat: statText(812, { name }) }), mark, 1000).kind).toBe('read');
  });
});
