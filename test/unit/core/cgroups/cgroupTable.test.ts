import { describe, expect, it } from 'vitest';
import { CgroupTable } from '../../../../src/core/cgroups/cgroupTable';
import { ancestorPathsOf } from '../../../../src/core/cgroups/effectiveLimit';
import type { SurveyCapture } from '../../../../src/core/survey/capture';
import { surveyCapture } from './fixtures';

const folder = 'sys/fs/cgroup/app';

/** Texts of the group /app of version 2. */
function app(files: Readonly<Record<string, string>>, path = folder): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [`${path}/${file}`, text]));
}

function tableOf(...captures: SurveyCapture[]): CgroupTable {
  const table = new CgroupTable();
  for (const capture of captures) table.add(capture);
  return table;
}

const read = { cgroups: ['/app'] };

describe('a reading', () => {
  it('keeps what was not sent again, and forgets what could not be read any more', () => {
    const first = surveyCapture(1000, app({ 'memory.current': '100\n', 'memory.max': '500\n' }));
    const unchanged = surveyCapture(2000, {}, read);
    expect(tableOf(first, unchanged).get('/app')).toMatchObject({
      readAtMs: 2000,
      currentBytes: 100,
      limits: { max: 500 },
      rates: { growthBytesPerSecond: 0 },
    });
    const lost = surveyCapture(3000, {}, { ...read, unreadable: [`${folder}/memory.current`] });
    const cgroup = tableOf(first, lost).get('/app');
    expect(cgroup).toMatchObject({ readAtMs: 3000, limits: { max: 500 } });
    expect(cgroup).not.toHaveProperty('currentBytes');
  });

  it('tells what was refused until it is read rightly', () => {
    const wrong = surveyCapture(1000, app({ 'memory.current': 'much\n', 'memory.max': 'max\n' }));
    const table = tableOf(wrong, surveyCapture(2000, {}, read));
    expect(table.problems).toMatchObject({ [`${folder}/memory.current`]: { kind: 'malformed' } });
    expect(table.get('/app')).toMatchObject({ limits: { max: 'max' } });
    table.add(surveyCapture(3000, app({ 'memory.current': '7\n' })));
    expect(table.problems).toEqual({});
    expect(table.get('/app')?.currentBytes).toBe(7);
  });

  it('does not take a group named memory for the tree of version 1', () => {
    const text = {
      'sys/fs/cgroup/memory/memory.current': '5\n',
      'sys/fs/cgroup/memory/memory.stat': 'anon 1\nfile 2\n',
      'sys/fs/cgroup/memory.stat': 'anon 3\nfile 4\n',
    };
    const table = tableOf(surveyCapture(1000, text, { cgroups: ['/', '/memory'] }));
    expect(table.problems).toEqual({});
    expect(table.get('/memory')).toMatchObject({ version: 2, currentBytes: 5, stat: { anonBytes: 1 } });
    expect(table.get('/')).toMatchObject({ version: 2, stat: { anonBytes: 3 } });
  });

  it('tells whether it stands still, by whichever hierarchy that is done', () => {
    const old = 'sys/fs/cgroup/memory/app/memory.usage_in_bytes';
    const freezer = 'sys/fs/cgroup/freezer/app/freezer.state';
    const unified = 'sys/fs/cgroup/unified/app/cgroup.events';
    const isFrozen = (text: Record<string, string>): boolean | undefined =>
      tableOf(surveyCapture(1000, text, read)).get('/app')?.frozen;
    expect(isFrozen(app({ 'memory.current': '1\n', 'cgroup.events': 'frozen 1\n' }))).toBe(true);
    expect(isFrozen(app({ 'memory.current': '1\n', 'cgroup.events': 'frozen 0\n' }))).toBe(false);
    expect(isFrozen(app({ 'memory.current': '1\n', 'cgroup.events': '' }))).toBeUndefined();
    expect(isFrozen({ [old]: '1\n', [freezer]: 'FROZEN\n', [unified]: 'frozen 0\n' })).toBe(true);
    expect(isFrozen({ [old]: '1\n', [freezer]: 'THAWED\n', [unified]: 'frozen 1\n' })).toBe(true);
    expect(isFrozen({ [old]: '1\n', [freezer]: 'THAWED\n' })).toBe(false);
    expect(isFrozen({ [old]: '1\n', [unified]: 'frozen 0\n' })).toBe(false);
    expect(isFrozen({ [old]: '1\n' })).toBeUndefined();
  });

  it('is of a group that tells its version', () => {
    expect(tableOf(surveyCapture(1000, app({ 'cgroup.events': 'frozen 0\n' }), read)).size).toBe(0);
    expect(tableOf(surveyCapture(1000, {}, read)).size).toBe(0);
  });
});

describe('what happened', () => {
  const counts = (oomKills: number, hits: number): string => `max ${hits}\noom_kill ${oomKills}\n`;
  const at = (ms: number, text: string): SurveyCapture => surveyCapture(ms, app({ 'memory.events': text }));

  it('is counted from the first reading', () => {
    const table = tableOf(at(1000, counts(3, 10)), at(2000, counts(4, 30)), at(4000, counts(4, 50)));
    expect(table.get('/app')).toMatchObject({
      happened: { sinceMs: 1000, oomKills: 1, limitHits: 40 },
      rates: { limitHitsPerSecond: 10 },
    });
  });

  it('goes on where the group was made anew under its name', () => {
    const table = tableOf(at(1000, counts(3, 10)), at(2000, counts(1, 2)));
    expect(table.get('/app')).toMatchObject({
      happened: { oomKills: 1, limitHits: 2 },
      rates: { limitHitsPerSecond: undefined },
    });
  });

  it('is not known where the kernel does not count it', () => {
    expect(tableOf(at(1000, 'max 1\n')).get('/app')?.happened).toEqual({
      sinceMs: 1000,
      oomKills: undefined,
      limitHits: 0,
    });
  });
});

describe('rates', () => {
  const pressure = (total: number): string => `some avg10=0.00 avg60=0.00 avg300=0.00 total=${total}\n`;

  it('are of the time between two readings', () => {
    const text = (n: number): Record<string, string> =>
      app({
        'memory.current': `${1000 - n}\n`,
        'memory.stat': `anon 1\npgmajfault ${n}\nworkingset_refault_file ${n * 2}\n`,
        'memory.pressure': pressure(n * 2000),
      });
    expect(tableOf(surveyCapture(1000, text(0)), surveyCapture(5000, text(1000))).get('/app')?.rates).toEqual(
      {
        elapsedMs: 4000,
        growthBytesPerSecond: -250,
        faultsPerSecond: undefined,
        majorFaultsPerSecond: 250,
        refaultFilePerSecond: 500,
        refaultAnonPerSecond: undefined,
        scannedPerSecond: undefined,
        stolenPerSecond: undefined,
        limitHitsPerSecond: undefined,
        highHitsPerSecond: undefined,
        memorySomePercent: 50,
        memoryFullPercent: undefined,
        refused: [],
      },
    );
  });

  it('are not there after one reading, and stay where nothing was read since', () => {
    const current = (bytes: number): Record<string, string> => app({ 'memory.current': `${bytes}\n` });
    const table = tableOf(surveyCapture(1000, current(1)));
    expect(table.get('/app')?.rates).toBeUndefined();
    table.add(surveyCapture(2000, current(11)));
    table.add(surveyCapture(2000, current(11)));
    expect(table.get('/app')?.rates?.growthBytesPerSecond).toBe(10);
    table.add(surveyCapture(1500, current(11)));
    expect(table.get('/app')?.rates).toBeUndefined();
  });

  it('are refused where a counter went further than any machine could make it', () => {
    const faults = (count: number): Record<string, string> =>
      app({ 'memory.stat': `anon 1\npgfault ${count}\n` });
    const rates = tableOf(surveyCapture(1000, faults(0)), surveyCapture(2000, faults(2 ** 50))).get(
      '/app',
    )?.rates;
    expect(rates?.faultsPerSecond).toBeUndefined();
    expect(rates?.refused).toEqual([`/app pgfault: from 0 to ${2 ** 50} in 1000 ms`]);
  });
});

describe('the effective limit', () => {
  const limits = (
    of: Readonly<Record<string, string>>,
    high: Readonly<Record<string, string>> = {},
  ): CgroupTable => {
    const text = Object.fromEntries([
      ...Object.entries(of).map(([path, max]) => [`sys/fs/cgroup${path}/memory.max`, `${max}\n`]),
      ...Object.entries(high).map(([path, max]) => [`sys/fs/cgroup${path}/memory.high`, `${max}\n`]),
    ]) as Record<string, string>;
    return tableOf(surveyCapture(1000, text));
  };

  it('is the least of its own and its ancestors, the nearest of equal ones', () => {
    const table = limits(
      { '/a': '300', '/a/b': '200', '/a/b/c': 'max', '/a/b/c/d': '200', '/e': '900' },
      { '/a': '100' },
    );
    expect(table.get('/a/b/c')?.effectiveMax).toEqual({ bytes: 200, path: '/a/b' });
    expect(table.get('/a/b/c/d')?.effectiveMax).toEqual({ bytes: 200, path: '/a/b/c/d' });
    expect(table.get('/a')).toMatchObject({
      effectiveMax: { bytes: 300, path: '/a' },
      effectiveHigh: { bytes: 100, path: '/a' },
    });
  });

  it('is none only where every ancestor is known to have none', () => {
    expect(limits({ '/a': 'max', '/a/b': 'max' }).get('/a/b')?.effectiveMax).toEqual({
      bytes: 'max',
      path: undefined,
    });
    expect(limits({ '/a/b': 'max' }).get('/a/b')?.effectiveMax).toBeUndefined();
    expect(limits({ '/a/b': '5' }).get('/a/b')?.effectiveMax).toEqual({ bytes: 5, path: '/a/b' });
  });

  it('of version 1 is what the kernel says, of an ancestor out of sight too', () => {
    const of = (own: string, told: string): CgroupTable =>
      tableOf(
        surveyCapture(1000, {
          'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '300\n',
          'sys/fs/cgroup/memory/a/b/memory.limit_in_bytes': `${own}\n`,
          'sys/fs/cgroup/memory/a/b/memory.stat': `total_rss 1\nhierarchical_memory_limit ${told}\n`,
        }),
      );
    expect(of('500', '300').get('/a/b')?.effectiveMax).toEqual({ bytes: 300, path: '/a' });
    expect(of('500', '200').get('/a/b')?.effectiveMax).toEqual({ bytes: 200, path: undefined });
    // /a does not count what is below it.
    expect(of('500', '500').get('/a/b')?.effectiveMax).toEqual({ bytes: 500, path: '/a/b' });
  });

  it.each([
    ['/', []],
    ['/a', ['/']],
    ['/a/b/c', ['/a/b', '/a', '/']],
    ['/../x', ['/..', '/']],
    ['', ['/']],
  ])('goes up from %s by %o', (path, ancestors) => {
    expect(ancestorPathsOf(path)).toEqual(ancestors);
  });
});

describe('groups', () => {
  const group = (name: string): Record<string, string> => ({
    [`sys/fs/cgroup/${name}/memory.current`]: '1\n',
  });

  it('that are left out turn after turn, and for two minutes, have gone', () => {
    const table = tableOf(surveyCapture(1000, { ...group('a'), ...group('b') }));
    const turn = (ms: number): void => table.add(surveyCapture(ms, {}, { cgroups: ['/a'] }));
    for (let ms = 2000; ms < 121_000; ms += 1000) turn(ms);
    expect(table.all.map(({ path }) => path)).toEqual(['/a', '/b']);
    for (let ms = 121_000; ms < 125_000; ms += 1000) turn(ms);
    expect(table.all.map(({ path }) => path)).toEqual(['/a']);
  });

  it('have all been read once one is read again, in each boot anew', () => {
    const table = tableOf(surveyCapture(1000, group('a')), surveyCapture(2000, group('b')));
    expect(table.turnsDone).toBe(0);
    table.add(surveyCapture(3000, group('a')));
    expect(table.turnsDone).toBe(1);
    table.add({ ...surveyCapture(1000, group('a')), bootId: 'another' });
    expect(table.turnsDone).toBe(0);
  });

  it('that are told to have gone have gone at once', () => {
    const table = tableOf(surveyCapture(1000, { ...group('a'), ...group('b') }));
    table.add(surveyCapture(2000, {}, { cgroups: [], goneCgroups: ['/b'] }));
    expect(table.all.map(({ path }) => path)).toEqual(['/a']);
  });

  it('stay for as long as a turn through many takes', () => {
    const names = Array.from({ length: 300 }, (_, index) => `/g${index}`);
    const table = new CgroupTable();
    for (let slice = 0; slice < 900; slice++) {
      const path = names[slice % names.length] ?? '';
      table.add(surveyCapture(slice * 1000, group(path.slice(1)), { pids: [1], cgroups: [path] }));
    }
    expect(table.size).toBe(300);
  });

  it('of a boot before are forgotten', () => {
    const table = tableOf(surveyCapture(9000, group('a')), surveyCapture(10, group('b'), { bootId: 'next' }));
    expect(table.all.map(({ path, rates }) => [path, rates])).toEqual([['/b', undefined]]);
  });

  it('are 2,000 at most', () => {
    const table = new CgroupTable();
    for (let from = 0; from < 3000; from += 100) {
      const many = Array.from({ length: 100 }, (_, index) => group(`g${from + index}`));
      table.add(surveyCapture(from, Object.assign({}, ...many) as Record<string, string>));
    }
    expect(table.size).toBe(2000);
    table.add(surveyCapture(9000, group('g5')));
    expect(table.get('/g5')?.readAtMs).toBe(9000);
    const long = 'x'.repeat(5000);
    expect(tableOf(surveyCapture(1, group(long))).size).toBe(0);
  });
});
