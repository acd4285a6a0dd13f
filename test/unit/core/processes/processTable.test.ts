import { describe, expect, it } from 'vitest';
import type { Process } from '../../../../src/core/processes/process';
import { mostProcesses, ProcessTable } from '../../../../src/core/processes/processTable';
import type { SurveyCapture } from '../../../../src/core/survey/capture';
import { details, kernelFlags, slice, stats, statText } from './slices';

const page = 4096;

function tableOf(...slices: readonly SurveyCapture[]): ProcessTable {
  const table = new ProcessTable(page);
  for (const one of slices) table.add(one);
  return table;
}

const pidsOf = (processes: readonly Process[]): number[] => processes.map(({ pid }) => pid);

describe('a process', () => {
  it('is known by its stat alone', () => {
    const table = tableOf(slice(50, { pids: [7], text: stats({ 7: { name: 'app', start: 900, rss: 3 } }) }));
    expect(table.processes).toEqual([
      {
        pid: 7,
        startTicks: 900,
        readAtMs: 50_000,
        stat: {
          pid: 7,
          name: 'app',
          state: 'S',
          ppid: 1,
          kernelThread: false,
          minflt: 0,
          majflt: 0,
          utimeTicks: 0,
          stimeTicks: 0,
          priority: 20,
          nice: 0,
          numThreads: 1,
          starttimeTicks: 900,
          vsizeBytes: 15_970_304,
          rssPages: 3,
          processor: 1,
          delayacctBlkioTicks: 0,
          guestTimeTicks: 0,
        },
        rssBytes: 12_288,
      },
    ]);
    expect(table.total).toBe(1);
    expect(table.problems).toEqual({});
  });

  it('gets its dear facts from a later slice, whichever of them come', () => {
    const table = tableOf(slice(50, { text: stats({ 7: {} }) }), slice(52, { text: details(7, 8) }));
    const all = {
      readAtMs: 52_000,
      status: { uid: 1000, effectiveUid: 1000, rssAnonBytes: 409_600, vmSwapBytes: 8192 },
      cgroup: { unified: '/system.slice/app.service' },
      oomScore: 667,
      oomScoreAdj: -250,
      commandLine: '/usr/bin/app --pid 7',
    };
    expect(table.get(7)).toMatchObject({ readAtMs: 50_000, details: all });

    table.add(slice(60, { text: { 'proc/7/oom_score': '700\n' }, unreadable: ['proc/7/cgroup'] }));
    expect(table.get(7)?.details).toEqual({ ...all, readAtMs: 60_000, oomScore: 700, cgroup: undefined });
  });

  it('has no details where none can be read, and is not asked for again at once', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: {} }) }),
      slice(51, { unreadable: ['proc/7/status', 'proc/7/cgroup'] }),
    );
    expect(table.get(7)?.details).toBeUndefined();
    expect(table.wanted(5)).toEqual([]);
  });

  it('has no size while the page size is not known', () => {
    const table = new ProcessTable();
    table.add(slice(50, { text: stats({ 7: { rss: 3 } }) }));
    table.add(slice(55, { text: stats({ 7: { rss: 5 } }) }));
    expect(table.get(7)).toMatchObject({ rssBytes: undefined, growthBytesPerSecond: undefined });
    table.pageSizeBytes = 65_536;
    table.add(slice(60, { unchangedPids: [7] }));
    expect(table.get(7)).toMatchObject({ rssBytes: 5 * 65_536, growthBytesPerSecond: 0 });
  });
});

describe('rates', () => {
  it('are made of two readings', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: { minflt: 10, majflt: 1, utime: 100, stime: 50, rss: 1000 } }) }),
      slice(55, { text: stats({ 7: { minflt: 1010, majflt: 51, utime: 500, stime: 250, rss: 500 } }) }),
    );
    expect(table.get(7)).toMatchObject({
      readAtMs: 55_000,
      processorPercent: 120,
      minorFaultsPerSecond: 200,
      majorFaultsPerSecond: 10,
      growthBytesPerSecond: -100 * page,
      minuteGrowthBytesPerSecond: undefined,
    });
  });

  it('are 0 where stat did not change, and that is read now', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: { utime: 9 } }) }),
      slice(55, { unchangedPids: [7, 8] }),
    );
    expect(table.processes).toHaveLength(1);
    expect(table.get(7)).toMatchObject({
      readAtMs: 55_000,
      processorPercent: 0,
      minorFaultsPerSecond: 0,
      majorFaultsPerSecond: 0,
      growthBytesPerSecond: 0,
    });
  });

  it('are not made of readings that lie close together', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: { utime: 0 } }) }),
      slice(55, { text: stats({ 7: { utime: 50 } }) }),
      slice(56, { text: stats({ 7: { utime: 150 } }) }),
    );
    expect(table.get(7)?.processorPercent).toBe(10);
    table.add(slice(57, { text: stats({ 7: { utime: 250 } }) }));
    expect(table.get(7)?.processorPercent).toBe(100);
  });

  it('are undefined where a counter went back or further than it can, each alone', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: { minflt: 10, majflt: 5, utime: 100 } }) }),
      slice(55, { text: stats({ 7: { minflt: 9e15, majflt: 4, utime: 200 } }) }),
    );
    expect(table.get(7)).toMatchObject({
      processorPercent: 20,
      minorFaultsPerSecond: undefined,
      majorFaultsPerSecond: undefined,
    });
  });

  it('begin anew where the host was set back to a snapshot', () => {
    const table = tableOf(
      slice(500, { text: stats({ 7: { utime: 100 } }) }),
      slice(501, { text: details(7) }),
      slice(505, { text: stats({ 7: { utime: 200 } }) }),
      slice(400, { text: stats({ 7: { utime: 300, rss: 100 } }) }),
    );
    expect(table.get(7)).toMatchObject({ readAtMs: 400_000, processorPercent: undefined });
    expect(table.wanted(3)).toEqual([7]);
    table.add(slice(405, { text: stats({ 7: { utime: 350, rss: 100 } }) }));
    expect(table.get(7)).toMatchObject({ processorPercent: 10, minuteGrowthBytesPerSecond: undefined });
    table.add(slice(440, { text: stats({ 7: { utime: 350, rss: 500 } }) }));
    expect(table.get(7)?.minuteGrowthBytesPerSecond).toBe(10 * page);
  });

  it('growth over a minute is that of the last 30 to 60 s', () => {
    const table = tableOf();
    const growths: (number | undefined)[] = [];
    // 10 pages a second for a minute, then none.
    for (let at = 0; at <= 150; at += 10) {
      table.add(slice(at, { text: stats({ 7: { rss: 1000 + 10 * Math.min(at, 60) } }) }));
      const growth = table.get(7)?.minuteGrowthBytesPerSecond;
      growths.push(growth === undefined ? undefined : growth / page);
    }
    const [first, second, third, ...later] = growths;
    expect([first, second, third]).toEqual([undefined, undefined, undefined]);
    expect(later.slice(0, 4)).toEqual([10, 10, 10, 10]);
    expect(later[4]).toBeCloseTo(7.5);
    expect(later.slice(-3)).toEqual([0, 0, 0]);
  });
});

describe('processes come and go', () => {
  it('one that a new round does not list is gone; one whose stat cannot be read, too', () => {
    const table = tableOf(
      slice(50, { pids: [7, 8, 9], text: stats({ 7: {}, 8: {}, 9: {} }) }),
      slice(60, { pids: [7, 8, 10] }),
    );
    expect(pidsOf(table.processes)).toEqual([7, 8]);
    expect(table.total).toBe(3);
    table.add(slice(61, { unreadable: ['proc/8/stat'] }));
    expect(pidsOf(table.processes)).toEqual([7]);
  });

  it('another process with the same pid has nothing of the first', () => {
    const table = tableOf(
      slice(50, { pids: [7], text: stats({ 7: { name: 'first', start: 1000, utime: 500, rss: 900 } }) }),
      slice(51, { text: details(7) }),
      slice(55, { pids: [7], text: stats({ 7: { name: 'first', start: 1000, utime: 600, rss: 900 } }) }),
    );
    const first = table.get(7);
    expect(first).toMatchObject({ processorPercent: 20, details: { oomScore: 667 } });
    expect(table.wanted(5)).toEqual([]);

    table.add(
      slice(60, { pids: [7], text: stats({ 7: { name: 'first', start: 5900, utime: 700, rss: 5 } }) }),
    );
    expect(table.get(7)).toMatchObject({
      startTicks: 5900,
      rssBytes: 5 * page,
      processorPercent: undefined,
      growthBytesPerSecond: undefined,
      details: undefined,
    });
    expect(table.wanted(5)).toEqual([7]);
    expect(first).toMatchObject({ startTicks: 1000, processorPercent: 20, details: { oomScore: 667 } });
  });

  it('dear facts that come with the stat of another process are that one’s', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: { start: 1000 } }) }),
      // As a folder lists them: cmdline before stat.
      slice(60, { text: { ...details(7), ...stats({ 7: { start: 5900 } }) } }),
    );
    expect(table.get(7)).toMatchObject({ startTicks: 5900, details: { oomScore: 667 } });
  });

  it('after a reboot there are others', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: {} }) }),
      slice(60, { bootId: 'next', text: stats({ 8: {} }) }),
    );
    expect(pidsOf(table.processes)).toEqual([8]);
  });

  it('a stat that is none, or of another pid, is told, and the process dropped', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: {}, 8: {}, 9: {} }) }),
      slice(55, { text: { 'proc/7/stat': 'what?\n', 'proc/8/stat': statText(9) } }),
    );
    expect(pidsOf(table.processes)).toEqual([9]);
    expect(table.problems['proc/*/stat']).toMatchObject({ kind: 'malformed' });
    table.add(slice(60, { pids: [9] }));
    expect(table.problems).toEqual({});
  });

  it('dear facts of an unknown process, other paths and a time that is none do nothing', () => {
    const table = tableOf(
      slice(50, {
        text: { ...details(7), 'proc/meminfo': 'x', 'proc/99999999/stat': 'x', 'proc/7/fd': 'x' },
      }),
      slice(NaN, { text: stats({ 7: {} }) }),
    );
    expect(table.processes).toEqual([]);
    expect(table.problems).toEqual({});
  });

  it('no more are kept than there is room for', () => {
    const pids = Array.from({ length: mostProcesses + 5 }, (_, index) => index + 1);
    const text = Object.fromEntries(pids.map((pid) => [`proc/${pid}/stat`, statText(pid)]));
    const table = tableOf(slice(50, { pids, text }));
    expect(table.processes).toHaveLength(mostProcesses);
    expect(table.total).toBe(mostProcesses + 5);
    table.add(slice(60, { pids: pids.slice(10), text: stats({ [mostProcesses + 3]: {} }) }));
    expect(table.get(mostProcesses + 3)).toBeDefined();
  });

  it('the list is the same one until a slice is added', () => {
    const table = tableOf(slice(50, { text: stats({ 7: {} }) }));
    const { processes } = table;
    expect(table.processes).toBe(processes);
    table.add(slice(55, { text: stats({ 8: {} }) }));
    expect(pidsOf(processes)).toEqual([7]);
    expect(pidsOf(table.processes)).toEqual([7, 8]);
  });
});

describe('whose dear facts are wanted', () => {
  it('those never read, largest first; never a kernel thread', () => {
    const table = tableOf(
      slice(50, {
        text: stats({ 2: { flags: kernelFlags, rss: 0 }, 7: { rss: 0 }, 8: { rss: 50 }, 9: { rss: 90 } }),
      }),
    );
    expect(table.hasNew).toBe(true);
    expect(table.wanted(2)).toEqual([9, 8]);
    expect(table.wanted(2)).toEqual([9, 8]);
    expect(table.wanted(10)).toEqual([9, 8, 7]);
    for (const none of [0, -1, NaN]) expect(table.wanted(none)).toEqual([]);
    table.add(slice(51, { text: { ...details(7), ...details(8), ...details(9) } }));
    expect(table.hasNew).toBe(false);
    expect(table.wanted(10)).toEqual([]);
  });

  it('again those read longest ago, each 10 s after', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: {}, 8: {}, 9: {} }) }),
      slice(51, { text: details(8) }),
      slice(52, { text: details(9) }),
      slice(53, { text: details(7) }),
      slice(60, { unchangedPids: [7, 8, 9] }),
    );
    expect(table.wanted(3)).toEqual([]);
    table.add(slice(62, {}));
    expect(table.wanted(3)).toEqual([8, 9]);
    table.add(slice(70, {}));
    expect(table.wanted(2)).toEqual([8, 9]);
    expect(table.wanted(3)).toEqual([8, 9, 7]);
  });

  it('of many: the 30 largest, and those that grow, have major faults, are swapped or shrank', () => {
    const pids = Array.from({ length: 100 }, (_, index) => index + 1);
    const before = Object.fromEntries(pids.map((pid) => [pid, { rss: 1000 - pid, majflt: 0 }]));
    const table = tableOf(
      slice(50, { text: stats(before) }),
      slice(51, { text: Object.assign({}, ...pids.map((pid) => details(pid, pid === 90 ? 4 : 0))) as never }),
      slice(55, {
        text: stats({
          ...before,
          80: { rss: 925 },
          85: { rss: 915, majflt: 50 },
          95: { rss: 5 },
        }),
      }),
      slice(61.5, {}),
    );
    const wanted = [...table.wanted(100)].sort((one, other) => one - other);
    expect(wanted).toEqual([...pids.slice(0, 30), 80, 85, 90, 95]);
  });

  it('half of the places are for those known, however many are new', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: {}, 8: {} }) }),
      slice(51, { text: { ...details(7), ...details(8) } }),
    );
    table.add(slice(65, { text: stats({ 20: {}, 21: {}, 22: {}, 23: {}, 24: {} }) }));
    expect(table.wanted(4)).toEqual([20, 21, 7, 8]);
    expect(table.wanted(3)).toEqual([20, 21, 7]);
  });

  it('one that runs another program is new, and its command line unknown; yet not within 10 s', () => {
    const table = tableOf(
      slice(50, { text: stats({ 7: { name: 'bash' } }) }),
      slice(51, { text: details(7) }),
      slice(55, { text: stats({ 7: { name: 'python3' } }) }),
    );
    expect(table.get(7)?.details).toMatchObject({ oomScore: 667, commandLine: undefined });
    expect(table.needsCommandLine(7)).toBe(true);
    expect(table.wanted(3)).toEqual([]);
    expect(table.hasNew).toBe(false);
    table.add(slice(61, {}));
    expect(table.hasNew).toBe(true);
    expect(table.wanted(3)).toEqual([7]);
    table.add(slice(62, { text: details(7) }));
    expect(table.needsCommandLine(7)).toBe(false);
    table.add(slice(80, {}));
    expect(table.hasNew).toBe(false);
  });

  it('three a second go round 200 processes, and the largest 30 come again', () => {
    const figures = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [index + 1, { rss: 300 - index }]),
    );
    const table = tableOf(slice(0, { text: stats(figures) }));
    const readAt = new Map<number, number[]>();
    for (let at = 1; at <= 200; at += 1) {
      const wanted = table.wanted(3);
      expect(wanted.length).toBeLessThanOrEqual(3);
      for (const pid of wanted) readAt.set(pid, [...(readAt.get(pid) ?? []), at]);
      table.add(slice(at, { text: Object.assign({}, ...wanted.map((pid) => details(pid))) as never }));
    }
    expect(readAt.size).toBe(200);
    for (const [pid, times] of readAt) {
      for (const [index, at] of times.entries())
        expect(at - (times[index - 1] ?? -10)).toBeGreaterThanOrEqual(10);
      if (pid <= 30) expect(times.length).toBeGreaterThan(5);
    }
  });
});

describe('lists', () => {
  const table = tableOf(
    slice(50, {
      text: stats({ 2: { flags: kernelFlags, rss: 0 }, 7: { rss: 500 }, 8: { rss: 400 }, 9: { rss: 10 } }),
    }),
    slice(51, { text: details(9, 4000) }),
    slice(55, {
      text: stats({
        2: { flags: kernelFlags, rss: 0, stime: 300 },
        7: { rss: 500, utime: 100 },
        8: { rss: 450, majflt: 5 },
        9: { rss: 5, majflt: 50 },
      }),
    }),
  );

  it('the largest, with what is in swap', () => {
    expect(pidsOf(table.largest(3))).toEqual([9, 7, 8]);
  });

  it('the fastest growing, which those that shrink are not', () => {
    expect(pidsOf(table.fastestGrowing(3))).toEqual([8]);
  });

  it('those with most in swap, and with the highest scores of the OOM killer, as far as these were read', () => {
    const read = tableOf(
      slice(10, {
        pids: [7, 8, 9],
        text: {
          ...stats({ 7: { rss: 500 }, 8: { rss: 5 }, 9: { rss: 50 } }),
          'proc/7/status': 'Uid:\t0\t0\t0\t0\nVmSwap:\t0 kB\n',
          'proc/8/status': 'Uid:\t0\t0\t0\t0\nVmSwap:\t10 kB\n',
          'proc/7/oom_score': '3\n',
          'proc/8/oom_score': '900\n',
        },
      }),
    );
    expect(pidsOf(read.mostSwapped(3))).toEqual([8]);
    expect(pidsOf(read.highestOomScores(3))).toEqual([8, 7]);
    expect(pidsOf(read.highestOomScores(1))).toEqual([8]);
  });

  it('the busiest, kernel threads too', () => {
    expect(pidsOf(table.busiest(3))).toEqual([2, 7]);
  });

  it('those with most major faults', () => {
    expect(pidsOf(table.topMajorFaults(1))).toEqual([9]);
  });
});
