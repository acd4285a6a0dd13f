import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, kinds, rowOf, takeQuietly, unavailableReason } from '../host/lab/allocating';
import { allocateIn, type RemoteAllocate } from './lab/allocateIn';
import { startTinyVm } from './lab/tinyVm';

/** Of each kind; the machine has 160. */
const megabytes = 30;
/** Nobody else is there, but the kernel has things of its own to do. */
const attempts = 3;

describe('on a machine of another kernel, memory that is taken shows in its line of the ledger', () => {
  let allocate: RemoteAllocate;

  beforeAll(async () => {
    const vm = await startTinyVm();
    allocate = await allocateIn(vm, '/data', join(import.meta.dirname, '..', 'host', 'lab', 'allocate.c'));
    return () => vm.stop();
  });

  it.for(kinds)('$name', async (kind, { skip }) => {
    const outcome = await takeQuietly(kind, megabytes, allocate, attempts).catch((error: unknown) => {
      const reason = unavailableReason(error);
      if (reason === undefined) throw error;
      return skip(`cannot be had there: ${reason}`);
    });
    console.info(rowOf(outcome));
    expect(faultsOf(outcome)).toEqual([]);
  });
});
