import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdingOfGroup } from '../../../../src/core/actions/holding';
import {
  memoryReturnedOf,
  type MemoryReading,
  type TargetMemory,
} from '../../../../src/core/actions/memoryReturned';
import { holds } from '../properties/random';
import { group, MiB } from './hosts';

const at = (atMs: number, available: number, swapFree = 0, bootId = 'boot'): MemoryReading => ({
  bootId,
  atMs,
  availableBytes: available * MiB,
  swapFreeBytes: swapFree * MiB,
});
const hit = (anon: number, left?: number): TargetMemory => ({
  outcome: 'done',
  before: holdingOfGroup(group('/docker/a', { anon, file: 500, inactiveFile: 500 })),
  after: left === undefined ? 'gone' : holdingOfGroup(group('/docker/a', { anon: left })),
});

describe('the memory that came back', () => {
  it('is what is available after the end less what was before the beginning', () => {
    const readings = [at(9000, 30, 100), at(10_000, 30, 100), at(15_000, 300, 100), at(21_000, 530, 300)];
    expect(memoryReturnedOf(readings, 10_000, 20_000, [hit(400), hit(100)])).toEqual({
      availableBeforeBytes: 30 * MiB,
      availableAfterBytes: 530 * MiB,
      gainBytes: 500 * MiB,
      swapGainBytes: 200 * MiB,
      targetsBytes: 500 * MiB,
      unreadTargets: 0,
      others: undefined,
      measuredAfterMs: 1000,
    });
  });

  it('goes by medians: one sample in a burst does not count', () => {
    const readings = [30, 31, 900, 29, 32].map((available, index) => at(6000 + index * 1000, available));
    const after = [500, 501, 20, 502, 503].map((available, index) => at(21_000 + index * 1000, available));
    const returned = memoryReturnedOf([...after, ...readings], 10_000, 20_000, []);
    expect(returned.gainBytes).toBe(470 * MiB);
  });

  it('of two samples takes the mean, and of samples that do not tell it none', () => {
    const unknown = { ...at(9500, 0), availableBytes: undefined };
    const readings = [at(9000, 10), unknown, at(10_000, 20), at(21_000, 100)];
    expect(memoryReturnedOf(readings, 10_000, 20_000, []).availableBeforeBytes).toBe(15 * MiB);
    expect(memoryReturnedOf([unknown, at(21_000, 100)], 10_000, 20_000, []).gainBytes).toBeUndefined();
  });

  it.each([
    ['there is no sample before', [at(21_000, 100)]],
    ['the sample before is old', [at(-6000, 10), at(21_000, 100)]],
    ['there is no sample after', [at(9000, 10), at(20_000, 50)]],
    ['the sample after is late', [at(9000, 10), at(50_001, 50)]],
    ['the host was started anew', [at(9000, 10), at(21_000, 900, 0, 'another boot')]],
    ['there are no samples', []],
  ])('is not known where %s', (_why, readings) => {
    const returned = memoryReturnedOf(readings, 10_000, 20_000, [hit(400)]);
    expect(returned.gainBytes).toBeUndefined();
    expect(returned.others).toBeUndefined();
    expect(returned.targetsBytes).toBe(400 * MiB);
  });

  it.each([
    [100, 'took'],
    [390, undefined],
    [410, undefined],
    [900, 'gave'],
    [-50, 'took'],
  ])('a gain of %i MiB where targets held 400: others %s', (gain, others) => {
    const readings = [at(9000, 100), at(21_000, 100 + gain)];
    expect(memoryReturnedOf(readings, 10_000, 20_000, [hit(400)]).others).toBe(others);
  });

  it('of targets counts those that were hit, less what is left, and never page cache', () => {
    const targets: TargetMemory[] = [
      hit(400),
      hit(100, 30),
      hit(100, 130),
      { ...hit(1000), outcome: 'unknown' },
      { ...hit(1000), outcome: 'gone' },
      { outcome: 'done', before: undefined, after: undefined },
    ];
    expect(memoryReturnedOf([], 0, 1, targets).targetsBytes).toBe(470 * MiB);
    expect(memoryReturnedOf([], 0, 1, []).targetsBytes).toBeUndefined();
  });

  it('of targets that were not read since is not known, and no other program is blamed', () => {
    const unread: TargetMemory = { ...hit(400), after: undefined };
    const readings = [at(9000, 500), at(21_000, 500)];
    expect(memoryReturnedOf(readings, 10_000, 20_000, [unread])).toMatchObject({
      gainBytes: 0,
      targetsBytes: undefined,
      unreadTargets: 1,
      others: undefined,
    });
    const returned = memoryReturnedOf(readings, 10_000, 20_000, [unread, hit(900)]);
    expect(returned).toMatchObject({ targetsBytes: 900 * MiB, unreadTargets: 1, others: undefined });
  });

  it('of one that was killed and has yet to end is what it has given back so far', () => {
    const ending: TargetMemory = { ...hit(400, 300), outcome: 'ending' };
    expect(memoryReturnedOf([], 0, 1, [ending]).targetsBytes).toBe(100 * MiB);
  });

  it('does not depend on the order of the samples', () => {
    const readings = [at(9000, 30), at(9500, 35), at(10_000, 31), at(21_000, 500), at(22_000, 510)];
    const expected = memoryReturnedOf(readings, 10_000, 20_000, [hit(400)]);
    holds(
      fc.property(fc.shuffledSubarray(readings, { minLength: readings.length }), (shuffled) => {
        expect(memoryReturnedOf(shuffled, 10_000, 20_000, [hit(400)])).toEqual(expected);
      }),
      50,
    );
  });
});
