import { describe, expect, it } from 'vitest';
import { agesOfNewest } from '../../../bench/thrash/report';
import { sampleOf } from '../../../src/core/sample';
import { captureOf } from '../core/fixtures';

const moment = (at: number, ageMs: number) => ({
  sample: { ...sampleOf(captureOf({})), at },
  ageMs,
});

describe('the age of the newest sample', () => {
  it('grows from second to second until the next one comes, however late', () => {
    const moments = [moment(1000, 100), moment(2000, 100), moment(3000, 3500), moment(4000, 2500)];
    expect(agesOfNewest(moments, { from: 2000, to: 8000 })).toEqual([
      1000, 1000, 2000, 3000, 4000, 3000, 4000,
    ]);
  });

  it('is not known before the first one has come', () => {
    expect(agesOfNewest([moment(1000, 2500)], { from: 1000, to: 4000 })).toEqual([3000]);
  });
});
