import type { CgroupCounter, CgroupMemory } from '../memoryInformation';

/** Usage stays a little below the limit, since the kernel charges and uncharges by batches. */
const nearShare = 0.99;

/** A limit of a cgroup that was reached. */
export interface ReachedLimit {
  /** What it limits, in words. */
  readonly what: string;
  readonly usageBytes: number;
  readonly limitBytes: number;
  readonly failures?: number;
}

/** Which of the group's limits was reached, by its usage; undefined: none of those that are printed was, or none is. */
export function limitReached(memory: CgroupMemory | undefined): ReachedLimit | undefined {
  if (memory === undefined) return undefined;
  return (
    reached(memory.memory, 'memory limit') ??
    reached(memory.memoryAndSwap, 'limit of memory and swap together') ??
    reached(memory.kernel, 'limit of kernel memory')
  );
}

function reached(counter: CgroupCounter | undefined, what: string): ReachedLimit | undefined {
  if (counter === undefined || counter.limitBytes === 'max') return undefined;
  const { usageBytes, limitBytes, failures } = counter;
  if (usageBytes < limitBytes * nearShare) return undefined;
  return { what, usageBytes, limitBytes, ...(failures !== undefined && { failures }) };
}
