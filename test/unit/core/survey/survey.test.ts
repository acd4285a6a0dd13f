import { describe, expect, it } from 'vitest';
import { matches, Survey } from '../../../../src/core/survey/survey';

describe('Survey', () => {
  it('keeps what a slow source said last, and when', () => {
    const survey = new Survey('boot', 4096);
    const slice = { bootId: 'boot', unchangedPids: [], cgroups: [], unreadable: [] };
    survey.add({ ...slice, hostUptimeMs: 1000, text: { 'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n' } });
    survey.add({ ...slice, hostUptimeMs: 2000, text: {}, unreadable: ['proc/slabinfo'] });
    expect(survey.slow.passwd).toEqual({ value: new Map([[0, 'root']]), readAtMs: 1000 });
    expect(survey.slow.slabinfo).toEqual({
      problem: { kind: 'unreadable', message: 'proc/slabinfo: could not be read on the host' },
      readAtMs: 2000,
    });
    expect(survey.slow.sockstat).toBeUndefined();
  });

  it('keeps the files of a family apart, and no more of them than there can be', () => {
    const survey = new Survey('boot', 4096);
    const path = (node: number): string => `sys/devices/system/node/node${node}/meminfo`;
    const text = Object.fromEntries(
      Array.from({ length: 300 }, (_, node) => [path(node), `Node ${node} MemTotal:       1024 kB\n`]),
    );
    survey.add({ bootId: 'boot', hostUptimeMs: 5, unchangedPids: [], cgroups: [], text, unreadable: [] });
    const nodes = survey.families.nodeMeminfo ?? {};
    expect(Object.keys(nodes)).toHaveLength(256);
    expect(nodes[path(3)]?.readAtMs).toBe(5);
  });

  it('asks for processes, their files and cgroups as they become known', () => {
    const survey = new Survey('boot', 4096);
    expect(survey.next(10_000, 1)).toMatchObject({ list: true, processes: [] });
    const stat = `812 (jupyter-noteboo) S 1 812 812 0 -1 4194304 100 0 0 0 5 3 0 0 20 0 1 0 500 1000000 2000 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n`;
    survey.add({
      bootId: 'boot',
      hostUptimeMs: 10_010,
      pids: [812],
      unchangedPids: [],
      cgroups: [],
      text: { 'proc/812/stat': stat },
      unreadable: [],
    });
    expect(survey.next(11_000, 1)?.processes).toEqual([{ pid: 812, files: ['s', 'g', 'o', 'a', 'c'] }]);
  });

  it('asks for all again where another program answers, which finds cgroups only by reading', () => {
    const survey = known();
    expect(survey.next(12_000, 1)?.processes ?? []).toEqual([]);
    survey.programChanged();
    expect(survey.next(13_000, 1)).toMatchObject({ list: true });
    survey.add({ ...slice, hostUptimeMs: 29_000, text: {} });
    expect(survey.next(30_000, 1)?.processes).toEqual([{ pid: 812, files: ['s', 'g', 'o', 'a'] }]);
  });

  it('never again asks for a command line of which no answer came', () => {
    const survey = new Survey('boot', 4096);
    survey.add({ ...slice, hostUptimeMs: 10_010, pids: [812], text: { 'proc/812/stat': stat } });
    expect(survey.next(11_000, 1)?.processes).toEqual([{ pid: 812, files: ['s', 'g', 'o', 'a', 'c'] }]);
    expect(survey.next(41_000, 1)?.processes).toEqual([{ pid: 812, files: ['s', 'g', 'o', 'a'] }]);
  });
});

const slice = { bootId: 'boot', unchangedPids: [], cgroups: [], unreadable: [] };
const stat = `812 (jupyter-noteboo) S 1 812 812 0 -1 4194304 100 0 0 0 5 3 0 0 20 0 1 0 500 1000000 2000 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n`;

/** A survey that knows one process. */
function known(): Survey {
  const survey = new Survey('boot', 4096);
  survey.next(10_000, 1);
  const text = { 'proc/812/stat': stat, 'proc/812/oom_score': '666\n', 'proc/812/cmdline': 'jupyter\0\n' };
  survey.add({ ...slice, hostUptimeMs: 10_010, pids: [812], text });
  return survey;
}

describe('matches', () => {
  it.each([
    ['sys/block/zram0/mm_stat', 'sys/block/zram*/mm_stat', true],
    ['sys/block/zram/mm_stat', 'sys/block/zram*/mm_stat', true],
    ['sys/block/sda/mm_stat', 'sys/block/zram*/mm_stat', false],
    ['sys/block/zram0/stat', 'sys/block/zram*/mm_stat', false],
    ['sys/block/zram0/x/mm_stat', 'sys/block/zram*/mm_stat', false],
    ['hugepages-2048kB', 'hugepages-*kB', true],
    ['hugepages-kB', 'hugepages-*kB', true],
    ['hugepageskB', 'hugepages-*kB', false],
    ['aba', 'aba*ba', false],
    ['proc/buddyinfo', 'proc/buddyinfo', true],
  ])('%s and %s: %s', (path, pattern, expected) => {
    expect(matches(path, pattern)).toBe(expected);
  });
});
