import { describe, expect, it } from 'vitest';
import { factPaths, hostFactsOf } from '../../../src/core/hostFacts';

describe('hostFactsOf', () => {
  it('leaves undefined what did not come', () => {
    expect(hostFactsOf({})).toEqual({ problems: {} });
  });

  it('reads words, numbers and the two texts that are no files', () => {
    const facts = hostFactsOf({
      'proc/sys/kernel/hostname': 'web-1\n',
      'proc/sys/vm/swappiness': '60\n',
      'sys/devices/system/cpu/online': '0-3,6,8-9\n',
      'getconf/PAGESIZE': '65536\n',
      'date/+%s': '1795381110\n',
      'proc/stat': 'cpu  1 2 3 4 5 6 7 8 9 10\nbtime 1795380000\n',
    });
    expect(facts).toEqual({
      hostname: 'web-1',
      swappiness: 60,
      processors: 7,
      pageSizeBytes: 65_536,
      wallClockMs: 1_795_381_110_000,
      btimeMs: 1_795_380_000_000,
      problems: {},
    });
  });

  it('refuses one value and keeps the rest of its file', () => {
    const facts = hostFactsOf({
      'proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n/a file 1 1 -2\n/b file x 1 -3\n',
      'proc/stat': 'cpu  1 2 3 4\nbtime 1795380000\n',
      'sys/devices/system/cpu/online': '0-8192\n',
      'proc/sys/vm/min_free_kbytes': '-4\n',
    });
    expect(facts).toMatchObject({
      btimeMs: 1_795_380_000_000,
      swaps: [{ name: '/a', kind: 'file', sizeBytes: 1024, usedBytes: 1024, priority: -2 }],
    });
    expect(facts.minFreeKbytes).toBeUndefined();
    expect(facts.processors).toBeUndefined();
    expect(facts.problems).toMatchObject({
      'proc/swaps': { kind: 'nonsense', message: 'proc/swaps:3: not a number: x: /b file x 1 -3' },
      'proc/stat': { kind: 'nonsense' },
      'sys/devices/system/cpu/online': { kind: 'malformed' },
      'proc/sys/vm/min_free_kbytes': { kind: 'malformed' },
    });
  });

  it('finds the page size without getconf', () => {
    const smaps = 'KernelPageSize:       16 kB\nKernelPageSize:     2048 kB\n';
    expect(hostFactsOf({ 'getconf/PAGESIZE': '', 'proc/self/smaps': smaps }).pageSizeBytes).toBe(16_384);
  });

  it('tells what is malformed and keeps the rest', () => {
    const facts = hostFactsOf({
      'proc/sys/vm/swappiness': 'lots\n',
      'proc/swaps': 'nonsense\n',
      'sys/devices/system/cpu/online': '3-1\n',
      'getconf/PAGESIZE': '5000\n',
      'proc/sys/kernel/ostype': 'Linux\n',
    });
    expect(facts).toMatchObject({ ostype: 'Linux' });
    expect(Object.keys(facts.problems).sort()).toEqual([
      'getconf/PAGESIZE',
      'proc/swaps',
      'proc/sys/vm/swappiness',
      'sys/devices/system/cpu/online',
    ]);
    expect(Object.values(facts.problems).every(({ kind }) => kind === 'malformed')).toBe(true);
  });

  it.each([
    [
      '2',
      { 'sys/fs/cgroup/cgroup.controllers': 'cpu memory\n', 'proc/self/cgroup': '1:name=systemd:/\n0::/\n' },
    ],
    ['2', { 'sys/fs/cgroup/cgroup.controllers': '' }],
    ['hybrid', { 'sys/fs/cgroup/unified/cgroup.controllers': '', 'proc/self/cgroup': '4:memory:/\n0::/\n' }],
    ['hybrid', { 'proc/self/cgroup': '4:memory:/\n0::/\n' }],
    ['2', { 'proc/self/cgroup': '0::/user.slice\n' }],
    ['1', { 'proc/self/cgroup': '4:memory:/\n1:name=systemd:/\n' }],
    ['1', { 'proc/cgroups': '#subsys_name\thierarchy\n' }],
    [undefined, {}],
  ])('cgroup version %s from %j', (version, texts: Record<string, string>) => {
    expect(hostFactsOf(texts).cgroupVersion).toBe(version);
  });

  it('asks for each file once', () => {
    expect(new Set(factPaths.map(({ path }) => path)).size).toBe(factPaths.length);
  });
});
