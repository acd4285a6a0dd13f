import type { CgroupMemory, MemoryInformation } from '../memoryInformation';

/** A part of the memory: what it is and how much. */
export interface MemoryPart {
  readonly what: string;
  readonly bytes: number;
}

/** What the memory of the machine consisted of when the report was printed. */
export interface MachineUse {
  /** Largest first, without empty ones. */
  readonly parts: readonly MemoryPart[];
  /** In no counter that the kernel printed; undefined where counters lack, so that it cannot be told. */
  readonly notShownBytes?: number;
}

/** All memory but what the kernel took at its start: `pages RAM` − `pages reserved`. */
export function usableRamOf(memory: MemoryInformation | undefined): number | undefined {
  if (memory?.ramBytes === undefined || memory.reservedBytes === undefined) return undefined;
  const usable = memory.ramBytes - memory.reservedBytes;
  return usable > 0 ? usable : undefined;
}

/** The counters without which the rest cannot be told. */
const needed = [
  'free',
  'active_anon',
  'inactive_anon',
  'active_file',
  'inactive_file',
  'unevictable',
  'slab_reclaimable',
  'slab_unreclaimable',
  'pagetables',
] as const;

/** Each page counts once: shared memory lies on the anonymous lists, and is taken out of them. */
export function machineUseOf(memory: MemoryInformation): MachineUse {
  const { machine } = memory;
  const at = (name: string): number => machine[name] ?? 0;
  const anonymous = at('active_anon') + at('inactive_anon') + at('isolated_anon');
  const files = at('active_file') + at('inactive_file') + at('isolated_file');
  const shared = Math.min(at('shmem'), anonymous + at('unevictable'));
  const sharedOnLists = Math.min(shared, anonymous);
  const kernelStacks = machine.kernel_stack ?? zoneSum(memory, 'kernel_stack') ?? 0;
  const all: readonly MemoryPart[] = [
    { what: 'programs’ own (anonymous) memory', bytes: anonymous - sharedOnLists },
    { what: 'shared memory and tmpfs', bytes: shared },
    { what: 'page cache', bytes: files },
    { what: 'locked or otherwise unevictable memory', bytes: at('unevictable') - (shared - sharedOnLists) },
    { what: 'kernel objects in use (slab)', bytes: at('slab_unreclaimable') },
    { what: 'reclaimable kernel objects (slab)', bytes: at('slab_reclaimable') },
    { what: 'page tables', bytes: at('pagetables') + at('sec_pagetables') },
    { what: 'kernel stacks', bytes: kernelStacks },
    { what: 'huge pages set aside', bytes: memory.hugePagesBytes ?? 0 },
    { what: 'free memory', bytes: at('free') + at('free_pcp') },
  ];
  const parts = all.filter(({ bytes }) => bytes > 0).sort((one, other) => other.bytes - one.bytes);
  const ram = usableRamOf(memory);
  const notShownBytes =
    ram === undefined || needed.some((name) => machine[name] === undefined)
      ? undefined
      : ram - parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return { parts, ...(notShownBytes !== undefined && { notShownBytes }) };
}

/** Sum over the zones; undefined: no zone tells it. */
function zoneSum({ zones }: MemoryInformation, name: string): number | undefined {
  const values = zones.flatMap(({ figures }) => figures[name] ?? []);
  return values.length === 0 ? undefined : values.reduce((sum, bytes) => sum + bytes, 0);
}

/** What the memory of a cgroup consisted of, by `memory.stat` (version 2) or the `Memory cgroup stats` of version 1. Largest first. */
export function cgroupUseOf(memory: CgroupMemory): readonly MemoryPart[] {
  const figures = memory.stats[0]?.figures ?? {};
  const shared = figures.shmem ?? 0;
  const files = figures.file ?? figures.cache;
  const kernel =
    figures.kernel ??
    (figures.slab ?? 0) + (figures.kernel_stack ?? 0) + (figures.pagetables ?? 0) + (figures.percpu ?? 0);
  const all: readonly MemoryPart[] = [
    { what: 'programs’ own (anonymous) memory', bytes: figures.anon ?? figures.rss ?? 0 },
    { what: 'shared memory and tmpfs', bytes: shared },
    { what: 'page cache', bytes: files === undefined ? 0 : files - shared },
    { what: 'kernel memory', bytes: kernel },
    { what: 'buffers of sockets', bytes: figures.sock ?? 0 },
  ];
  return all.filter(({ bytes }) => bytes > 0).sort((one, other) => other.bytes - one.bytes);
}
