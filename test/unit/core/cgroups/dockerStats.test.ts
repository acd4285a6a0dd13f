import { expect, it } from 'vitest';
import { workingSetOf } from '../../../../src/core/cgroups/cgroupOf';
import { dockerMemoryOf } from '../../../../src/core/cgroups/dockerStats';

const group = (currentBytes: number, inactiveFileBytes: number, max?: number | 'max') => ({
  currentBytes,
  stat: { inactiveFileBytes },
  limits: max === undefined ? {} : { max },
});

it('is usage without page cache that nobody uses, of the limit or of all memory', () => {
  expect(dockerMemoryOf(group(300, 100, 400), 1000)).toEqual({
    usedBytes: 200,
    limitBytes: 400,
    percent: 50,
  });
  expect(dockerMemoryOf(group(300, 100, 'max'), 1000)).toEqual({
    usedBytes: 200,
    limitBytes: 1000,
    percent: 20,
  });
  expect(dockerMemoryOf(group(300, 100, 4000), 1000)).toEqual({
    usedBytes: 200,
    limitBytes: 1000,
    percent: 20,
  });
  expect(dockerMemoryOf(group(300, 100), 1000)).toMatchObject({ limitBytes: 1000 });
});

it('is the usage where it is all such page cache, and the working set is nothing then', () => {
  expect(dockerMemoryOf(group(300, 300), 1000)?.usedBytes).toBe(300);
  expect(dockerMemoryOf(group(300, 301), 1000)?.usedBytes).toBe(300);
  expect(workingSetOf(300, 301)).toBe(0);
  expect(workingSetOf(300, 100)).toBe(200);
});

it('is not known without usage or statistics, and has no share without a limit', () => {
  expect(dockerMemoryOf({ stat: {}, limits: {} }, 1000)).toBeUndefined();
  expect(dockerMemoryOf({ currentBytes: 5, limits: {} }, 1000)).toBeUndefined();
  expect(workingSetOf(5, undefined)).toBeUndefined();
  expect(dockerMemoryOf(group(300, 100, 'max'), undefined)).toEqual({
    usedBytes: 200,
    limitBytes: undefined,
    percent: undefined,
  });
});
