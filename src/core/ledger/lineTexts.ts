import type { LedgerLine, LedgerLineId } from './types';

/** What each line is called, how it is computed, and what it is. */
export const lineTexts: Readonly<
  Record<LedgerLineId, Pick<LedgerLine, 'title' | 'formula' | 'explanation'>>
> = {
  free: {
    title: 'Free',
    formula: 'MemFree + pages on per-processor lists',
    explanation:
      'Holds nothing. A healthy host has little of it, since the page cache takes what nobody needs.',
  },
  'free-buddy': {
    title: 'Free for all',
    formula: 'MemFree',
    explanation: 'Free memory that every processor can take. A reserve of it is kept for the kernel itself.',
  },
  'free-processor-lists': {
    title: 'Free on per-processor lists',
    formula: 'sum of `count` in /proc/zoneinfo × page size',
    explanation:
      'Free pages that single processors keep at hand; MemFree does not count them. The kernel takes them back before it kills anything.',
  },
  programs: {
    title: 'Memory of programs',
    formula: 'AnonPages',
    explanation:
      'Heaps, stacks and private copies (anonymous memory), locked memory included. It goes when the program ends or frees it, or into swap.',
  },
  'page-cache': {
    title: 'Page cache',
    formula: 'Cached − Shmem + Buffers',
    explanation:
      'Contents of files and disks, programs’ code included. The kernel drops what is unchanged when memory is needed, and reads it again later.',
  },
  'file-pages': {
    title: 'Files',
    formula: 'Cached − Shmem',
    explanation:
      'Pages of files that were read, written or run. Changed ones (dirty) must be written before they can be dropped; locked ones stay.',
  },
  buffers: {
    title: 'Buffers',
    formula: 'Buffers',
    explanation: 'Pages of disks themselves, mostly file system metadata. Dropped like those of files.',
  },
  shared: {
    title: 'Shared memory and tmpfs',
    formula: 'Shmem',
    explanation:
      'Files in tmpfs such as /dev/shm or /tmp, System V shared memory, memory shared between programs and of some graphics drivers. `free` counts it as cache, but it cannot be dropped: files have to be deleted, or it goes into swap.',
  },
  'swap-cache': {
    title: 'Swap cache',
    formula: 'Active + Inactive + Unevictable − AnonPages − Cached − Buffers, at most SwapCached',
    explanation:
      'Pages that are in swap and still or again in memory, without those that a program maps. The kernel drops them when memory is needed.',
  },
  kernel: {
    title: 'Kernel',
    formula: 'the sum of its parts',
    explanation:
      'What the kernel needs for itself and its objects. Slab that is reclaimable is given back on demand.',
  },
  'slab-reclaimable': {
    title: 'Slab, reclaimable',
    formula: 'SReclaimable',
    explanation:
      'Kernel objects that cache something, mostly names and inodes of files. Given back on demand, but only in whole pages, so slowly.',
  },
  'slab-unreclaimable': {
    title: 'Slab, in use',
    formula: 'Slab − SReclaimable',
    explanation:
      'Kernel objects that are in use: processes, sockets, inodes of tmpfs, network buffers. They go with what they belong to; steady growth is a leak in the kernel or a driver.',
  },
  'kernel-reclaimable': {
    title: 'Other reclaimable kernel memory',
    formula: 'KReclaimable − SReclaimable',
    explanation: 'Pools of drivers that give memory back on demand. Told since 4.20.',
  },
  'kernel-stacks': {
    title: 'Kernel stacks',
    formula: 'KernelStack',
    explanation: 'One for each thread, 16 KB on most machines. They go when threads end.',
  },
  'page-tables': {
    title: 'Page tables',
    formula: 'PageTables',
    explanation:
      'What maps programs’ addresses to memory. Large where many processes map the same large memory; they go when it is unmapped. Huge pages need far less.',
  },
  'secondary-page-tables': {
    title: 'Page tables of virtual machines',
    formula: 'SecPageTables',
    explanation: 'What maps memory of KVM guests and of devices (IOMMU). Told since 6.1.',
  },
  percpu: {
    title: 'Per-processor data',
    formula: 'Percpu',
    explanation:
      'Counters and lists that each processor has its own copy of; many memory cgroups make it large. Told since 4.19. About 0.2 MB for each processor of it is not in MemTotal.',
  },
  vmalloc: {
    title: 'Other kernel memory (vmalloc)',
    formula: 'VmallocUsed − KernelStack',
    explanation:
      'Large tables, modules, BPF programs and their maps. Kernel stacks lie in VmallocUsed too on most machines and are taken out; where they do not, this is that much too low. Told since 5.3.',
  },
  'huge-pages': {
    title: 'Huge pages',
    formula: 'Hugetlb',
    explanation:
      'Set aside by an administrator (vm.nr_hugepages) for programs that ask for them, as databases and virtual machines do. Nothing else can use them, not even when they are free; the same setting gives them back.',
  },
  'huge-pages-used': {
    title: 'Huge pages in use',
    formula: 'Hugetlb − free huge pages × their size',
    explanation: 'Held by programs or by files in hugetlbfs.',
  },
  'huge-pages-free': {
    title: 'Huge pages without use',
    formula: 'free huge pages × their size',
    explanation:
      'Hold nothing, and nobody else gets them. Some may be promised to programs that have not touched them yet.',
  },
  compressed: {
    title: 'Compressed memory',
    formula: 'zram + zswap, at least nr_zspages × page size',
    explanation:
      'Swapped-out pages that are kept compressed in memory, by zram or zswap. It goes when they are needed again or their programs end.',
  },
  zram: {
    title: 'zram',
    formula: 'sum of mem_used_total in /sys/block/zram*/mm_stat',
    explanation:
      'What compressed RAM disks take, of which most are used as swap. It is memory that swapping out does not free.',
  },
  zswap: {
    title: 'zswap',
    formula: 'Zswap',
    explanation: 'The compressed cache in front of swap. Told since 5.19.',
  },
  'compressed-other': {
    title: 'Other compressed memory',
    formula: 'nr_zspages × page size − zram − zswap',
    explanation: 'Compressed memory of which it is not known whose it is.',
  },
  arc: {
    title: 'ZFS cache (ARC)',
    formula: 'data_size + metadata_size of arcstats, at most what no other line holds',
    explanation:
      'ZFS’s own page cache, which neither `free` nor MemAvailable counts as cache. ZFS gives it back down to its minimum, but slowly; zfs_arc_max bounds it.',
  },
  balloon: {
    title: 'Balloon',
    formula: 'Balloon, where MemTotal still contains it',
    explanation: 'Taken back by the hypervisor; only it can give it again. Told since 6.16.',
  },
  'hardware-corrupted': {
    title: 'Broken memory',
    formula: 'HardwareCorrupted',
    explanation: 'Pages with memory errors, out of use until the module is replaced.',
  },
  'not-accounted': {
    title: 'Not accounted',
    formula: 'MemTotal − all lines, at least 0',
    explanation:
      'In no counter of the kernel: memory that drivers take for themselves (network, graphics, storage, a balloon), buffers of sockets and pipes. Up to 3 % is usual. For an instant the lines can come to more than MemTotal, since the kernel’s counters are summed up from each processor’s own; then it is 0.',
  },
};
