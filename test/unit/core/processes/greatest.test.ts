import { describe, expect, it } from 'vitest';
import { greatest } from '../../../../src/core/processes/greatest';

const keyOf = ({ key }: { key: number | undefined }): number | undefined => key;

describe('the greatest', () => {
  it.each([0, 1, 3, 30, 1000, 5000, Infinity])('%d of 3000 are those that sorting finds', (most) => {
    // Multiples of a prime: each of 0 to 2999 once, in no order.
    const items = Array.from({ length: 3000 }, (_, index) => ({ key: (index * 1009) % 3000 }));
    const sorted = items.filter(({ key }) => key > 0).sort((one, other) => other.key - one.key);
    expect(greatest(items, most, keyOf)).toEqual(sorted.slice(0, most));
  });

  it('leaves out what has no key above 0, and keeps the order of equals', () => {
    const items = [NaN, 2, undefined, -1, 0, 7, 2, 2].map((key, index) => ({ key, index }));
    expect(greatest(items, 3, keyOf)).toEqual([
      { key: 7, index: 5 },
      { key: 2, index: 1 },
      { key: 2, index: 6 },
    ]);
  });

  it.each([-1, NaN, 0.5])('%d of them is none', (most) => {
    expect(greatest([{ key: 1 }], most, keyOf)).toEqual([]);
  });
});
