import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatPercent } from '../../../src/core/units';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [99.94 * 1024, '99.9 KiB'],
  [99.96 * 1024, '100 KiB'],
  [1023.4 * 1024, '1023 KiB'],
  [1023.6 * 1024, '1.0 MiB'],
  [2_040_109_466, '1.9 GiB'],
  [25_276_510_208, '23.5 GiB'],
  [-8192, '-8.0 KiB'],
  [2 ** 53, '8.0 PiB'],
])('formatBytes(%d) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [-5, '0 ms'],
  [349.6, '350 ms'],
  [999.9, '999 ms'],
  [1000, '1 s'],
  [12_999, '12 s'],
  [60_000, '1 min'],
  [184_000, '3 min 4 s'],
  [7_500_000, '2 h 5 min'],
  [97_200_000, '1 d 3 h'],
])('formatDuration(%d) is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

describe('formatPercent', () => {
  it.each([
    [0, '0.0 %'],
    [3.44, '3.4 %'],
    [9.96, '10 %'],
    [99.6, '100 %'],
  ])('of %d is %s', (percent, text) => {
    expect(formatPercent(percent)).toBe(text);
  });
});
