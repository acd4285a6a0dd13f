import { describe, expect, it } from 'vitest';
import { usedMsOf } from '../../../bench/compare/controlGroup';
import type { Measured } from '../../../bench/compare/measure';
import { comparisonTable, ratioText } from '../../../bench/compare/report';
import { markdownTable } from '../../../bench/markdownTable';

const process = (name: string, pssKib: number) => ({ name, pssKib, shmemKib: 0 });

const ours: Measured = {
  name: 'ours',
  cost: {
    settling: { ms: 80.4, seconds: 40 },
    meanMs: 2,
    highestMs: 4.04,
    sshdMs: 0.3,
    started: 0,
    resident: [process('bash', 500), process('mawk', 1000), process('bash', 500)],
    read: { stats: 30, processes: 4, cgroups: 3, others: 1 },
  },
};
const theirs: Measured = {
  name: 'theirs',
  cost: {
    settling: { ms: 300, seconds: 5 },
    meanMs: 25,
    highestMs: 30,
    sshdMs: undefined,
    started: 1.5,
    resident: [process('collector', 5000)],
  },
};

describe('the table of what watching costs', () => {
  it('has a row for each that was measured, so many times as dear as the reference', () => {
    const [, , first, second] = comparisonTable([theirs, ours], 'ours');
    expect(first).toBe('| theirs | 25.00 | 13 | 30.0 | 300 (5 s) | – | 1.50 | 5.1 (collector 5.1) | 2.5 |');
    expect(second).toBe(
      '| ours | 2.00 | 1.0 | 4.0 | 80 (40 s) | 0.30 | 0 | 2.0 (2 bash 1.0, mawk 1.0) | 1.0 |',
    );
  });

  it('says what could not be measured, and has no ratios where that is the reference', () => {
    const lines = comparisonTable([theirs, { name: 'ours', obstacle: 'it ended: not found' }], 'ours');
    expect(lines[2]).toContain('| theirs | 25.00 | – |');
    expect(lines).toContain('Not measured: ours: it ended: not found');
    expect(lines.join('\n')).not.toContain('| ours');
  });

  it('says of what tells it how much it read', () => {
    expect(comparisonTable([ours], 'ours').at(-1)).toBe(
      'ours read per second: the `stat` of 30.0 processes, the other files of 4.0, those of 3.0 cgroups, 1.0 other files.',
    );
  });

  it('does not say 0 where nobody knows how many processes were started', () => {
    const { cost } = ours;
    const unknown = { name: 'ours', ...(cost && { cost: { ...cost, started: undefined } }) };
    expect(comparisonTable([unknown], 'ours')[2]).toContain('| some |');
  });
});

describe('a ratio', () => {
  it.each([
    [0.24, 2, '0.12'],
    [9.96, 1, '10'],
    [247.3, 2, '124'],
    [1, 0, '–'],
  ])('of %d to %d is %s', (value, reference, text) => expect(ratioText(value, reference)).toBe(text));
});

describe('the processor time of a cgroup, version 2', () => {
  it('is told in µs', () => {
    expect(usedMsOf('usage_usec 2512345\nuser_usec 1500000\nsystem_usec 1012345\n')).toBe(2512.345);
  });

  it('is not 0 where it is not told', () => {
    expect(usedMsOf('user_usec 1500000\n')).toBeNaN();
  });
});

it('makes a Markdown table, a line for each row', () => {
  const rows = [{ a: 1 }, { a: 2 }];
  expect(markdownTable({ x: ({ a }) => String(a), y: ({ a }) => String(-a) }, rows)).toEqual([
    '| x | y |',
    '| --- | --- |',
    '| 1 | -1 |',
    '| 2 | -2 |',
  ]);
});
