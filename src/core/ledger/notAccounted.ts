import { vmallocBytesOf } from '../memory';
import type { LedgerInputs } from './inputs';
import { sumOfKnown, without } from './sums';
import { unmappedBytesOf } from './swapCache';
import type { NotAccountedReason } from './types';

/** Less than this is no reason worth telling. */
const leastBytes = 256 * 1024;

/** What may be behind the memory that is in no line, as far as this host tells: what it names first, then what any host may have. */
export function notAccountedReasons(inputs: LedgerInputs): NotAccountedReason[] {
  return [...namedReasons(inputs), ...untoldReasons(inputs), drivers];
}

/** Reasons with a size. */
function namedReasons({ meminfo, sockstat, pageSizeBytes }: LedgerInputs): NotAccountedReason[] {
  const socketPages = sumOfKnown([sockstat?.tcpPages, sockstat?.udpPages]);
  const sockets = sumOfKnown([
    socketPages === undefined || pageSizeBytes === undefined ? undefined : socketPages * pageSizeBytes,
    sockstat?.fragmentBytes,
  ]);
  const reasons: NotAccountedReason[] = [
    {
      id: 'sockets',
      title: 'Buffers of sockets',
      mostBytes: sockets,
      explanation:
        'Data that has been received and not been read, or not been sent yet (`mem` in /proc/net/sockstat). Some of it is slab and in that line; the rest is in none.',
    },
    {
      id: 'on-the-way',
      title: 'On its way to be free',
      mostBytes: without(unmappedBytesOf(meminfo), meminfo.swapCachedBytes ?? 0),
      explanation:
        'Pages that belong to nobody any more and are not free yet, e.g. of a program that ends. Gone in a moment.',
    },
    {
      id: 'cma',
      title: 'Taken by drivers from what is set aside for them',
      mostBytes: without(meminfo.cmaTotalBytes, meminfo.cmaFreeBytes),
      explanation:
        'Of what is set aside for drivers (CMA), what is not free: a part of it is in other lines.',
    },
  ];
  return reasons
    .filter(({ mostBytes = 0 }) => mostBytes >= leastBytes)
    .sort((a, b) => (b.mostBytes ?? 0) - (a.mostBytes ?? 0));
}

/** Lines that this kernel, or this connection, does not tell. */
function untoldReasons(inputs: LedgerInputs): NotAccountedReason[] {
  const { meminfo, pagesets, zram, vmstat } = inputs;
  const untold = (id: string, title: string, explanation: string): NotAccountedReason => ({
    id,
    title,
    mostBytes: undefined,
    explanation,
  });
  const reasons: NotAccountedReason[] = [];
  if (pagesets === undefined || inputs.pageSizeBytes === undefined) {
    reasons.push(
      untold(
        'free-processor-lists',
        'Free pages on per-processor lists',
        'They are free, but MemFree does not count them, and they have not been read from /proc/zoneinfo.',
      ),
    );
  }
  // Unless 5.3 or later, the figure is 0 or is no memory.
  if (vmallocBytesOf(meminfo) === undefined || meminfo.vmallocUsedBytes === 0) {
    reasons.push(
      untold(
        'vmalloc',
        'Other kernel memory (vmalloc)',
        'Kernels before 5.3 do not tell how much memory it is.',
      ),
    );
  }
  if (meminfo.percpuBytes === undefined) {
    reasons.push(untold('percpu', 'Per-processor data', 'Kernels before 4.19 do not tell how much it is.'));
  }
  if (zram === undefined && vmstat?.nrZspages === undefined && (meminfo.swapTotalBytes ?? 0) > 0) {
    reasons.push(
      untold(
        'compressed',
        'Compressed memory',
        'What zram or zswap take, if there are any, has not been read.',
      ),
    );
  }
  if (meminfo.balloonBytes === undefined) {
    reasons.push(
      untold(
        'balloon',
        'A balloon',
        'On a virtual machine: memory that the hypervisor has taken back. Some drivers (VMware’s, and KVM’s where the balloon may be taken back on want) leave it in MemTotal; kernels before 6.16 do not tell how much it is.',
      ),
    );
  }
  return reasons;
}

const drivers: NotAccountedReason = {
  id: 'drivers',
  title: 'Drivers',
  mostBytes: undefined,
  explanation:
    'Rings and pools of network cards, graphics memory, storage, virtual machines’ devices, pipes: pages that are taken straight from the page allocator are in no counter.',
};
