import { describe, expect, it } from 'vitest';
import { formatTick, formatValue } from '../../../src/webview/format';
import { valueScale } from '../../../src/webview/valueAxis';

const labels = (unit: Parameters<typeof formatTick>[0], highest: number): string[] =>
  valueScale(unit, highest).ticks.map((tick) => formatTick(unit, tick));

describe('valueScale', () => {
  it('goes in binary steps for bytes', () => {
    expect(labels('bytes', 995_360 * 1024)).toEqual(['0', '256 MiB', '512 MiB', '768 MiB', '1 GiB']);
    expect(labels('bytesPerSecond', 100 * 2 ** 20)).toEqual([
      '0',
      '32 MiB/s',
      '64 MiB/s',
      '96 MiB/s',
      '128 MiB/s',
    ]);
  });

  it('goes in steps of 1, 2 or 5 for counts and times', () => {
    expect(labels('perSecond', 43_000)).toEqual(['0', '10 k/s', '20 k/s', '30 k/s', '40 k/s', '50 k/s']);
    expect(labels('milliseconds', 1400)).toEqual(['0', '500 ms', '1 s', '1.5 s']);
  });

  it('is always the whole for shares', () => {
    expect(labels('percent', 3)).toEqual(['0 %', '25 %', '50 %', '75 %', '100 %']);
  });

  it.each(['bytes', 'bytesPerSecond', 'perSecond', 'milliseconds'] as const)(
    'reaches every value in %s',
    (unit) => {
      for (let highest = 0; highest < 1e12; highest = highest * 3.7 + 0.3) {
        const { top, ticks } = valueScale(unit, highest);
        expect(top).toBeGreaterThanOrEqual(highest);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect([ticks[0], ticks.at(-1)]).toEqual([0, top]);
      }
    },
  );
});

describe('formatValue', () => {
  it('says every unit, and a dash for a gap', () => {
    expect(formatValue('bytes', 3 * 2 ** 30)).toBe('3.0 GiB');
    expect(formatValue('bytesPerSecond', 2048)).toBe('2.0 KiB/s');
    expect(formatValue('perSecond', 0.44)).toBe('0.4/s');
    expect(formatValue('perSecond', 58_734)).toBe('58.7 k/s');
    expect(formatValue('percent', 48.2)).toBe('48 %');
    expect(formatValue('milliseconds', 350)).toBe('350 ms');
    expect(formatValue('bytes', null)).toBe('–');
  });
});
