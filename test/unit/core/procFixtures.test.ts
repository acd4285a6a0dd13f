import { describe, expect, it } from 'vitest';
import { charts, valuesOf } from '../../../src/core/charts';
import { factPaths, hostFactsOf } from '../../../src/core/hostFacts';
import { availableOf, freeFigures, memoryBands } from '../../../src/core/memory';
import { arcstats } from '../../../src/core/proc/arcstats';
import type { Source } from '../../../src/core/proc/source';
import { ratesBetween } from '../../../src/core/rates';
import { fastSources, readSource, sampleOf, type SourceId } from '../../../src/core/sample';
import { captureOf, procFixtures } from './fixtures';

/** What awk does on the host with `keep` and `drop`. */
function keptLines(text: string, { keep, drop }: Pick<Source<unknown>, 'keep' | 'drop'>): string {
  return text
    .split('\n')
    .filter((line) => keep?.includes(line.trim().split(/\s+/)[0] ?? '') ?? true)
    .filter((line) => drop === undefined || !new RegExp(drop).test(line))
    .join('\n');
}

/** The numbers of the line that begins with `label`, as `free` prints it. */
function numbersAfter(label: string, text: string): number[] {
  const line = text.split('\n').find((candidate) => candidate.startsWith(label)) ?? '';
  return line.slice(label.length).trim().split(/\s+/).map(Number);
}

/** The columns of `vmstat`, by their titles, of every line that holds numbers. */
function vmstatLines(text: string): Record<string, number>[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const titles = lines.find((fields) => fields[0] === 'r') ?? [];
  return lines
    .filter((fields) => /^\d+$/.test(fields[0] ?? ''))
    .map((fields) => Object.fromEntries(titles.map((title, index) => [title, Number(fields[index])])));
}

it('there are fixtures of every generation of kernels', () => {
  for (const kernel of ['3.10', '4.4', '4.18', '4.19', '5.4', '5.15', '6.1', '6.8', '6.12', '6.18']) {
    expect(procFixtures.map(({ name }) => name.split('-')[1])).toContain(kernel);
  }
});

/** Every fixture with all that is read from it. Machines of which the size of a page is not recorded have pages of 4 KiB. */
const readings = procFixtures.map((fixture) => {
  const facts = hostFactsOf(fixture.texts);
  const { pageSizeBytes = 4096 } = facts;
  const sample = sampleOf(captureOf(fixture.texts, 1, fixture.unreadable));
  const { meminfo } = sample;
  if (meminfo === undefined) throw new Error(`${fixture.name} has no meminfo`);
  const available = availableOf(meminfo, facts.zones, pageSizeBytes, facts.minFreeKbytes);
  const laterSample = fixture.later && sampleOf(captureOf(fixture.later, 2, fixture.unreadable));
  const rates = laterSample && ratesBetween(sample, laterSample, pageSizeBytes);
  return { ...fixture, facts, pageSizeBytes, sample, meminfo, available, laterSample, rates };
});

describe.each(readings)('$name', (reading) => {
  const { texts, unreadable, printed, facts, pageSizeBytes, sample, meminfo, available } = reading;
  const { laterSample, rates, expectedPath } = reading;

  it('gives the expected objects', async () => {
    const bands = memoryBands(meminfo, sample.vmstat, pageSizeBytes);
    const all = { facts, sample, available, free: freeFigures(meminfo, available), bands, rates };
    await expect(`${JSON.stringify(all, null, 2)}\n`).toMatchFileSnapshot(expectedPath);
  });

  it('has no problem but sources that the kernel lacks or refuses to tell', () => {
    for (const [id, problem] of Object.entries(sample.problems)) {
      const { path } = fastSources[id as SourceId];
      expect(problem.kind, id).toBe(unreadable.includes(path) ? 'unreadable' : 'missing');
      expect(texts[path]).toBeUndefined();
    }
    expect(facts.problems).toEqual({});
  });

  it('gives the same facts from the lines that the host sends', () => {
    const sent = { ...texts };
    for (const source of [...Object.values(fastSources), ...factPaths]) {
      const text = texts[source.path];
      if (text !== undefined) sent[source.path] = keptLines(text, source);
    }
    expect(sampleOf(captureOf(sent, 1, unreadable))).toEqual(sample);
    expect(hostFactsOf(sent)).toEqual(facts);
  });

  it('agrees with `free -b` on this very text', () => {
    const text = printed['free-b.txt'];
    if (text === undefined) throw new Error('free-b.txt is missing');
    // free knows what the kernel says only; ours is computed where the kernel says nothing.
    const figures = freeFigures(meminfo, available?.computed === true ? undefined : available);
    expect(numbersAfter('Mem:', text)).toEqual([
      figures.totalBytes,
      figures.usedBytes,
      figures.freeBytes,
      figures.sharedBytes,
      figures.buffCacheBytes,
      figures.availableBytes,
    ]);
    expect(numbersAfter('Swap:', text)).toEqual([
      figures.swapTotalBytes,
      figures.swapUsedBytes,
      figures.swapFreeBytes,
    ]);
  });

  it('divides all of the memory, within 3 % and what ZFS has', () => {
    const { dataBytes = 0, metadataBytes = 0 } = readSource(arcstats, texts).value ?? {};
    const { notAccountedRawBytes, ...bands } = memoryBands(meminfo, sample.vmstat, pageSizeBytes);
    const sum = Object.values(bands).reduce<number>((total, bytes) => total + (bytes ?? NaN), 0);
    expect(sum).toBe(meminfo.memTotalBytes + Math.max(0, -notAccountedRawBytes));
    expect(notAccountedRawBytes / meminfo.memTotalBytes).toBeGreaterThanOrEqual(-0.001);
    expect((notAccountedRawBytes - dataBytes - metadataBytes) / meminfo.memTotalBytes).toBeLessThan(0.03);
  });

  it('fills every chart with finite numbers or gaps, and the stacks add up', () => {
    const moment = { sample: laterSample ?? sample, rates, facts, available };
    for (const chart of charts) {
      const values = valuesOf(chart, moment);
      expect(values).toHaveLength(chart.series.length);
      for (const value of values) expect(value === null || Number.isFinite(value)).toBe(true);
    }
    const stack = (id: string): number =>
      charts
        .filter((chart) => chart.id === id)
        .flatMap((chart) =>
          valuesOf(chart, moment).filter((_, index) => chart.series[index]?.style === 'band'),
        )
        .reduce<number>((total, value) => total + (value ?? 0), 0);
    expect(stack('memory') / meminfo.memTotalBytes).toBeCloseTo(1, 2);
    if (rates) expect(stack('cpu')).toBeCloseTo(100, 6);
  });
});

// In a container MemAvailable is what lxcfs computed, and the zones are the machine's.
const withZones = readings.filter(
  ({ facts, meminfo }) => facts.zones && meminfo.memAvailableBytes !== undefined && !meminfo.lxcfs,
);
it.each(withZones)('$name: computes what the kernel computed, within one page', (reading) => {
  const { facts, meminfo, pageSizeBytes } = reading;
  const { memAvailableBytes = NaN, ...withoutAvailable } = meminfo;
  const computed = availableOf(withoutAvailable, facts.zones, facts.pageSizeBytes);
  expect(computed?.computed).toBe(true);
  expect(Math.abs((computed?.bytes ?? NaN) - memAvailableBytes)).toBeLessThanOrEqual(pageSizeBytes);
  // Without the zones it is procps' estimate, which is coarser.
  const coarse = availableOf(withoutAvailable, undefined, undefined, facts.minFreeKbytes);
  expect(Math.abs((coarse?.bytes ?? NaN) - memAvailableBytes) / meminfo.memTotalBytes).toBeLessThan(0.01);
});

const pairs = readings.filter(({ rates }) => rates !== undefined);
it.each(pairs)(
  '$name: agrees with `vmstat 1` that was shown the two texts a second apart',
  ({ printed, rates }) => {
    const [line] = vmstatLines(printed['vmstat-delta.txt'] ?? '');
    if (line === undefined || rates === undefined) throw new Error('vmstat-delta.txt is missing');
    const seconds = rates.elapsedMs / 1000;
    const amount = (perSecond: number | undefined): number => Math.round((perSecond ?? NaN) * seconds);
    expect({
      bi: amount(rates.biKibPerSecond),
      bo: amount(rates.boKibPerSecond),
      si: amount(rates.siKibPerSecond),
      so: amount(rates.soKibPerSecond),
      cs: amount(rates.ctxtPerSecond),
      us: Math.round(rates.cpu?.userPercent ?? NaN),
      sy: Math.round(rates.cpu?.systemPercent ?? NaN),
      id: Math.round(rates.cpu?.idlePercent ?? NaN),
      wa: Math.round(rates.cpu?.iowaitPercent ?? NaN),
      st: Math.round(rates.cpu?.stealPercent ?? NaN),
    }).toEqual({
      bi: line.bi,
      bo: line.bo,
      si: line.si,
      so: line.so,
      cs: line.cs,
      us: line.us,
      sy: line.sy,
      id: line.id,
      wa: line.wa,
      st: line.st,
    });
  },
);

const watched = readings.filter(({ printed }) => printed['vmstat-1.txt'] !== undefined);
it.each(watched)(
  '$name: agrees with the sums of `vmstat 1` that ran beside, within 5 %',
  ({ printed, rates }) => {
    const lines = vmstatLines(printed['vmstat-1.txt'] ?? '');
    const sum = (column: string): number => lines.reduce((total, line) => total + (line[column] ?? NaN), 0);
    const seconds = (rates?.elapsedMs ?? NaN) / 1000;
    expect(lines).toHaveLength(Math.round(seconds));
    for (const [column, rate] of [
      ['bi', rates?.biKibPerSecond],
      ['bo', rates?.boKibPerSecond],
      ['si', rates?.siKibPerSecond],
      ['so', rates?.soKibPerSecond],
      ['us', rates?.cpu?.userPercent],
      ['sy', rates?.cpu?.systemPercent],
      ['id', rates?.cpu?.idlePercent],
      ['wa', rates?.cpu?.iowaitPercent],
    ] as const) {
      const ours = (rate ?? NaN) * seconds;
      expect(Math.abs(ours - sum(column)), column).toBeLessThanOrEqual(sum(column) * 0.05);
    }
  },
);

it('there are fixtures for each of these comparisons', () => {
  expect(withZones.length).toBeGreaterThanOrEqual(3);
  expect(pairs.length).toBeGreaterThanOrEqual(9);
  expect(watched.length).toBeGreaterThanOrEqual(1);
  expect(readings.some(({ available }) => available?.computed)).toBe(true);
});

it('one sample is under 3 KB on a machine with 2 processors and 4 disks', () => {
  const { texts } = procFixtures.find(({ name }) => name === 'debian12-6.18-thrash') ?? {};
  if (texts === undefined) throw new Error('the fixture is missing');
  const disk = /^.* vda .*$/m.exec(texts['proc/diskstats'] ?? '')?.[0] ?? '';
  const diskstats = ['vda', 'vdb', 'vdc', 'vdd'].map((name) => `${disk.replace('vda', name)}\n`).join('');
  const loadavg = '0.12 0.10 0.05 1/201 4711\n';
  const host: Record<string, string> = { ...texts, 'proc/diskstats': diskstats, 'proc/loadavg': loadavg };
  const sent = Object.values(fastSources).map((source) => keptLines(host[source.path] ?? '', source));
  expect(sent.every((text) => text !== '')).toBe(true);
  expect(sent.join('').length).toBeLessThan(3000);
});
