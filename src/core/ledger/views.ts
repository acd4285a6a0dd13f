import type { LedgerInputs } from './inputs';
import { without } from './sums';
import { unmappedSwapCacheOf } from './swapCache';
import type { LedgerView } from './types';

/** The views whose size is known. A size of 0 is left out: most hosts have few of them. */
export function viewsOf({ meminfo, hugePools }: LedgerInputs): LedgerView[] {
  const { hugePagesRsvd, hugepagesizeBytes } = meminfo;
  const reservedOfPools = hugePools?.reduce<number | undefined>(
    (sum, { reservedPages, pageBytes }) =>
      sum === undefined || reservedPages === undefined ? undefined : sum + reservedPages * pageBytes,
    0,
  );
  const reservedOfDefault =
    hugePagesRsvd === undefined || hugepagesizeBytes === undefined
      ? undefined
      : hugePagesRsvd * hugepagesizeBytes;
  const views: (Omit<LedgerView, 'bytes'> & { readonly bytes: number | undefined })[] = [
    {
      id: 'locked',
      title: 'Locked',
      bytes: meminfo.mlockedBytes,
      formula: 'Mlocked',
      within: ['programs', 'file-pages', 'shared'],
      explanation:
        'Locked by mlock(2): it is neither dropped nor swapped. The kernel does not tell how much of it is of programs and how much of files, so it cannot be a line of its own.',
    },
    {
      id: 'unevictable',
      title: 'Cannot be reclaimed',
      bytes: meminfo.unevictableBytes,
      formula: 'Unevictable',
      within: ['programs', 'file-pages', 'shared'],
      explanation: 'Locked memory, files in ramfs and the initial RAM disk, and locked shared memory.',
    },
    {
      id: 'transparent-huge-pages',
      title: 'In transparent huge pages',
      bytes: meminfo.anonHugePagesBytes,
      formula: 'AnonHugePages',
      within: ['programs'],
      explanation:
        'Memory of programs that the kernel put into huge pages by itself. It can be more than the programs have touched.',
    },
    {
      id: 'mapped',
      title: 'Mapped by programs',
      bytes: meminfo.mappedBytes,
      formula: 'Mapped',
      within: ['file-pages', 'shared'],
      explanation:
        'Code and files that programs have mapped. When it is dropped, the programs wait for the disk: that is thrashing.',
    },
    {
      id: 'dirty',
      title: 'Changed and not written yet',
      bytes: meminfo.dirtyBytes,
      formula: 'Dirty',
      within: ['file-pages', 'buffers'],
      explanation: 'It has to be written to the disk before it can be dropped.',
    },
    {
      id: 'writeback',
      title: 'Being written',
      bytes: meminfo.writebackBytes,
      formula: 'Writeback',
      within: ['file-pages', 'buffers', 'swap-cache'],
      explanation: 'On its way to the disk or to swap.',
    },
    {
      id: 'swap-cached-mapped',
      title: 'In swap as well',
      bytes: without(meminfo.swapCachedBytes, unmappedSwapCacheOf(meminfo)),
      formula: 'SwapCached − swap cache that no program maps',
      within: ['programs'],
      explanation: 'Memory of programs that has a copy in swap: it can be dropped without being written.',
    },
    {
      id: 'huge-pages-reserved',
      title: 'Promised huge pages',
      bytes: reservedOfPools ?? reservedOfDefault,
      formula: 'reserved huge pages × their size',
      within: ['huge-pages-free', 'huge-pages'],
      explanation: 'Free, but promised to programs that have mapped them and not touched them yet.',
    },
    {
      id: 'cma',
      title: 'Set aside for drivers, in use',
      bytes: without(meminfo.cmaTotalBytes, meminfo.cmaFreeBytes),
      formula: 'CmaTotal − CmaFree',
      within: ['programs', 'file-pages', 'shared', 'not-accounted'],
      explanation:
        'Memory that drivers can take in one piece (CMA). Until then it is lent to programs and files; what a driver has taken is not accounted.',
    },
  ];
  return views.flatMap(({ bytes, ...view }) =>
    bytes === undefined || bytes === 0 ? [] : [{ ...view, bytes }],
  );
}
