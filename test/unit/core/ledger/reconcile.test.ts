import { describe, expect, it } from 'vitest';
import { reconcile } from '../../../../src/core/ledger/reconcile';
import { availableOf } from '../../../../src/core/memory';
import { sampleOf } from '../../../../src/core/sample';
import type { Meminfo } from '../../../../src/core/proc/meminfo';
import { captureOf, procFixtures } from '../fixtures';

const host: Meminfo = {
  memTotalBytes: 1000,
  memFreeBytes: 300,
  memAvailableBytes: 550,
  buffersBytes: 10,
  cachedBytes: 150,
  shmemBytes: 50,
  slabBytes: 60,
  sReclaimableBytes: 40,
};

function figures(meminfo: Meminfo, rssSumBytes?: number): Record<string, number | undefined> {
  const available = availableOf(meminfo, undefined, undefined);
  return Object.fromEntries(
    reconcile({ meminfo, available, rssSumBytes }).map(({ tool, version, figure, bytes }) => [
      `${tool} (${version}): ${figure}`,
      bytes,
    ]),
  );
}

describe('what other tools print', () => {
  it('is computed as they do', () => {
    expect(figures(host, 900)).toEqual({
      'free, top, vmstat -s (procps 4.0.1 and later): used': 450,
      'free, top (procps 3.3.12 to 4.0.0): used': 500,
      'free, top (procps 3.3.10 and 3.3.11): used': 480,
      'free, top (procps 3.3.9 and earlier): used': 700,
      'free (procps 3.3.12 and later): buff/cache': 200,
      'free (busybox 1.35): used': 500,
      'top (busybox): used': 700,
      'htop (3.1 and later): used (green)': 500,
      'htop (3.1 and later): cache (yellow)': 140,
      'psutil, glances (psutil 4.4 to 7.0): used': 500,
      'psutil, glances (psutil 7.1 and later): used': 450,
      'ps, top (any): RSS of all processes, added up': 900,
      'docker stats (20.10 and later): MEM USAGE': undefined,
    });
  });

  it('is total − free where the figures are of another host, as in some containers', () => {
    const container = figures({ ...host, memTotalBytes: 400, memAvailableBytes: 550, cachedBytes: 4000 });
    expect(container['free, top (procps 3.3.12 to 4.0.0): used']).toBe(100);
    expect(container['free, top, vmstat -s (procps 4.0.1 and later): used']).toBe(100);
  });

  it('is not known where one of its parts is not', () => {
    const { memTotalBytes, memFreeBytes = 0, buffersBytes = 0, cachedBytes = 0 } = host;
    const old = figures({ memTotalBytes, memFreeBytes, buffersBytes, cachedBytes });
    expect(old['free, top (procps 3.3.12 to 4.0.0): used']).toBeUndefined();
    expect(old['free, top (procps 3.3.9 and earlier): used']).toBe(700);
  });

  const printed = procFixtures.filter(({ printed: texts }) => texts['free-b.txt'] !== undefined);
  it.each(printed)(
    'agrees with `free -b` of procps 4.0.2 on $name',
    ({ texts, printed: { 'free-b.txt': text = '' } }) => {
      const { meminfo } = sampleOf(captureOf(texts));
      if (!meminfo) throw new Error('no meminfo');
      const [, used, , , cache] = (/^Mem:(.*)$/m.exec(text)?.[1] ?? '').trim().split(/\s+/).map(Number);
      const ours = figures(meminfo);
      expect(ours['free, top, vmstat -s (procps 4.0.1 and later): used']).toBe(used);
      expect(ours['free (procps 3.3.12 and later): buff/cache']).toBe(cache);
    },
  );
});

it('each figure has its formula and says why it differs', () => {
  for (const { formula, why, figure } of reconcile({ meminfo: host, available: undefined })) {
    expect(formula, figure).not.toBe('');
    expect(why, figure).toMatch(/\.$/);
  }
});
