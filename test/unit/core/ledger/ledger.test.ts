import { describe, expect, it } from 'vitest';
import { hostFactsOf } from '../../../../src/core/hostFacts';
import { ledgerInputsOf, type LedgerInputs } from '../../../../src/core/ledger/inputs';
import { allLines, ledgerOf } from '../../../../src/core/ledger/ledger';
import type { Ledger, LedgerLine, LedgerLineId, LedgerViewId } from '../../../../src/core/ledger/types';
import { arcstats } from '../../../../src/core/proc/arcstats';
import type { Meminfo } from '../../../../src/core/proc/meminfo';
import { pagesets } from '../../../../src/core/proc/pagesets';
import { sockstat } from '../../../../src/core/proc/sockstat';
import type { Source } from '../../../../src/core/proc/source';
import { sampleOf } from '../../../../src/core/sample';
import { captureOf, procFixtures } from '../fixtures';

const mb = 1 << 20;

/** 1000 MB, of which all but 20 are told. */
const host: Meminfo = {
  memTotalBytes: 1000 * mb,
  memFreeBytes: 300 * mb,
  anonPagesBytes: 200 * mb,
  cachedBytes: 150 * mb,
  buffersBytes: 10 * mb,
  shmemBytes: 50 * mb,
  slabBytes: 60 * mb,
  sReclaimableBytes: 40 * mb,
  kReclaimableBytes: 45 * mb,
  kernelStackBytes: 8 * mb,
  pageTablesBytes: 7 * mb,
  secPageTablesBytes: 1 * mb,
  percpuBytes: 4 * mb,
  vmallocUsedBytes: 28 * mb,
  hugetlbBytes: 200 * mb,
  zswapBytes: 10 * mb,
  hardwareCorruptedBytes: 0,
  activeAnonBytes: 50 * mb,
  inactiveAnonBytes: 200 * mb,
  activeFileBytes: 60 * mb,
  inactiveFileBytes: 50 * mb,
  unevictableBytes: 5 * mb,
  swapCachedBytes: 12 * mb,
};
const told = 300 + 200 + 100 + 10 + 50 + 5 + 60 + 5 + 8 + 7 + 1 + 4 + 20 + 200 + 10;

function ledger(change: Partial<Meminfo> = {}, others: Partial<LedgerInputs> = {}): Ledger {
  return ledgerOf({ meminfo: { ...host, ...change }, pageSizeBytes: 4096, ...others });
}

/** The host without what older kernels do not tell. */
function lacking(field: keyof Meminfo): Meminfo {
  const { memTotalBytes, ...others } = host;
  return { memTotalBytes, ...Object.fromEntries(Object.entries(others).filter(([name]) => name !== field)) };
}

function lineOf(of: Ledger, id: LedgerLineId): LedgerLine | undefined {
  return allLines(of).find((line) => line.id === id);
}

function mbOf(of: Ledger, id: LedgerLineId): number | undefined {
  const bytes = lineOf(of, id)?.bytes;
  return bytes === undefined ? undefined : bytes / mb;
}

function viewOf(of: Ledger, id: LedgerViewId): number | undefined {
  const bytes = of.views.find((view) => view.id === id)?.bytes;
  return bytes === undefined ? undefined : bytes / mb;
}

/** No byte is lost or counted twice. */
function expectWhole(of: Ledger): void {
  const sum = (lines: readonly LedgerLine[]): number => lines.reduce((all, { bytes = 0 }) => all + bytes, 0);
  expect(sum(of.lines)).toBe(of.totalBytes + Math.max(0, -of.notAccountedRawBytes));
  for (const line of allLines(of)) {
    if (line.bytes !== undefined) expect(line.bytes, line.id).toBeGreaterThanOrEqual(0);
    if (line.parts.length > 0) expect(sum(line.parts), line.id).toBe(line.bytes ?? 0);
  }
  const ids = allLines(of).map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  expect(of.lines.at(-1)?.id).toBe('not-accounted');
}

describe('the ledger', () => {
  it('has a line for every byte', () => {
    const all = ledger();
    expectWhole(all);
    expect(mbOf(all, 'not-accounted')).toBe(1000 - told);
    expect(mbOf(all, 'page-cache')).toBe(110);
    expect(mbOf(all, 'kernel')).toBe(105);
  });

  it('takes out of a figure what another line has', () => {
    const all = ledger();
    expect(mbOf(all, 'file-pages')).toBe(100); // without shared memory
    expect(mbOf(all, 'slab-unreclaimable')).toBe(20);
    expect(mbOf(all, 'kernel-reclaimable')).toBe(5); // without reclaimable slab
    expect(mbOf(all, 'vmalloc')).toBe(20); // without kernel stacks
  });

  it('counts the swap cache without what programs map', () => {
    // On the lists are 365 MB: 200 of programs, 160 of files and disks, so 5 of nobody; of 12 in the swap cache 7 are mapped.
    const all = ledger();
    expect(mbOf(all, 'swap-cache')).toBe(5);
    expect(viewOf(all, 'swap-cached-mapped')).toBe(7);
    expect(mbOf(ledger({ swapCachedBytes: 3 * mb }), 'swap-cache')).toBe(3);
    expect(mbOf(ledger({ inactiveAnonBytes: 100 * mb }), 'swap-cache')).toBe(0);
  });

  it('tells pages of nobody beyond the swap cache as on their way', () => {
    const reasons = ledger({ swapCachedBytes: 0 }).notAccountedReasons;
    expect(reasons[0]).toMatchObject({ id: 'on-the-way', mostBytes: 5 * mb });
  });

  it('counts free pages on the lists of processors as free', () => {
    const all = ledger({}, { pagesets: { pages: 1024 } });
    expectWhole(all);
    expect(mbOf(all, 'free')).toBe(304);
    expect(mbOf(all, 'not-accounted')).toBe(1000 - told - 4);
    expect(ledger().notAccountedReasons.map(({ id }) => id)).toContain('free-processor-lists');
    expect(all.notAccountedReasons.map(({ id }) => id)).not.toContain('free-processor-lists');
  });

  it('leaves out what is address space or nothing before 5.3', () => {
    const old = ledgerOf({ meminfo: { ...lacking('percpuBytes'), vmallocUsedBytes: 34_359_738_367 * 1024 } });
    expectWhole(old);
    expect(mbOf(old, 'vmalloc')).toBeUndefined();
    expect(old.notAccountedReasons.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['vmalloc', 'percpu']),
    );
    const middle = ledger({ vmallocUsedBytes: 0 });
    expect(mbOf(middle, 'vmalloc')).toBe(0);
    expect(middle.notAccountedReasons.map(({ id }) => id)).toContain('vmalloc');
  });

  it('never is below 0 where counters drift, and says so', () => {
    const drifted = ledger({ memFreeBytes: 340 * mb });
    expectWhole(drifted);
    expect(mbOf(drifted, 'not-accounted')).toBe(0);
    expect(drifted.notAccountedRawBytes).toBe((1000 - told - 40) * mb);
  });
});

describe('huge pages', () => {
  const pool = { pageBytes: 2 * mb, pages: 100, freePages: 90, reservedPages: 30, surplusPages: 0 };

  it('are divided into used and free where all sizes are known', () => {
    const all = ledger({}, { hugePools: [pool] });
    expectWhole(all);
    expect(mbOf(all, 'huge-pages')).toBe(200);
    expect(mbOf(all, 'huge-pages-used')).toBe(20);
    expect(mbOf(all, 'huge-pages-free')).toBe(180);
    expect(viewOf(all, 'huge-pages-reserved')).toBe(60);
  });

  it('are divided by meminfo where there is only the default size', () => {
    const size = { hugePagesTotal: 100, hugePagesFree: 40, hugePagesRsvd: 1, hugepagesizeBytes: 2 * mb };
    const all = ledger(size);
    expect(mbOf(all, 'huge-pages-free')).toBe(80);
    expect(viewOf(all, 'huge-pages-reserved')).toBe(2);
    expect(lineOf(ledger({ ...size, hugePagesTotal: 50 }), 'huge-pages')?.parts).toEqual([]);
  });

  it('are those of the default size before 4.16', () => {
    const meminfo = {
      ...lacking('hugetlbBytes'),
      hugePagesTotal: 10,
      hugePagesFree: 10,
      hugepagesizeBytes: 2 * mb,
    };
    expect(mbOf(ledgerOf({ meminfo }), 'huge-pages')).toBe(20);
    expect(mbOf(ledgerOf({ meminfo, hugePools: [pool] }), 'huge-pages')).toBe(200);
  });
});

describe('compressed memory', () => {
  const device = (memUsedBytes: number) => ({
    origDataBytes: undefined,
    comprDataBytes: undefined,
    memUsedBytes,
    memLimitBytes: undefined,
  });

  it('is of zram and zswap, whatever zswap lies in', () => {
    const all = ledger({}, { zram: [device(3 * mb), device(2 * mb)], vmstat: { nrZspages: 5 * 256 } });
    expectWhole(all);
    expect(mbOf(all, 'zram')).toBe(5);
    expect(mbOf(all, 'zswap')).toBe(10);
    expect(mbOf(all, 'compressed')).toBe(15);
  });

  it('is what zsmalloc holds where its owners are not known', () => {
    const all = ledger({}, { vmstat: { nrZspages: 16 * 256 } });
    expectWhole(all);
    expect(mbOf(all, 'zram')).toBeUndefined();
    expect(mbOf(all, 'compressed-other')).toBe(6);
    expect(mbOf(all, 'compressed')).toBe(16);
  });
});

describe('memory of drivers', () => {
  const rest = 1000 - told;

  it('is a balloon where MemTotal contains it', () => {
    const all = ledger({ balloonBytes: (rest - 5) * mb });
    expectWhole(all);
    expect(mbOf(all, 'balloon')).toBe(rest - 5);
    expect(mbOf(all, 'not-accounted')).toBe(5);
    expect(all.notes).toEqual([]);
  });

  it('is no balloon where MemTotal is smaller by it', () => {
    const all = ledger({ balloonBytes: 500 * mb });
    expectWhole(all);
    expect(mbOf(all, 'balloon')).toBe(0);
    expect(mbOf(all, 'not-accounted')).toBe(rest);
    expect(all.notes).toHaveLength(1);
  });

  it('is the ARC without what is slab, and never more than is left', () => {
    const arcstats = { sizeBytes: 500 * mb, dataBytes: 10 * mb, metadataBytes: 2 * mb };
    const all = ledger({}, { arcstats });
    expectWhole(all);
    expect(mbOf(all, 'arc')).toBe(12);
    expect(mbOf(ledger({}, { arcstats: { sizeBytes: 500 * mb } }), 'arc')).toBe(rest);
    expect(mbOf(ledger({ memFreeBytes: 400 * mb }, { arcstats }), 'arc')).toBe(0);
  });

  it('is sockets as a reason, not as a line, since some of it is slab', () => {
    const all = ledger({}, { sockstat: { tcpPages: 512, udpPages: 256, fragmentBytes: mb } });
    expect(all.notAccountedReasons[0]).toMatchObject({ id: 'sockets', mostBytes: 4 * mb });
    expect(mbOf(all, 'not-accounted')).toBe(rest);
  });
});

it('is made of a sample and of what a survey has read', () => {
  const readAtMs = 5;
  const folder = 'sys/kernel/mm/hugepages/hugepages-2048kB';
  const inputs = ledgerInputsOf(
    { meminfo: host, vmstat: { nrZspages: 7 }, pageSizeBytes: 4096 },
    {
      pagesets: { value: { pages: 3 }, readAtMs },
      sockstat: { value: { tcpPages: 2 }, readAtMs },
      arcstats: { problem: { kind: 'unreadable', message: 'none' }, readAtMs },
    },
    {
      zramMmStat: {
        'sys/block/zram0/mm_stat': {
          value: { origDataBytes: 9, comprDataBytes: 4, memUsedBytes: 5, memLimitBytes: undefined },
          readAtMs,
        },
        'sys/block/zram1/mm_stat': { problem: { kind: 'unreadable', message: 'gone' }, readAtMs },
      },
      nrHugepages: { [`${folder}/nr_hugepages`]: { value: 8, readAtMs } },
      freeHugepages: { [`${folder}/free_hugepages`]: { value: 6, readAtMs } },
    },
  );
  expect(inputs).toEqual({
    meminfo: host,
    vmstat: { nrZspages: 7 },
    pageSizeBytes: 4096,
    pagesets: { pages: 3 },
    arcstats: undefined,
    sockstat: { tcpPages: 2 },
    zram: [{ origDataBytes: 9, comprDataBytes: 4, memUsedBytes: 5, memLimitBytes: undefined }],
    hugePools: [
      { pageBytes: 2 * mb, pages: 8, freePages: 6, reservedPages: undefined, surplusPages: undefined },
    ],
  });
  expect(ledgerInputsOf({ meminfo: host }, {}, {})).toEqual({ meminfo: host });
});

it('locked, mapped and dirty memory are views, not lines', () => {
  const all = ledger({ mlockedBytes: 90 * mb, mappedBytes: 80 * mb, dirtyBytes: 70 * mb, writebackBytes: 0 });
  expectWhole(all);
  expect(mbOf(all, 'not-accounted')).toBe(1000 - told);
  expect(viewOf(all, 'locked')).toBe(90);
  expect(viewOf(all, 'mapped')).toBe(80);
  expect(viewOf(all, 'dirty')).toBe(70);
  expect(viewOf(all, 'writeback')).toBeUndefined();
});

it('what a kernel does not tell is undefined and not accounted', () => {
  const all = ledgerOf({ meminfo: { memTotalBytes: 100, memFreeBytes: 30 } });
  expectWhole(all);
  expect(all.lines.filter(({ bytes }) => bytes !== undefined).map(({ id, bytes }) => [id, bytes])).toEqual([
    ['free', 30],
    ['not-accounted', 70],
  ]);
  expect(all.views).toEqual([]);
});

describe('of real hosts', () => {
  const hosts = procFixtures.map((fixture) => {
    const read = <T>(source: Source<T>): T | undefined => {
      const text = fixture.texts[source.path];
      return text === undefined ? undefined : source.parse(text, () => undefined);
    };
    const inputs = (texts: Readonly<Record<string, string>>): LedgerInputs => {
      const { meminfo, vmstat } = sampleOf(captureOf(texts));
      if (!meminfo) throw new Error('no meminfo');
      const { pageSizeBytes = 4096 } = hostFactsOf(fixture.texts);
      return { meminfo, vmstat, pageSizeBytes };
    };
    const slow = { pagesets: read(pagesets), arcstats: read(arcstats), sockstat: read(sockstat) };
    return {
      name: fixture.name,
      all: ledgerOf({ ...inputs(fixture.texts), ...slow }),
      later: fixture.later && ledgerOf(inputs(fixture.later)),
      slow,
    };
  });

  it.each(hosts)('$name adds up', ({ all, later }) => {
    expectWhole(all);
    if (later) expectWhole(later);
  });

  const whole = hosts.filter(({ slow, all }) => slow.pagesets && all.notes.length === 0);

  it.each(whole)('at most 3 % of $name is not accounted', ({ all }) => {
    const share = all.notAccountedRawBytes / all.totalBytes;
    expect(share).toBeLessThan(0.03);
    expect(share).toBeGreaterThan(-0.001);
  });

  it('there are hosts of many kinds for that', () => {
    expect(whole.length).toBeGreaterThanOrEqual(10);
    expect(whole.some(({ slow }) => slow.arcstats !== undefined)).toBe(true);
  });

  it('a container that is shown the memory of its machine is told', () => {
    const container = hosts.find(({ name }) => name === 'debian12-6.12-lxc');
    expect(container?.all.notes[0]).toContain('lxcfs');
  });

  it('the swap cache of a host that swaps is most of what would not be accounted', () => {
    const swapping = hosts.find(({ name }) => name === 'debian12-6.1-swap')?.all;
    expect(swapping && mbOf(swapping, 'swap-cache')).toBeGreaterThan(8);
    expect(swapping?.notAccountedRawBytes).toBeLessThan(8 * mb);
  });
});
