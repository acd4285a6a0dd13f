import { describe, expect, it } from 'vitest';
import {
  forecastVictimOf,
  type Forecast,
  type ForecastCandidate,
} from '../../../../src/core/oomEvents/forecast';
import { forecastsOf } from '../../../../src/core/oomEvents/forecastOf';
import { recordedHost, writtenHost, type KnownHost } from './forecastHosts';

const page = 4096;
const MiB = 2 ** 20;

function forecastOf({ survey, facts }: KnownHost, path?: string): Forecast {
  const found = forecastsOf(survey, facts).find(({ scope }) =>
    path === undefined ? scope.kind === 'machine' : scope.kind === 'cgroup' && scope.path === path,
  );
  if (!found) throw new Error(`there is no forecast for ${path ?? 'the machine'}`);
  return found;
}

const pids = (candidates: readonly ForecastCandidate[]): number[] => candidates.map(({ pid }) => pid);

describe('a recorded host', () => {
  const containers = recordedHost('debian12-6.12-containers');

  it('has a forecast for itself, and one for each group that can meet its limit', () => {
    const forecasts = forecastsOf(containers.survey, containers.facts);
    expect(
      forecasts.map(({ scope, totalBytes, candidates, doubts }) => [
        scope.kind === 'machine' ? 'machine' : scope.path.split('/').at(-1)?.slice(0, 15),
        totalBytes,
        pids(candidates),
        doubts,
      ]),
    ).toEqual([
      ['machine', (2_020_720 + 262_140) * 1024, [564, 245, 338, 551, 451], []],
      // 40 MiB, and as much swap as `memory.swap.max` allows: 80 MiB.
      ['report.service', 120 * MiB, [551], []],
      ['docker-259eb490', 320 * MiB, [451], []],
      // Swap without a limit: as much as the machine has.
      ['webapp.service', 160 * MiB + 262_140 * 1024, [359, 228], []],
      ['lxc.payload.web', 320 * MiB + 262_140 * 1024, [643], []],
    ]);
  });

  it('says who would be first, and who is spared', () => {
    const { candidates, ...rest } = forecastOf(containers);
    const [first, second] = candidates;
    expect(first).toEqual({
      pid: 564,
      startTicks: 2843,
      name: 'notes',
      cgroup: '/user.slice/user-1001.slice/user@1001.service/app.slice/notes.service',
      owner: { kind: 'unit', name: 'notes.service', user: 1001 },
      // `grep Vm`: 8.7 MiB; a thousandth of 570,715 pages is 570.
      badnessBytes: 9_142_272 + 200 * 570 * page,
      heldBytes: 9_142_272,
      oomScoreAdj: 200,
    });
    expect({
      ...rest,
      protected: rest.protected.map(({ name, oomScoreAdj }) => [name, oomScoreAdj]),
      favoured: rest.favoured.map(({ name, oomScoreAdj }) => [name, oomScoreAdj]),
    }).toEqual({
      scope: { kind: 'machine' },
      totalBytes: (2_020_720 + 262_140) * 1024,
      marginBytes: (first?.badnessBytes ?? NaN) - (second?.badnessBytes ?? NaN),
      child: undefined,
      groupKilled: undefined,
      protected: [
        ['systemd', 0],
        ['sshd', -1000],
      ],
      favoured: [['containerd-shim', -998]],
      doubts: [],
    });
  });

  it('that is a container: its own limit, its first process too, and nobody beside it', () => {
    const guest = recordedHost('debian12-6.12-lxc');
    const [machine, own] = forecastsOf(guest.survey, guest.facts);
    expect(machine).toMatchObject({ doubts: ['container'], protected: [] });
    expect(own?.scope).toMatchObject({ kind: 'cgroup', path: '/', limitBytes: 320 * MiB });
    expect(machine?.candidates.map(({ name }) => name)).toContain('systemd');
    expect(own && pids(own.candidates)).toEqual(machine && pids(machine.candidates));
  });
});

describe('a cgroup', () => {
  const limit = 100_000 * page;
  const group = '/pods/one';
  const v2 = (files: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(files).map(([file, text]) => [`sys/fs/cgroup${file}`, `${text}\n`]));
  const inGroup = [
    { pid: 10, adj: 0, rss: 5000, cgroup: `${group}/a` },
    { pid: 11, adj: 300, rss: 1000, cgroup: `${group}/b` },
    { pid: 12, adj: -1000, rss: 60_000, cgroup: group },
    { pid: 13, adj: 0, rss: 90_000, cgroup: '/pods/oneself' },
  ];

  it('counts what is in it and below it, by its own limit', () => {
    const host = writtenHost(inGroup, v2({ [`${group}/memory.max`]: String(limit) }));
    const { candidates, marginBytes, ...rest } = forecastOf(host, group);
    expect(candidates.map(({ pid, badnessBytes }) => [pid, badnessBytes / page])).toEqual([
      [11, 1000 + 300 * 100],
      [10, 5000],
    ]);
    expect(marginBytes).toBe(26_000 * page);
    expect(pids(rest.protected)).toEqual([12]);
    expect(pids(forecastOf(host).candidates)).toEqual([11, 13, 10]);
  });

  it.each([
    ['2', { 'memory.swap.max': '0' }, 0],
    ['2', { 'memory.swap.max': 'max' }, 50],
    ['2', { 'memory.swap.max': String(20 * page) }, 20],
    ['1', { 'memory.memsw.limit_in_bytes': String(limit + 30 * page) }, 30],
    ['1', { 'memory.memsw.limit_in_bytes': String(limit) }, 0],
    ['1', { 'memory.memsw.limit_in_bytes': '9223372036854771712' }, 50],
  ])('of version %s has as much swap as %j and the machine leave it', (version, files, swapPages) => {
    const [folder, file] =
      version === '2' ? [group, 'memory.max'] : [`/memory${group}`, 'memory.limit_in_bytes'];
    const all = { [file]: String(limit), ...files };
    const { survey, facts } = writtenHost(
      inGroup,
      v2(Object.fromEntries(Object.entries(all).map(([name, text]) => [`${folder}/${name}`, text]))),
    );
    const meminfo = { memTotalBytes: 1000 * limit, swapTotalBytes: 50 * page };
    const forecast = forecastOf({ survey, facts: { ...facts, meminfo } }, group);
    expect(forecast.totalBytes).toBe(limit + swapPages * page);
    expect(forecast.doubts).toEqual([]);
    const unswapped = { ...facts, meminfo, host: { ...facts.host, swappiness: 0 } };
    expect(forecastOf({ survey, facts: unswapped }, group).totalBytes).toBe(limit);
  });

  it('that cannot meet its limit has none', () => {
    const files = v2({
      '/pods/memory.max': String(limit),
      [`${group}/memory.max`]: String(2 * limit),
      '/idle/memory.max': String(limit),
      '/huge/memory.max': String(2 ** 50),
    });
    const { survey, facts } = writtenHost([...inGroup, { pid: 20, adj: 0, cgroup: '/huge' }], files);
    expect(forecastsOf(survey, facts).map(({ scope }) => ('path' in scope ? scope.path : ''))).toEqual([
      '',
      '/pods',
    ]);
  });

  it('dies as a whole with its victim, where it or one above it says so', () => {
    const files = v2({
      [`${group}/memory.max`]: String(limit),
      '/pods/memory.oom.group': '1',
      [`${group}/memory.oom.group`]: '1',
      [`${group}/b/memory.oom.group`]: '1',
    });
    const host = writtenHost(inGroup, files);
    expect(forecastOf(host, group).groupKilled).toBe(group);
    expect(forecastOf(host).groupKilled).toBe('/pods');
    const single = v2({ [`${group}/memory.max`]: String(limit), [`${group}/b/memory.oom.group`]: '0' });
    expect(forecastOf(writtenHost(inGroup, single), group).groupKilled).toBeUndefined();
  });
});

describe('one of several', () => {
  it('that count the same: the later one, and before 5.1 the earlier one', () => {
    const equal = [
      { pid: 30, adj: 0, start: 500 },
      { pid: 31, adj: 0, start: 900 },
      { pid: 29, adj: 0, start: 900 },
    ];
    const forecast = forecastOf(writtenHost(equal));
    expect(pids(forecast.candidates)).toEqual([31, 29, 30]);
    expect(forecast).toMatchObject({ marginBytes: 0, doubts: ['same-score'] });
    const before = forecastOf(writtenHost(equal, {}, { osrelease: '4.19.0' }));
    expect(pids(before.candidates)).toEqual([30, 29, 31]);
  });

  it('before 5.1: its worst child', () => {
    const family = [
      { pid: 40, adj: 0, rss: 9000 },
      { pid: 41, ppid: 40, adj: 0, rss: 50 },
      { pid: 42, ppid: 40, adj: 0, rss: 70 },
      { pid: 43, ppid: 40, adj: -1000, rss: 80 },
    ];
    expect(forecastVictimOf(forecastOf(writtenHost(family, {}, { osrelease: '4.19.0' })))?.pid).toBe(42);
    expect(forecastVictimOf(forecastOf(writtenHost(family, {}, { osrelease: '5.1.0' })))?.pid).toBe(40);
  });

  it('counts swap and page tables, and what was resident last', () => {
    const host = writtenHost([
      { pid: 50, adj: 0, rss: 1000 },
      { pid: 51, adj: 0, rss: 800, swapKib: 1000, pteKib: 40 },
    ]);
    expect(forecastOf(host).candidates.map(({ pid, heldBytes }) => [pid, heldBytes / page])).toEqual([
      [51, 1060],
      [50, 1000],
    ]);
  });

  it('of which only stat was read counts as what its parent is', () => {
    const host = writtenHost([
      { pid: 60, adj: 500, rss: 10, start: 100, cgroup: '/a' },
      { pid: 61, ppid: 60, rss: 90, start: 200 },
      { pid: 62, adj: 0, rss: 1000 },
    ]);
    const { candidates, doubts } = forecastOf(host);
    expect(candidates.map(({ pid, cgroup, oomScoreAdj }) => [pid, cgroup, oomScoreAdj])).toEqual([
      [61, '/a', 500],
      [60, '/a', 500],
      [62, '/', 0],
    ]);
    expect(doubts).toEqual(['not-all-read']);
  });

  it('holds memory at all: no thread of the kernel, nobody who has ended', () => {
    const host = writtenHost([
      { pid: 2, adj: 0, flags: 0x00200000 },
      { pid: 70, adj: 0, state: 'Z' },
      { pid: 71, adj: 0 },
    ]);
    expect(pids(forecastOf(host).candidates)).toEqual([71]);
  });
});

describe('doubts', () => {
  const some = [
    { pid: 80, adj: 0, rss: 1000 },
    { pid: 81, adj: 0, rss: 1010, uid: 0 },
    { pid: 82, adj: 0, rss: 1, name: 'earlyoom', commandLine: '/usr/bin/earlyoom -r 3600' },
  ];
  const limited = { 'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '4096000\n' };

  it.each([
    [{ panicOnOom: 1, oomKillAllocatingTask: 1 }, ['allocating-task', 'panic', 'user-space-killer']],
    [{ osrelease: '4.9.0' }, ['root-bonus', 'user-space-killer']],
    [{ osrelease: '4.18.0' }, ['user-space-killer']],
  ])('of the machine with %j', (host, doubts) => {
    expect(forecastOf(writtenHost(some, {}, host)).doubts).toEqual(doubts);
  });

  it('of a cgroup: only what is true of it', () => {
    const inside = [...some, { pid: 83, adj: 0, rss: 5, cgroup: '/a' }];
    const files = {
      ...limited,
      'sys/fs/cgroup/memory/a/memory.oom_control': 'oom_kill_disable 1\nunder_oom 0\n',
    };
    const host = (panicOnOom: number): KnownHost =>
      writtenHost(inside, files, { panicOnOom, oomKillAllocatingTask: 1 });
    expect(forecastOf(host(1), '/a').doubts).toEqual(['kill-disabled']);
    expect(forecastOf(host(2), '/a').doubts).toEqual(['panic', 'kill-disabled']);
  });

  it('where nothing is known there is no forecast', () => {
    const { survey, facts } = writtenHost([{ pid: 90 }]);
    expect(forecastsOf(survey, facts)).toEqual([]);
    const known = writtenHost(some);
    expect(forecastsOf(known.survey, { ...known.facts, meminfo: undefined })).toEqual([]);
  });
});
