import { describe, expect, it } from 'vitest';
import type { MinutesBefore } from '../../../../src/core/oomEvents/hostEvent';
import { minutesBeforeLines } from '../../../../src/core/oomEvents/minutesChart';
import { english } from '../../../../src/core/translate';

const mib = 2 ** 20;

function before(changes: Partial<MinutesBefore>): MinutesBefore {
  return {
    fromMs: 0,
    stepMs: 5000,
    availableBytes: [],
    pageCacheBytes: [],
    memoryFullPercent: [],
    ...changes,
  };
}

describe('the minutes before a kill as text', () => {
  it('have a sentence with both ends and the lowest, and bars of which a gap is blank', () => {
    const lines = minutesBeforeLines(
      before({ availableBytes: [null, 240 * mib, 120 * mib, 10 * mib, null, 20 * mib] }),
      english,
    );
    expect(lines).toEqual([
      'Available memory: 240 MiB at first, 20.0 MiB in the end; lowest 10.0 MiB, 10 s before',
      'the end.',
      '  240 MiB | █    |',
      '          | █▄   |',
      '      0 B | ██▁ ▂|',
    ]);
  });

  it('tell of waiting the highest, on a scale of 100 %', () => {
    const lines = minutesBeforeLines(before({ memoryFullPercent: [0, 50, 100, 25] }), english);
    expect(lines.slice(0, 2).join(' ')).toMatch(
      /: 0\.0 % at first, 25 % in the end; highest 100 %, 5 s before the end\.$/,
    );
    expect(lines.slice(-3).map((line) => line.slice(-6))).toEqual(['|  █ |', '| ▄█ |', '|▁██▆|']);
  });

  it('are none where nothing was measured', () => {
    expect(minutesBeforeLines(before({ availableBytes: [null, null] }), english)).toEqual([]);
  });

  it('fit into a line however many there are, and keep the lowest', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => (index === 777 ? 0 : 100 * mib));
    const lines = minutesBeforeLines(before({ availableBytes: values }), english);
    expect(lines[0]).toContain('lowest 0 B');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(90);
    expect(lines.at(-1)).toContain('▁');
  });
});
