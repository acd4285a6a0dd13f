import { describe, expect, it } from 'vitest';
import { insidePaths } from '../../../src/core/cgroups/inside';
import type { SurveyCapture } from '../../../src/core/survey/capture';
import { sampleOf } from '../../../src/core/sample';
import { Survey } from '../../../src/core/survey/survey';
import type { Container } from '../../../src/core/containers/container';
import { joinContainers } from '../../../src/core/containers/joinContainers';
import type { ContainerList } from '../../../src/monitor/docker/containerApi';
import type { Moment } from '../../../src/monitor/moments';
import type { FactView, GroupRow, ProcessesView, ProcessQuery, SurveyView } from '../../../src/protocol';
import { currentSurveyOf, surveyViewOf } from '../../../src/ui/surveyView';
import { details, kernelFlags, slice, stats } from '../core/processes/slices';
import { english } from '../../../src/core/translate';

const meminfo = `MemTotal: 1000 kB
MemFree: 250 kB
Buffers: 10 kB
Cached: 300 kB
Shmem: 50 kB
AnonPages: 300 kB
Slab: 100 kB
SReclaimable: 60 kB
Mapped: 30 kB
`;

function momentOf(hostUptimeMs = 100_000, bootId = 'boot'): Moment {
  const sample = sampleOf({
    bootId,
    clock: 'asked',
    seq: 1,
    hostUptimeMs,
    askedAtMs: 0,
    receivedAtMs: 1,
    text: { 'proc/meminfo': meminfo },
    unreadable: [],
  });
  return {
    sample,
    facts: { problems: {}, pageSizeBytes: 4096 },
    wallMs: 0,
    wireBytes: 0,
  };
}

function surveyOf(...slices: readonly SurveyCapture[]): Survey {
  const survey = new Survey('boot', 4096);
  for (const one of slices) survey.add(one);
  return survey;
}

/** The files that tell the view from inside come together; those that are not there cannot be read. */
function insideCapture(texts: Readonly<Record<string, string>>): Partial<SurveyCapture> {
  const unreadable = insidePaths.map(({ path }) => path).filter((path) => !Object.hasOwn(texts, path));
  return { text: texts, unreadable };
}

const container = `/system.slice/docker-${'4f'.repeat(32)}.scope`;

/** One process of a container with a limit, and one thread of the kernel. */
function usualSurvey(): Survey {
  const files = {
    ...details(7, 8),
    'proc/7/cgroup': `0::${container}\n`,
    'proc/7/status':
      'Uid:\t1000\t1000\t1000\t1000\nRssAnon:\t300 kB\nRssFile:\t90 kB\nRssShmem:\t10 kB\nVmSwap:\t8 kB\nVmPTE:\t48 kB\nNSpid:\t7\t1\n',
  };
  return surveyOf(
    slice(90, {
      pids: [2, 7],
      text: {
        ...stats({ 2: { name: 'kswapd0', flags: kernelFlags, rss: 0, stime: 100 }, 7: { rss: 90 } }),
        ...files,
        'etc/passwd': 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n',
      },
    }),
    slice(100, {
      pids: [2, 7],
      cgroups: [container, '/system.slice', '/'],
      text: {
        ...stats({
          2: { name: 'kswapd0', flags: kernelFlags, rss: 0, stime: 400 },
          7: { rss: 100, utime: 50, majflt: 20 },
        }),
        [`sys/fs/cgroup${container}/memory.current`]: '500000\n',
        [`sys/fs/cgroup${container}/memory.max`]: 'max\n',
        [`sys/fs/cgroup${container}/memory.stat`]: 'anon 300000\nfile 150000\ninactive_file 100000\n',
        [`sys/fs/cgroup${container}/memory.swap.current`]: '8192\n',
        [`sys/fs/cgroup${container}/memory.events`]: 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n',
        'sys/fs/cgroup/system.slice/memory.current': '700000\n',
        'sys/fs/cgroup/system.slice/memory.max': '800000\n',
      },
    }),
  );
}

describe('the processes of a host', () => {
  it('are told with what they take, who started them and whom they belong to', () => {
    const { processes } = surveyViewOf({ latest: momentOf(), survey: usualSurvey(), surveys: true }, english);
    expect(processes).toEqual({
      note: '',
      filter: '',
      rows: [
        {
          pid: 7,
          startTicks: 1000,
          name: 'app',
          commandLine: '/usr/bin/app --pid 7',
          user: 'ann',
          memoryBytes: 409_600,
          split: [307_200, 92_160, 10_240],
          swapBytes: 8192,
          growthBytesPerMinute: 245_760,
          majorFaultsPerSecond: 2,
          processorPercent: 5,
          oomScore: 667,
          oomScoreAdj: -250,
          owner: 'Docker container 4f4f4f4f4f4f',
          pss: {},
          facts: [
            ['Page tables', '48.0 KiB'],
            ['Threads', '1'],
            ['State', 'sleeping'],
            ['Started', '1 min 30 s ago'],
            ['Read', 'just now'],
            ['Pid in its container', '1'],
            ['Memory cgroup', container],
          ],
          actions: ['terminate-process', 'kill-process'],
        },
        {
          pid: 2,
          startTicks: 1000,
          name: '[kswapd0]',
          user: 'root',
          memoryBytes: 0,
          growthBytesPerMinute: 0,
          majorFaultsPerSecond: 0,
          processorPercent: 30,
          owner: 'kernel',
          facts: [
            ['Threads', '1'],
            ['State', 'sleeping'],
            ['Started', '1 min 30 s ago'],
            ['Read', 'just now'],
          ],
          actions: [],
        },
      ],
    });
  });

  it('are the first ten by each order, each once', () => {
    const figures = Array.from({ length: 60 }, (_, index) => [
      index + 1,
      { rss: index < 20 ? 1000 + index : 1, majflt: index >= 20 && index < 40 ? index : 0, utime: 0 },
    ]) as [number, { rss: number; majflt: number; utime: number }][];
    const before = Object.fromEntries(figures.map(([pid]) => [pid, { rss: 1, majflt: 0, utime: 0 }]));
    const now = Object.fromEntries(
      figures.map(([pid, some]) => [pid, { ...some, utime: pid > 40 ? pid : 0 }]),
    );
    const pids = figures.map(([pid]) => pid);
    const survey = surveyOf(slice(10, { pids, text: stats(before) }), slice(20, { pids, text: stats(now) }));
    const { rows } = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).processes;
    const told = rows.map(({ pid }) => pid).sort((one, other) => one - other);
    const tens = [11, 31, 51].flatMap((first) => Array.from({ length: 10 }, (_, index) => first + index));
    expect(told).toEqual(tens);
  });

  it('may call themselves anything: it is cut and cleaned', () => {
    const survey = surveyOf(
      slice(10, {
        pids: [7],
        text: {
          ...stats({ 7: { name: '\u001b[31m<b>\u202e' } }),
          ...details(7),
          'proc/7/cmdline': `x\0${'<script>'.repeat(60)}`,
          'proc/7/cgroup': `0::/${'a'.repeat(5000)}\n`,
        },
      }),
    );
    const [row] = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).processes.rows;
    expect(row?.name).toBe('?[31m<b>?');
    expect(row?.commandLine).toHaveLength(240);
    expect(row?.commandLine?.endsWith('…')).toBe(true);
    expect(row?.owner?.length).toBeLessThan(100);
    // eslint-disable-next-line no-control-regex -- just those are meant
    expect(JSON.stringify(row)).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(JSON.stringify(row).length).toBeLessThan(1500);
  });
});

describe('processes that a page asks for', () => {
  const told = (query: Partial<ProcessQuery>): ProcessesView => {
    const wishes = {
      query: { filter: '', order: 'memory', tree: false, ...query } as const,
      pssOf: (bootId: string, { pid, starttimeTicks }: { pid: number; starttimeTicks: number }) => ({
        text: `${bootId} ${pid} ${starttimeTicks}`,
      }),
    };
    const known = { latest: momentOf(), survey: usualSurvey(), surveys: true };
    return surveyViewOf(known, english, wishes).processes;
  };

  it.each([
    ['their names', 'KSWAPD', [2]],
    ['their command lines', '--pid', [7]],
    ['their users', 'ann', [7]],
    ['their owners', 'docker 4f4f', [7]],
    ['their pids', '7', [7]],
    ['nothing that they have', 'ann kswapd', []],
  ])('are found by %s', (_, filter, pids) => {
    const { rows, matching, ...rest } = told({ filter });
    expect([rows.map(({ pid }) => pid), matching, rest.filter]).toEqual([pids, pids.length, filter]);
  });

  it('are told with their parents, and with what was measured', () => {
    const { rows } = told({ tree: true });
    expect(rows.map(({ pid, parentPid, pss }) => [pid, parentPid, pss])).toEqual([
      [7, undefined, { text: 'boot 7 1000' }], // their parent, 1, was not read
      [2, undefined, undefined], // a thread of the kernel has no memory
    ]);
  });
});

describe('the age of what is shown', () => {
  const at = (hostUptimeMs: number): SurveyView =>
    surveyViewOf({ latest: momentOf(hostUptimeMs), survey: usualSurvey(), surveys: true }, english);

  it('is told of each row, and of all where one is more than 30 s old', () => {
    const ages = (view: SurveyView): unknown => {
      const readOf = (rows: readonly { readonly facts: readonly FactView[] }[]): unknown =>
        rows.map(({ facts }) => facts.find(([label]) => label === 'Read')?.[1]);
      return [view.processes, view.groups].map(({ note, rows }) => [note, readOf(rows)]);
    };
    expect(ages(at(130_000))).toEqual([
      ['', ['30 s ago', '30 s ago']],
      ['', ['30 s ago']],
    ]);
    const note = 'Some of these figures are up to 1 min 40 s old.';
    expect(ages(at(200_000))).toEqual([
      [note, ['1 min 40 s ago', '1 min 40 s ago']],
      [note, ['1 min 40 s ago']],
    ]);
  });

  it('is that of the oldest row, and is told beside what else is to be said', () => {
    const survey = surveyOf(
      slice(10, { pids: [1, 2], text: stats({ 1: {} }) }),
      slice(90, { text: stats({ 2: {} }) }),
    );
    const { processes } = surveyViewOf({ latest: momentOf(), survey, surveys: false }, english);
    expect(processes.note).toBe(
      'Not read any more: the part of the program that reads it has ended. Some of these figures are up to 1 min 30 s old.',
    );
  });

  it('decides whether the size of a process is that of its stat or of its status', () => {
    const status = 'Uid:\t0\t0\t0\t0\nRssAnon:\t300 kB\nRssFile:\t90 kB\nRssShmem:\t10 kB\n';
    const early = slice(10, { pids: [7], text: stats({ 7: { rss: 50 } }) });
    const later = slice(20, { text: { 'proc/7/status': status } });
    const memoryOf = (...slices: readonly SurveyCapture[]): number | undefined =>
      surveyViewOf({ latest: momentOf(), survey: surveyOf(...slices), surveys: true }, english).processes
        .rows[0]?.memoryBytes;
    expect(memoryOf(early)).toBe(50 * 4096);
    expect(memoryOf(early, later)).toBe(400 * 1024);
    expect(memoryOf(early, later, slice(30, { text: stats({ 7: { rss: 60 } }) }))).toBe(60 * 4096);
  });

  it('is not told of a start that lies ahead, or is counted from another boot than the uptime', () => {
    const startedOf = (start: number, files: Readonly<Record<string, string>> = {}): unknown => {
      const survey = surveyOf(
        slice(10, { pids: [7], text: stats({ 7: { start } }) }),
        slice(11, insideCapture(files)),
      );
      const [row] = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).processes.rows;
      return row?.facts.find(([label]) => label === 'Started');
    };
    const lxcfs = { 'proc/mounts': 'lxcfs /proc/meminfo fuse.lxcfs rw 0 0\n' };
    expect(startedOf(1000)).toEqual(['Started', '1 min 30 s ago']);
    expect(startedOf(1000, { '.dockerenv': '' })).toEqual(['Started', '1 min 30 s ago']);
    expect(startedOf(1000, lxcfs)).toBeUndefined();
    expect(startedOf(10_001)).toBeUndefined();
  });
});

describe('a survey of a boot before', () => {
  it('is none', () => {
    const known = { latest: momentOf(5000, 'next'), surveys: true };
    expect(surveyViewOf({ ...known, survey: usualSurvey() }, english)).toEqual(
      surveyViewOf({ ...known, survey: undefined }, english),
    );
    expect(currentSurveyOf({ ...known, survey: usualSurvey() })).toBeUndefined();
    const survey = usualSurvey();
    expect(currentSurveyOf({ latest: momentOf(), survey })).toBe(survey);
  });
});

describe('what is said where there is nothing to show yet', () => {
  const none = { latest: undefined, survey: undefined };
  const noteOf = (surveys: boolean | undefined, survey?: Survey): string =>
    surveyViewOf({ ...none, surveys, survey }, english).processes.note;

  it('tells why', () => {
    expect(surveyViewOf({ ...none, surveys: undefined }, english)).toEqual({
      processes: { note: 'Not read yet: there is no connection.', filter: '', rows: [] },
      groups: { note: 'Not read yet: there is no connection.', rows: [] },
    });
    expect(noteOf(false)).toContain('takes awk on the host');
    expect(noteOf(true)).toBe('The processes of this host are being read.');
    expect(noteOf(false, usualSurvey())).toContain('has ended');
  });

  it('counts the first time through all processes, and no later one', () => {
    const pids = [1, 2, 3];
    const first = slice(10, { pids, left: 2, text: stats({ 1: {} }) });
    expect(noteOf(true, surveyOf(first))).toBe('The processes of this host are being read: 1 of 3.');
    const rest = slice(11, { text: stats({ 2: {}, 3: {} }) });
    expect(noteOf(true, surveyOf(first, rest))).toBe('');
    const again = slice(20, { pids: [...pids, 4], left: 4 });
    expect(noteOf(true, surveyOf(first, rest, again))).toBe('');
  });

  it('waits for groups as long as there are processes whose group is not known', () => {
    const [pids, text] = [[1], stats({ 1: {} })];
    const groupsNote = (...slices: readonly SurveyCapture[]): string =>
      surveyViewOf({ ...none, surveys: true, survey: surveyOf(...slices) }, english).groups.note;
    expect(groupsNote(slice(10, { pids, text }))).toContain('are being read');
    expect(groupsNote(slice(10, { pids, text: { ...text, ...details(1) } }))).toContain('was found');
  });
});

describe('the containers and units of a host', () => {
  it('are told with the limit that holds, whose ever it is', () => {
    const { groups } = surveyViewOf({ latest: momentOf(), survey: usualSurvey(), surveys: true }, english);
    expect(groups).toEqual({
      note: '',
      rows: [
        {
          id: container,
          kind: 'Docker container',
          name: '4f4f4f4f4f4f',
          workingSetBytes: 400_000,
          limitBytes: 800_000,
          limitOf: 'slice system.slice',
          limitPercent: 87.5,
          swapBytes: 8192,
          anonBytes: 300_000,
          fileBytes: 150_000,
          oomKills: 1,
          facts: [
            ['docker stats', '391 KiB (39 %)'],
            ['With all page cache', '488 KiB'],
            ['Met its limit', '3 times'],
            ['Met its limit since it is watched', '0 times'],
            ['OOM kills since it is watched', '0'],
            ['Watched for', '0 ms'],
            ['Read', 'just now'],
            ['Cgroup', container],
          ],
          target: { kind: 'container', id: '4f'.repeat(32) },
          // Nobody has told of its runtime: what only its API does is not offered.
          actions: ['freeze-containers', 'thaw-containers', 'kill-containers'],
        },
      ],
    });
  });

  it('go by the names that their runtime tells, whatever these are', () => {
    const name = '<b>$(reboot)\u001b[31m\u202e';
    const [id, image] = ['4f'.repeat(32), 'app'];
    const told = { id, name, image, state: 'running', status: 'Up', limits: {}, labels: {} } as const;
    const one: Container = { ...told, restartPolicy: { name: 'always' }, composeProject: 'shop' };
    const containerList = { containers: [one], cut: false, askedAtMs: 0, readAtMs: 0 };
    const known = { latest: momentOf(), survey: usualSurvey(), surveys: true, containerList };
    const { groups, processes } = surveyViewOf(known, english);
    const [project] = groups.rows;
    expect(project?.name).toBe('shop');
    const [row] = project?.members ?? [];
    expect(row?.name).toBe('<b>$(reboot)');
    expect(row?.facts).toEqual(
      expect.arrayContaining([
        ['Image', 'app'],
        ['Compose', 'shop'],
        ['Restart policy', 'always'],
      ]),
    );
    expect(row?.actions).toEqual([
      'freeze-containers',
      'thaw-containers',
      'stop-containers',
      'kill-containers',
      'restart-containers',
      'set-memory-limit',
      'disable-restart-policy',
    ]);
    expect(processes.rows.find(({ pid }) => pid === 7)?.owner).toBe('Docker container <b>$(reboot)');
    const others = surveyViewOf(
      { ...known, containerList: { ...containerList, containers: [{ ...one, id: 'aa'.repeat(32) }] } },
      english,
    );
    expect(others.groups.rows[0]?.name).toBe('4f4f4f4f4f4f');
  });

  const containerId = (digit: string): string => digit.repeat(64);

  const shopOf = (id: string, restartCount: number): Container => ({
    ...{
      id,
      name: `shop-${id.slice(0, 1)}`,
      image: 'app',
      state: 'running',
      status: 'Up',
      limits: {},
      labels: {},
    },
    ...{ composeProject: 'shop', restartPolicy: { name: 'always' }, restartCount },
  });

  it('stand by compose project with the sums, containers before units', () => {
    const ids = ['a', 'b', 'c'].map(containerId);
    const paths = ids.map((id) => `/docker/${id}`);
    const unit = '/system.slice/big.service';
    const read = (at: number, growth: number): SurveyCapture =>
      slice(at, {
        pids: [],
        cgroups: [...paths, unit],
        text: Object.fromEntries(
          [...paths, unit].flatMap((path, index) => [
            [`sys/fs/cgroup${path}/memory.current`, `${[300, 500, 700, 9000][index] ?? 0}${growth}00\n`],
            [`sys/fs/cgroup${path}/memory.swap.current`, '4096\n'],
            [
              `sys/fs/cgroup${path}/memory.stat`,
              `anon 200\nfile 100\nkernel 10\npgmajfault ${growth * 20}\n`,
            ],
            [`sys/fs/cgroup${path}/memory.events`, `oom_kill ${index + 1}\n`],
          ]),
        ),
      });
    const survey = surveyOf(read(90, 0), read(100, 1));
    const containers = ids.slice(0, 2).map((id, index) => shopOf(id, index + 1));
    const containerList = { containers, cut: false, askedAtMs: 0, readAtMs: 0 };
    const { rows } = surveyViewOf(
      { latest: momentOf(), survey, surveys: true, containerList },
      english,
    ).groups;
    expect(rows.map(({ name, members }) => [name, members?.map((one) => one.name)])).toEqual([
      ['shop', ['shop-b', 'shop-a']],
      ['cccccccccccc', undefined],
      ['big.service', undefined],
    ]);
    const { id, kind, name, members, ...sums } = rows[0] ?? {};
    expect([id, kind, name, members?.length]).toEqual([
      'compose shop',
      'Compose project, 2 containers',
      'shop',
      2,
    ]);
    expect(sums).toEqual({
      workingSetBytes: 800_200,
      anonBytes: 400,
      fileBytes: 200,
      kernelBytes: 20,
      swapBytes: 8192,
      growthBytesPerMinute: 1200,
      majorFaultsPerSecond: 4,
      oomKills: 3,
      restarts: 3,
      facts: [],
      actions: [],
    });
    expect(members?.[0]).toMatchObject({
      workingSetBytes: 500_100,
      growthBytesPerMinute: 600,
      majorFaultsPerSecond: 2,
      oomKills: 2,
      restarts: 2,
    });
  });

  it('are the thirty largest containers and ten others; a project counts those that are not shown too', () => {
    const containers = Array.from(
      { length: 40 },
      (_, index) => `/docker/${index.toString(16).padStart(64, '0')}`,
    );
    const units = Array.from({ length: 15 }, (_, index) => `/system.slice/u${index}.service`);
    const cgroups = [...containers, ...units];
    const text = Object.fromEntries(
      cgroups.map((path, index) => [`sys/fs/cgroup${path}/memory.current`, `${1000 + index}\n`]),
    );
    const survey = surveyOf(slice(10, { pids: [], cgroups, text }));
    const containerList = {
      containers: [shopOf('0'.repeat(64), 0), shopOf(`${'0'.repeat(62)}27`, 0)], // the smallest and the largest
      cut: false,
      askedAtMs: 0,
      readAtMs: 0,
    };
    const { note, rows } = surveyViewOf(
      { latest: momentOf(20_000), survey, surveys: true, containerList },
      english,
    ).groups;
    expect(note).toBe('10 more containers, smaller ones, are not shown.');
    expect(rows).toHaveLength(30 + 10);
    const [project] = rows;
    expect(project).toMatchObject({
      name: 'shop',
      kind: 'Compose project, 2 containers',
      workingSetBytes: 2039,
    });
    expect(project?.members).toHaveLength(1);
    expect(rows.at(-1)?.name).toBe('u5.service');
  });

  describe('that only the API tells of', () => {
    const listOf = (...containers: readonly Container[]): ContainerList => ({
      containers,
      cut: false,
      askedAtMs: 0,
      readAtMs: 0,
    });
    const survey = (memory: Readonly<Record<string, string>>): Survey => {
      const text = Object.fromEntries(
        Object.entries(memory).map(([path, bytes]) => [`sys/fs/cgroup${path}/memory.current`, `${bytes}\n`]),
      );
      return surveyOf(slice(10, { pids: [], cgroups: Object.keys(memory), text }));
    };
    const told = (
      known: { survey: Survey | undefined; surveys: boolean },
      list: ContainerList,
    ): GroupRow[] => {
      const view = surveyViewOf({ latest: momentOf(20_000), containerList: list, ...known }, english);
      return [...view.groups.rows];
    };

    it('have a row with their name and actions, and no figure that nobody knows', () => {
      const lone: Container = { ...shopOf(containerId('d'), 2), name: 'lone' };
      delete (lone as { composeProject?: string }).composeProject;
      const [row] = told({ survey: undefined, surveys: false }, listOf(lone));
      expect(row).toEqual({
        id: `container ${containerId('d')}`,
        kind: 'container',
        name: 'lone',
        restarts: 2,
        facts: [
          ['Image', 'app'],
          ['Status', 'Up'],
          ['Restart policy', 'always'],
          ['Cgroup', 'not read: what it uses is not known'],
        ],
        target: { kind: 'container', id: containerId('d') },
        actions: expect.arrayContaining(['kill-containers', 'stop-containers']) as unknown,
      });
    });

    it('come after those whose memory is known, and are counted in their project without adding to its sums', () => {
      const read = `/docker/${containerId('a')}`;
      const rows = told(
        { survey: survey({ [read]: '500', '/system.slice/app.service': '900' }), surveys: true },
        listOf(shopOf(containerId('b'), 1), shopOf(containerId('a'), 2)),
      );
      expect(rows.map(({ name }) => name)).toEqual(['shop', 'app.service']);
      expect(rows[0]).toMatchObject({
        kind: 'Compose project, 2 containers',
        workingSetBytes: 500,
        restarts: 3,
      });
      expect(rows[0]?.members?.map(({ name }) => name)).toEqual(['shop-a', 'shop-b']);
    });

    it('are not told twice where the API tells the beginning of an id, nor hidden where they use nothing', () => {
      const rows = told(
        { survey: survey({ [`/docker/${containerId('a')}`]: '0' }), surveys: true },
        listOf({ ...shopOf(containerId('a').slice(0, 12), 0), name: 'short' }),
      );
      expect(rows[0]?.members?.map(({ name, workingSetBytes }) => [name, workingSetBytes])).toEqual([
        ['short', 0],
      ]);
      expect(rows).toHaveLength(1);
    });

    it('are told to be left out where there are too many', () => {
      const many = Array.from({ length: 32 }, (_, index) => shopOf(index.toString(16).padStart(64, 'e'), 0));
      const { groups } = surveyViewOf(
        { latest: momentOf(), survey: survey({}), surveys: true, containerList: listOf(...many) },
        english,
      );
      expect(groups.rows[0]?.members).toHaveLength(30);
      expect(groups.note).toContain('2 more containers, smaller ones or of unknown size, are not shown.');
    });

    it('are said to be being read while they may be', () => {
      const noteOf = (one: SurveyCapture): string =>
        surveyViewOf(
          {
            latest: momentOf(20_000),
            survey: surveyOf(one),
            surveys: true,
            containerList: listOf(shopOf(containerId('a'), 0)),
          },
          english,
        ).groups.note;
      const text = stats({ 1: {} });
      expect(noteOf(slice(10, { pids: [1], text }))).toBe(
        'The containers and units of this host are being read.',
      );
      expect(noteOf(slice(10, { pids: [1], text: { ...text, ...details(1) } }))).toBe('');
    });

    it('are as many as the tree of containers shows', () => {
      const list = listOf(shopOf(containerId('a'), 0), shopOf(containerId('c'), 0));
      const read = survey({ [`/docker/${containerId('a')}`]: '7', [`/docker/${containerId('b')}`]: '0' });
      const idsOf = ({ target, members = [] }: GroupRow): string[] => [
        ...(target?.kind === 'container' ? [target.id] : []),
        ...members.flatMap(idsOf),
      ];
      const inTable = told({ survey: read, surveys: true }, list).flatMap(idsOf);
      const inTree = joinContainers(list.containers, read.cgroups.all).map(({ id }) => id);
      expect(inTable.sort()).toEqual([...inTree].sort());
    });
  });

  it.each([
    ['its own', { 'memory.max': '400000\n' }, { limitBytes: 400_000, limitPercent: 50 }],
    ['none', { 'memory.max': 'max\n' }, { limitBytes: 'none' }],
    ['one that is not known', {}, {}],
  ])('have a limit: %s', (_, files, limit) => {
    const path = '/app.service'; // version 2 has no file that limits the root
    const all = { 'memory.current': '200000\n', ...files };
    const text = Object.fromEntries(
      Object.entries(all).map(([name, value]) => [`sys/fs/cgroup${path}/${name}`, value]),
    );
    const survey = surveyOf(slice(10, { pids: [], cgroups: [path], text }));
    const [row] = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).groups.rows;
    const { limitBytes, limitOf, limitPercent } = row ?? {};
    expect({ limitBytes, limitOf, limitPercent }).toEqual({ limitOf: undefined, ...limit });
  });

  /** Groups of version 2 by path, with what their files hold; the root has none. */
  const rowsOf = (
    groups: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): readonly GroupRow[] => {
    const text = Object.fromEntries(
      Object.entries(groups).flatMap(([path, files]) =>
        Object.entries(files).map(([name, value]) => [`sys/fs/cgroup${path}/${name}`, `${value}\n`]),
      ),
    );
    const survey = surveyOf(slice(100, { pids: [], cgroups: Object.keys(groups), text }));
    return surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).groups.rows;
  };

  it.each([
    [
      'its own, which is used more',
      { max: '200', current: '190' },
      { max: '1000', current: '900' },
      [200, 95],
    ],
    [
      'that of the slice, though its own is less',
      { max: '200', current: '100' },
      { max: '1000', current: '900' },
      [1000, 90, 'slice a.slice'],
    ],
    [
      'the least, where its group does not tell what it uses',
      { max: '1000', current: '100' },
      { max: '200' },
      [200, undefined, 'slice a.slice'],
    ],
    ['nothing at all, of which there is no share', { max: '0', current: '100' }, {}, [0]],
  ])('have a limit that is nearest to being met: %s', (_, own, above, expected) => {
    const files = ({ max, current }: { max?: string; current?: string }): Record<string, string> => ({
      ...(max !== undefined && { 'memory.max': max }),
      ...(current !== undefined && { 'memory.current': current }),
    });
    const [row] = rowsOf({ '/a.slice/app.service': files(own), '/a.slice': files(above) });
    const { limitBytes, limitPercent, limitOf } = row ?? {};
    const [bytes, percent, whose] = expected;
    expect({ limitBytes, limitPercent, limitOf }).toEqual({
      limitBytes: bytes,
      limitPercent: percent,
      limitOf: whose,
    });
  });

  it('have a limit of a group that cannot be seen, and no share of it', () => {
    const folder = 'sys/fs/cgroup/memory/app.service';
    const text = {
      [`${folder}/memory.usage_in_bytes`]: '200000\n',
      [`${folder}/memory.limit_in_bytes`]: '800000\n',
      [`${folder}/memory.stat`]: 'total_rss 1000\nhierarchical_memory_limit 400000\n',
    };
    const survey = surveyOf(slice(100, { pids: [], cgroups: ['/app.service'], text }));
    const { rows } = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).groups;
    expect(rows.map(({ limitBytes, limitOf, limitPercent }) => [limitBytes, limitOf, limitPercent])).toEqual([
      [400_000, 'a group outside of this host', undefined],
    ]);
  });

  it('count what happened since they were made, and since they are watched', () => {
    const path = '/app.service';
    const read = (at: number, max: number, kills: number): SurveyCapture =>
      slice(at, {
        cgroups: [path],
        text: {
          [`sys/fs/cgroup${path}/memory.current`]: '1024\n',
          [`sys/fs/cgroup${path}/memory.events`]: `max ${max}\noom_kill ${kills}\n`,
        },
      });
    const survey = surveyOf(read(80, 7, 2), read(90, 9, 5));
    const { rows } = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).groups;
    expect(rows).toEqual([
      {
        id: path,
        kind: 'unit',
        name: 'app.service',
        workingSetBytes: 1024,
        growthBytesPerMinute: 0,
        oomKills: 5,
        facts: [
          ['With all page cache', '1.0 KiB'],
          ['Met its limit', '9 times'],
          ['Met its limit since it is watched', '2 times'],
          ['OOM kills since it is watched', '3'],
          ['Watched for', '20 s'],
          ['Read', '10 s ago'],
          ['Cgroup', path],
        ],
        actions: [],
      },
    ]);
  });

  it('are not shown where they only hold others that are', () => {
    const current = (bytes: number): Record<string, string> => ({ 'memory.current': String(bytes) });
    const manager = '/user.slice/user-1000.slice/user@1000.service';
    const rows = rowsOf({
      '/docker': current(900),
      [`/docker/${'4f'.repeat(32)}`]: current(800),
      '/kubepods': current(700), // what it holds was not read
      [manager]: current(600),
      [`${manager}/app.slice/editor.service`]: current(500),
      '/user.slice/user-1001.slice/user@1001.service': current(400),
      '/lone': current(300),
      '/lone/empty': current(0),
      '/system.slice/app.service': current(200),
      [`/system.slice/app.service/${'5e'.repeat(32)}`]: current(100), // a unit has processes of its own
    });
    expect(rows.map(({ id }) => id)).toEqual([
      `/docker/${'4f'.repeat(32)}`,
      `/system.slice/app.service/${'5e'.repeat(32)}`,
      '/kubepods',
      `${manager}/app.slice/editor.service`,
      '/user.slice/user-1001.slice/user@1001.service',
      '/lone',
      '/system.slice/app.service',
    ]);
  });

  it('are each shown once, by the outermost group, and pods only where their containers are not known', () => {
    const uid = '0123456789abcdef0123456789abcdef';
    const pod = `/kubepods/burstable/pod${uid}`;
    const alone = `/kubepods/besteffort/podfedcba9876543210fedcba9876543210`;
    const ofPod = `${pod}/${'a1'.repeat(32)}`;
    const cgroups = [container, `${container}/init.scope`, pod, ofPod, alone, '/user.slice', '/'];
    const text = Object.fromEntries(
      cgroups.map((path, index) => [
        `sys/fs/cgroup${path === '/' ? '' : path}/memory.current`,
        `${(10 - index) * 1000}\n`,
      ]),
    );
    const survey = surveyOf(slice(10, { pids: [], cgroups, text }));
    const { rows } = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english).groups;
    expect(rows.map(({ id, kind }) => [id, kind])).toEqual([
      [container, 'Docker container'],
      [ofPod, 'container'],
      [alone, 'pod'],
    ]);
  });
});

describe('the ledger of a host', () => {
  it('is told from its latest sample, survey or not', () => {
    const { ledger } = surveyViewOf({ latest: momentOf(), survey: undefined, surveys: false }, english);
    expect(ledger?.totalBytes).toBe(1_024_000);
    expect(ledger?.lines.map(({ id, bytes, percent }) => [id, bytes, percent])).toEqual([
      ['programs', 307_200, 30],
      ['page-cache', 266_240, 26],
      ['shared', 51_200, 5],
      ['kernel', 102_400, 10],
      ['not-accounted', 40_960, 4],
      ['free', 256_000, 25],
    ]);
    expect(ledger?.lines[1]?.parts.map(({ id, bytes, percent }) => [id, bytes, percent])).toEqual([
      ['file-pages', 256_000, 25],
      ['buffers', 10_240, 1],
    ]);
    expect(ledger?.views.map(({ id, remarks }) => [id, remarks])).toEqual([
      ['mapped', ['Counted in: Files, Shared memory and tmpfs']],
    ]);
    expect(ledger?.lines[4]?.remarks.join()).toContain('Drivers: ');
    expect(ledger?.notes).toEqual([]);
  });

  it('is told of a monitor, whose facts are getters', () => {
    class Monitor {
      get latest(): Moment {
        return momentOf();
      }
      get survey(): Survey {
        return usualSurvey();
      }
      readonly surveys = true;
    }
    const { ledger, processes } = surveyViewOf(new Monitor(), english);
    expect(ledger?.totalBytes).toBe(1_024_000);
    expect(processes.rows.length).toBeGreaterThan(0);
  });

  it('says so where the host is itself a container, with both numbers', () => {
    const inside = {
      'sys/fs/cgroup/cgroup.controllers': 'memory\n',
      'sys/fs/cgroup/cgroup.events': 'populated 1\nfrozen 0\n',
      'sys/fs/cgroup/memory.max': '512000\n',
      'sys/fs/cgroup/memory.current': '300000\n',
      'sys/fs/cgroup/memory.stat': 'anon 100000\ninactive_file 44000\n',
      '.dockerenv': '',
    };
    const survey = surveyOf(slice(10, insideCapture(inside)));
    const { ledger } = surveyViewOf({ latest: momentOf(), survey, surveys: true }, english);
    expect(ledger?.notes).toEqual([
      'This host is itself a Docker container. It may use 500 KiB and uses 250 KiB (50 %) of it. The machine under it has 1000 KiB.',
      'The lines below are those of the whole machine: most of it may belong to others.',
    ]);
  });
});
