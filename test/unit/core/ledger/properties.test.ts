import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerInputs } from '../../../../src/core/ledger/inputs';
import { allLines, ledgerOf } from '../../../../src/core/ledger/ledger';
import { reconcile } from '../../../../src/core/ledger/reconcile';
import { availableOf } from '../../../../src/core/memory';
import { arcstats } from '../../../../src/core/proc/arcstats';
import { buddyinfo } from '../../../../src/core/proc/buddyinfo';
import { hugePoolsOf, nrHugepages } from '../../../../src/core/proc/hugepages';
import { nodeMeminfo } from '../../../../src/core/proc/nodeMeminfo';
import { pagesets } from '../../../../src/core/proc/pagesets';
import { slabinfo } from '../../../../src/core/proc/slabinfo';
import { sockstat } from '../../../../src/core/proc/sockstat';
import { ParseError, type Source } from '../../../../src/core/proc/source';
import { tmpfsMounts } from '../../../../src/core/proc/tmpfsMounts';
import { zramMmStat } from '../../../../src/core/proc/zramMmStat';
import { readSource, sampleOf } from '../../../../src/core/sample';
import { procFixtures } from '../fixtures';
import { anyCapture, anyText } from '../properties/hosts';
import { harmed, holds, notFinite, numbersIn, seed } from '../properties/random';

/** A path that a pattern of a family stands for; without fixtures of it, texts are written here. */
const samples: readonly [Source<unknown>, string][] = [
  [arcstats, 'c 4 8321499136\nsize 4 8319238144\ndata_size 4 6442450944\n'],
  [buddyinfo, 'Node 0, zone Normal 4335 5156 4110 2610\nNode 1, zone Normal 1 2 3 4\n'],
  [nodeMeminfo, 'Node 0 MemTotal: 15558868 kB\nNode 0 HugePages_Free: 2\n'],
  [nrHugepages, '512\n'],
  [pagesets, '              count:    2366\n              count:    8224\n'],
  [slabinfo, 'dentry 370849 370965 192 21 1 : tunables 0 0 0 : slabdata 17665 17665 0\n'],
  [sockstat, 'TCP: inuse 4 orphan 0 tw 681 alloc 4 mem 63\nFRAG: inuse 0 memory 4608\n'],
  [tmpfsMounts, 'tmpfs /dev/shm tmpfs rw,size=24684092k 0 0\nshm /a\\040b tmpfs rw 0 0\n'],
  [zramMmStat, '209715200 104857600 109051904 0 109051904 0 0 51200 51200\n'],
];

function textOf(source: Source<unknown>, sample: string): fc.Arbitrary<string> {
  return fc.oneof(anyText(source.path), harmed([sample]));
}

function expectSound(value: unknown): void {
  expect(notFinite(value)).toEqual([]);
  expect(numbersIn(value).filter(([, number]) => number < 0)).toEqual([]);
}

describe(`whatever a host sends (seed ${seed})`, () => {
  it.each(samples.map(([source, sample]) => [source.path, source, sample] as const))(
    '%s is facts without nonsense, or a ParseError',
    (_, source, sample) => {
      holds(
        fc.property(textOf(source, sample), (text) => {
          const lines = text.split('\n');
          try {
            expectSound(source.parse(text, ({ number, text: line }) => expect(lines[number - 1]).toBe(line)));
          } catch (error) {
            if (!(error instanceof ParseError)) throw error;
            expect(error.source).toBe(source.path);
          }
        }),
      );
    },
  );

  it('is a ledger in which every byte is once, and figures that are numbers', () => {
    const slowTexts = fc.record(
      Object.fromEntries(samples.map(([source, sample]) => [source.path, textOf(source, sample)])),
    );
    const pageSizes = fc.constantFrom(undefined, 4096, 65536);
    holds(
      fc.property(anyCapture, slowTexts, pageSizes, (capture, texts, pageSizeBytes) => {
        const { meminfo, vmstat } = sampleOf(capture);
        if (!meminfo) return;
        const read = <T>(source: Source<T>): T | undefined => readSource(source, texts).value;
        const [zram, pages] = [read(zramMmStat), read(nrHugepages)];
        const path = nrHugepages.path.replace('*', '2048');
        const inputs: LedgerInputs = {
          meminfo,
          vmstat,
          pageSizeBytes,
          pagesets: read(pagesets),
          arcstats: read(arcstats),
          sockstat: read(sockstat),
          zram: zram && [zram],
          hugePools: pages === undefined ? undefined : hugePoolsOf(new Map([[path, pages]])),
        };
        const ledger = ledgerOf(inputs);
        const { notAccountedRawBytes, ...rest } = ledger;
        expectSound(rest);
        expect(Number.isFinite(notAccountedRawBytes)).toBe(true);
        const ids = allLines(ledger).map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)]);
        const sum = ledger.lines.reduce((all, { bytes = 0 }) => all + bytes, 0);
        // Numbers near 2^53 lose their last digits when they are added up.
        const exact = Math.abs(sum - ledger.totalBytes - Math.max(0, -notAccountedRawBytes));
        expect(exact).toBeLessThanOrEqual(Math.max(sum, ledger.totalBytes) * 1e-12);
        expectSound(reconcile({ meminfo, available: availableOf(meminfo, undefined, pageSizeBytes) }));
      }),
    );
  });

  it('there are real hosts to harm', () => {
    expect(procFixtures.length).toBeGreaterThan(10);
  });
});
