import { describe, expect, it } from 'vitest';
import { expectedReturnOf } from '../../../../src/core/actions/expectation';
import { holdingOfGroup, holdingOfProcess } from '../../../../src/core/actions/holding';
import { group, MiB, process } from './hosts';

const web = group('/docker/a', {
  anon: 100,
  file: 80,
  shmem: 10,
  kernel: 7,
  pagetables: 2,
  inactiveFile: 60,
  swap: 5,
});

describe('what a target holds', () => {
  it('is split without counting shared memory as page cache', () => {
    expect(holdingOfGroup(web)).toEqual({
      readAtMs: 100_000,
      currentBytes: 187 * MiB,
      anonBytes: 100 * MiB,
      shmemBytes: 10 * MiB,
      fileBytes: 70 * MiB,
      kernelBytes: 7 * MiB,
      taskKernelBytes: 2 * MiB,
      swapBytes: 5 * MiB,
      workingSetBytes: 127 * MiB,
    });
  });

  it('of a process is what /proc/PID/status says', () => {
    const status = {
      vmRssBytes: 60 * MiB,
      rssAnonBytes: 40 * MiB,
      rssFileBytes: 15 * MiB,
      rssShmemBytes: 5 * MiB,
      vmSwapBytes: 3 * MiB,
      vmPteBytes: MiB,
    };
    expect(holdingOfProcess(process(7, {}, status))).toMatchObject({
      currentBytes: 60 * MiB,
      anonBytes: 40 * MiB,
      shmemBytes: 5 * MiB,
      fileBytes: 15 * MiB,
      kernelBytes: MiB,
      swapBytes: 3 * MiB,
      workingSetBytes: undefined,
    });
  });
});

describe('what is expected back', () => {
  const holds = holdingOfGroup(web);

  it('is anonymous memory and page tables at the least, shared and kernel memory at the most, never page cache', () => {
    expect(expectedReturnOf('kill-containers', [{ holds }])).toEqual({
      effect: 'ends',
      leastBytes: 102 * MiB,
      mostBytes: 117 * MiB,
      swapBytes: 5 * MiB,
      doubts: ['shared-memory', 'kernel-memory'],
    });
  });

  it('adds up, and says where something is not known', () => {
    const expected = expectedReturnOf('kill-containers', [{ holds }, { holds: undefined }, { holds }]);
    expect(expected).toMatchObject({ leastBytes: 204 * MiB, mostBytes: 234 * MiB });
    expect(expected.doubts).toContain('not-read');
    expect(expectedReturnOf('kill-containers', [{ holds: undefined }])).toMatchObject({
      leastBytes: 0,
      mostBytes: undefined,
      swapBytes: undefined,
    });
  });

  it('does not count what lies within another target twice', () => {
    const nested = [
      { holds, cgroupPath: '/docker/a' },
      { holds, cgroupPath: '/docker/a/docker/b' },
      { holds, cgroupPath: '/docker/ab' },
    ];
    expect(expectedReturnOf('kill-containers', nested).leastBytes).toBe(204 * MiB);
  });

  it.each([
    'freeze-containers',
    'freeze-all-containers',
    'thaw-containers',
    'disable-restart-policy',
  ] as const)('is nothing of %s', (action) => {
    expect(expectedReturnOf(action, [{ holds }])).toMatchObject({ effect: 'nothing', mostBytes: 0 });
  });

  it('of a restart comes and goes', () => {
    expect(expectedReturnOf('restart-containers', [{ holds }]).effect).toBe('ends-and-starts');
  });

  it('of a limit is what is above it, without the page cache that is dropped first', () => {
    const of = (limit: number): unknown =>
      expectedReturnOf('set-memory-limit', [{ holds }], undefined, limit * MiB);
    expect(of(500)).toMatchObject({ leastBytes: 0, mostBytes: 0 });
    expect(of(150)).toMatchObject({ leastBytes: 0, mostBytes: 37 * MiB });
    expect(of(50)).toMatchObject({ leastBytes: 67 * MiB, mostBytes: 137 * MiB, swapBytes: undefined });
  });

  it('of a process that was forked may be nothing', () => {
    const one = holdingOfProcess(process(7, {}, { rssAnonBytes: 40 * MiB, vmRssBytes: 50 * MiB }));
    expect(expectedReturnOf('kill-process', [{ holds: one }])).toMatchObject({
      leastBytes: 40 * MiB,
      doubts: [],
    });
    expect(expectedReturnOf('kill-process', [{ holds: one, forked: true }])).toMatchObject({
      leastBytes: 0,
      mostBytes: 40 * MiB,
      doubts: ['forked'],
    });
  });

  it('of a process that an old kernel does not split is at most what is resident', () => {
    const one = holdingOfProcess(process(7, {}, { vmRssBytes: 50 * MiB }));
    expect(expectedReturnOf('kill-process', [{ holds: one }])).toMatchObject({
      leastBytes: 0,
      mostBytes: 50 * MiB,
      doubts: ['not-split'],
    });
  });

  it('says that a reading is old', () => {
    const at = (nowMs: number): readonly string[] =>
      expectedReturnOf('kill-containers', [{ holds }], nowMs).doubts;
    expect(at(160_000)).not.toContain('old-reading');
    expect(at(160_001)).toContain('old-reading');
  });
});
