import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../../src/core/oom/event';
import type { LogRecord } from '../../../../../src/core/oom/logRecord';
import { UserSpaceKillers } from '../../../../../src/core/oom/userSpaceKillers/userSpaceKillers';

const mib = 1024 * 1024;
const container = '4f3c2a1b0d9e4f3c2a1b0d9e4f3c2a1b0d9e4f3c2a1b0d9e4f3c2a1b0d9e4f3c';

/** What remains when a later telling replaces an earlier one of the same id, and which records were taken. */
function read(records: readonly LogRecord[]): { events: OomEvent[]; taken: boolean[] } {
  const told = new Map<string, OomEvent>();
  const killers = new UserSpaceKillers((event) => told.set(event.id, event));
  const taken = records.map((record) => killers.take(record));
  killers.end();
  return { events: [...told.values()], taken };
}

/** Lines of a program's log in the journal, a second apart. */
function journal(identifier: string, ...lines: readonly string[]): LogRecord[] {
  return lines.map((text, index) => ({
    text,
    identifier,
    wallMs: Date.UTC(2026, 10, 22, 21, 33, index),
    fromKernel: false,
  }));
}

/** Lines as they come from a program itself. */
function nameless(...lines: readonly string[]): LogRecord[] {
  return lines.map((text) => ({ text, fromKernel: true }));
}

const at = Date.UTC(2026, 10, 22, 21, 33, 0);

describe('systemd-oomd', () => {
  const pressure =
    'Killed /user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope due to memory pressure for /user.slice/user-1000.slice/user@1000.service being 66.05% > 50.00% for > 20s with reclaim activity';

  it('kills a group under memory pressure', () => {
    expect(read(journal('systemd-oomd', pressure)).events).toEqual([
      {
        kind: 'systemd-oomd',
        id: `systemd-oomd-${at}-/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope`,
        wallMs: at,
        scope: 'memcg',
        cgroup: {
          limit: '/user.slice/user-1000.slice/user@1000.service',
          task: '/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope',
        },
        victims: [],
        outcome: 'killed',
        reason:
          'memory pressure for /user.slice/user-1000.slice/user@1000.service being 66.05% > 50.00% for > 20s with reclaim activity',
        complete: true,
        missing: [],
      },
    ]);
  });

  it('kills for swap, in the older and the newer wording', () => {
    const { events } = read(
      journal(
        'systemd-oomd',
        'Killed /system.slice/httpd.service due to memory used (32305733632) / total (33046536192) and swap used (8000000000) / total (8589930496) being more than 90.00%',
        'Killed /system.slice/b.service due to swap used (2000000) / total (2097148) being more than 90.00%',
      ),
    );
    expect(events).toMatchObject([
      { scope: 'global', cgroup: { task: '/system.slice/httpd.service' } },
      { scope: 'global', cgroup: { task: '/system.slice/b.service' } },
    ]);
  });

  it('marks a group for killing, in newer versions', () => {
    const marked = pressure.replace('Killed ', 'Marked ').replace(' due to ', ' for killing due to ');
    const { events } = read(journal('systemd-oomd', marked));
    expect(events).toEqual(read(journal('systemd-oomd', pressure)).events);
    expect(read(nameless(marked)).events).toHaveLength(1);
  });

  it('is known without its name by the whole shape only', () => {
    expect(read(nameless(pressure)).events).toHaveLength(1);
    expect(
      read(nameless('Killed /x due to memory pressure', 'Killed /x', 'Killed /x due to y')).events,
    ).toEqual([]);
  });

  it('is not what others say of it', () => {
    const quotes = [
      ...journal('systemd', 'app-x.scope: systemd-oomd killed 12 process(es) in this unit.', pressure),
      ...journal('kubelet', pressure),
      ...journal(
        'systemd-oomd',
        'Considered 145 cgroups for killing, top candidates were:',
        '\tPath: /system.slice/a.service',
        'Swap Usage: 477.8M',
      ),
    ];
    expect(read(quotes)).toEqual({ events: [], taken: quotes.map(() => false) });
  });

  it('says that the path is missing where the line was cut', () => {
    expect(read(journal('systemd-oomd', 'Killed /user.slice/user-1000.slice/us')).events).toMatchObject([
      { victims: [], complete: false, missing: ['scope', 'cgroup'] },
    ]);
  });
});

describe('earlyoom', () => {
  const low = [
    'mem avail:    94 of   972 MiB ( 9.73%), swap free:    0 of    0 MiB ( 0.00%)',
    'low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%',
  ];

  it('sends SIGTERM and says why', () => {
    const { events } = read(
      journal(
        'earlyoom',
        ...low,
        'sending SIGTERM to process 1355 uid 0 "jupyter-noteboo": badness 888, VmRSS 323 MiB',
        'process exited after 0.1 seconds',
      ),
    );
    expect(events).toEqual([
      {
        kind: 'earlyoom',
        id: `earlyoom-${at + 2000}-1355`,
        wallMs: at + 2000,
        scope: 'global',
        victims: [
          { pid: 1355, name: 'jupyter-noteboo', uid: 0, rssBytes: 323 * mib, score: 888, signal: 'SIGTERM' },
        ],
        outcome: 'killed',
        reason: low.join('; '),
        complete: true,
        missing: [],
      },
    ]);
  });

  it.each([
    [
      'sending SIGTERM to process 997 uid 1000 "my: \\"process": oom_score 1146, oom_score_adj 0, VmRSS 23007 MiB, cmdline "my --password \\"x\\": badness 1, VmRSS 2 MiB"',
      {
        pid: 997,
        name: 'my: \\"process',
        uid: 1000,
        rssBytes: 23007 * mib,
        oomScoreAdj: 0,
        score: 1146,
        signal: 'SIGTERM',
      },
    ],
    [
      'sending SIGKILL to process 7 uid 5 "a": oom_score 800, VmRSS 1 MiB, cmdline "a"',
      { pid: 7, name: 'a', uid: 5, rssBytes: mib, score: 800, signal: 'SIGKILL' },
    ],
    [
      'sending SIGTERM to process 12006 "python3": badness 209, VmRSS 2891 MiB',
      { pid: 12006, name: 'python3', rssBytes: 2891 * mib, score: 209, signal: 'SIGTERM' },
    ],
    [
      'killing process 27541 "bash" with signal 15: badness 550, VmRSS 7609 MiB',
      { pid: 27541, name: 'bash', rssBytes: 7609 * mib, score: 550, signal: 'SIGTERM' },
    ],
    [
      "Killing process 'bash' with signal 15, pid: 5874, badness: 538, VmRSS: 3160 MiB",
      { pid: 5874, name: 'bash', rssBytes: 3160 * mib, score: 538, signal: 'SIGTERM' },
    ],
    ['Killing process 882 bash', { pid: 882, name: 'bash' }],
    [
      'Killing process 882 (tmux: server) with badness 12 time_running=3.4m',
      { pid: 882, name: 'tmux: server', score: 12 },
    ],
  ])('is read in every wording: %s', (line, victim) => {
    expect(read(journal('earlyoom', line)).events).toMatchObject([{ victims: [victim], outcome: 'killed' }]);
    const own = ['mem avail:  1266 of 13855 MiB ( 9 %), swap free:  860 of 3071 MiB (28 %)', line];
    expect(read(nameless(...own)).events).toMatchObject([{ victims: [victim] }]);
  });

  it.each([
    'sending SIGTERM to process 882 uid 0 "bash": badness 12, VmRSS 3 MiB',
    'sending SIGTERM to process 882 uid 0 "bash": badness 1',
    'Killing process 882 (bash) with badness 12 time_running=3.4m',
  ])('is known by itself in a form that no other program has: %s', (line) => {
    expect(read(nameless(line)).events).toMatchObject([{ victims: [{ pid: 882, name: 'bash' }] }]);
  });

  it('counts SIGTERM, SIGKILL and further tries at one process as one kill', () => {
    const { events } = read(
      journal(
        'earlyoom',
        'sending SIGTERM to process 696 uid 1001 "ipfs": badness 757, VmRSS 637 MiB',
        'kill failed: Timer expired',
        'sending SIGTERM to process 696 uid 1001 "ipfs": badness 799, VmRSS 656 MiB',
        'escalating to SIGKILL after 0.5 seconds',
        'process 696 exited after 0.6 seconds',
        'sending SIGTERM to process 700 uid 1001 "ipfs": badness 700, VmRSS 600 MiB',
        'sending SIGKILL to process 700 uid 1001 "ipfs": badness 710, VmRSS 610 MiB',
      ),
    );
    expect(events.map(({ victims }) => victims.map(({ pid, signal }) => [pid, signal]))).toEqual([
      [[696, 'SIGKILL']],
      [[700, 'SIGKILL']],
    ]);
  });

  it('has killed nobody where it may not, and nothing has happened where it only tries itself', () => {
    const line = 'sending SIGTERM to process 4173 uid 0 "metrics-server": badness 1001, VmRSS 31 MiB';
    expect(read(journal('earlyoom', line, 'kill failed: Operation not permitted')).events).toMatchObject([
      { victims: [], outcome: 'unknown' },
    ]);
    expect(read(journal('earlyoom', line, 'dryrun, not actually sending any signal')).events).toEqual([]);
  });

  it('is not every program that kills something', () => {
    const lines = [
      'Killing process 882 bash',
      'killing process 12',
      'sending SIGTERM to process 5 of the pool',
      'process exited after 3 seconds',
      'sending SIGTERM when mem <= 10.00% and swap <= 10.00%,',
    ];
    expect(read(nameless(...lines)).events).toEqual([]);
    expect(read(journal('supervisord', ...lines)).events).toEqual([]);
  });
});

describe('nohang', () => {
  const round = [
    'Memory status that requires corrective actions:',
    '  MemAvailable [383 MiB, 5.0 %] <= soft_threshold_min_mem [384 MiB, 5.0 %]',
    '  SwapFree [104 MiB, 5.1 %] <= soft_threshold_min_swap [205 MiB, 10.0 %]',
    'TOP-2 tasks by badness:',
    '  Name                PID badness',
    '  mysqld           903309     849',
    'TOP printed in 1ms; process with highest badness:',
    '  PID: 903309, name: mysqld, badness: 849',
    'Victim status (found in 1ms):',
    '  UID:       999',
    '  badness:   824, oom_score:  824, oom_score_adj:  0',
    '  VmSize:    19880 MiB',
    '  VmRSS:     10432 MiB  (Anon: 10427 MiB, File: 5 MiB, Shmem: 0 MiB)',
    '  CGroup_v2: /system.slice/mysql.service',
    'Implementing a corrective action:',
    '  Sending SIGTERM to the victim',
    'OK; total response time: 5ms',
    "The victim doesn't respond on corrective action in 0.03s",
    'Memory status that requires corrective actions:',
    '  MemAvailable [100 MiB, 1.3 %] <= hard_threshold_min_mem [192 MiB, 2.5 %]',
    'New victim is cached victim 903309 (mysqld)',
    'Implementing a corrective action:',
    '  Sending SIGKILL to the victim',
    'The victim died in 0.2s',
    '<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<',
  ];
  const expected = {
    kind: 'nohang',
    scope: 'global',
    victims: [
      {
        pid: 903309,
        name: 'mysqld',
        uid: 999,
        totalVmBytes: 19880 * mib,
        rssBytes: 10432 * mib,
        anonRssBytes: 10427 * mib,
        fileRssBytes: 5 * mib,
        shmemRssBytes: 0,
        oomScoreAdj: 0,
        score: 824,
        signal: 'SIGKILL',
        cgroup: '/system.slice/mysql.service',
      },
    ],
    outcome: 'killed',
    reason:
      'MemAvailable [383 MiB, 5.0 %] <= soft_threshold_min_mem [384 MiB, 5.0 %]; SwapFree [104 MiB, 5.1 %] <= soft_threshold_min_swap [205 MiB, 10.0 %]',
    complete: true,
    missing: [],
  };

  it('sends two signals to one victim: one kill', () => {
    expect(read(journal('nohang', ...round)).events).toEqual([
      { ...expected, id: `nohang-${at + 15_000}-903309`, wallMs: at + 15_000 },
    ]);
  });

  it('is read from its own file too, and leaves other lines in between alone', () => {
    const file = round.map((line) => (line.startsWith(' ') ? line : `2026-11-22 21:33:00,460: ${line}`));
    const own = read(nameless(...file, 'Out of memory: Killed process 5 (x) total-vm:1kB'));
    expect(own.events).toEqual([{ ...expected, id: 'nohang-#1-903309' }]);
    expect(own.taken.at(-1)).toBe(false);
    expect(read(nameless(...round.slice(6, 16))).events).toEqual([]);
  });

  it('has killed nobody with a signal that it may not send, or with a command', () => {
    const failed = [...round.slice(0, 16), 'Cannot send a signal: PermissionError'];
    expect(read(journal('nohang', ...failed)).events).toMatchObject([{ victims: [], outcome: 'unknown' }]);
    const command = [...round.slice(0, 15), '  Executing the command: systemctl restart mysql'];
    expect(read(journal('nohang-desktop', ...command)).events).toEqual([]);
  });

  it('says that the victim is missing where its line is lost', () => {
    expect(read(journal('nohang', ...round.slice(14, 16))).events).toMatchObject([
      { victims: [], outcome: 'killed', missing: ['victim'] },
    ]);
  });
});

describe('oomd', () => {
  const body =
    '10.00 60.00 600.00 user.slice/user-1000.slice/a b.scope 1999 ruleset:[user session protection] detectorgroup:[pressure above 60] killer:kill_by_memory_size_or_growth v2';

  it('is one kill in the kernel’s log and in its own', () => {
    const { events } = read([
      { text: `oomd kill: ${body}`, kernelTimeMs: 5000, fromKernel: false },
      ...journal(
        'oomd',
        '[../src/oomd/plugins/BaseKillPlugin.cpp:482] Killed 2: 882(web) 883(a (b) 7) 884(stuck)[E3]',
        `[../src/oomd/Log.cpp:114] ${body}`,
      ),
    ]);
    expect(events).toEqual([
      {
        kind: 'oomd',
        id: 'oomd-5000-user.slice/user-1000.slice/a b.scope',
        kernelTimeMs: 5000,
        scope: 'unknown',
        cgroup: { task: 'user.slice/user-1000.slice/a b.scope' },
        victims: [
          { pid: 882, name: 'web' },
          { pid: 883, name: 'a (b) 7' },
        ],
        outcome: 'killed',
        reason:
          'ruleset:[user session protection] detectorgroup:[pressure above 60] killer:kill_by_memory_size_or_growth v2',
        complete: false,
        missing: ['scope'],
      },
    ]);
  });

  it('is known in plain dmesg, and in the older wording', () => {
    const old = 'oomd kill: 10.00 60.00 600.00 Evil  1999 detector:swap,12345MB killer:Evaporate ';
    expect(read(nameless(old)).events).toMatchObject([{ kind: 'oomd', cgroup: { task: 'Evil' } }]);
    expect(read(journal('kernel', old)).events).toHaveLength(1);
  });

  it('kills nobody in a dry run, nor with its list of candidates', () => {
    const dry = body.replace('killer:', 'killer:(dry)');
    const lines = [
      `[../src/oomd/Log.cpp:114] ${dry}`,
      '[../src/oomd/OomdContext.cpp:150] name=user.slice/a.scope',
    ];
    expect(read([...nameless(`oomd kill: ${dry}`), ...journal('oomd', ...lines)]).events).toEqual([]);
  });
});

describe('container runtimes', () => {
  it.each([
    [
      'containerd',
      `time="2026-11-22T21:33:00Z" level=info msg="TaskOOM event container_id:\\"${container}\\""`,
    ],
    [
      'containerd',
      `time="2026-11-22T21:33:00Z" level=info msg="TaskOOM event &TaskOOM{ContainerID:${container},XXX_unrecognized:[],}"`,
    ],
    [undefined, `2026-11-22 21:33:00.1 +0000 UTC k8s.io /tasks/oom {"container_id":"${container}"}`],
    [undefined, `2026-11-22T21:33:00.011072877-05:00 container oom ${container} (image=a, name=b)`],
    ['podman', `2026-11-22 21:33:00.011072877 +0000 UTC container oom ${container} (image=a, name=b)`],
    ['conmon', `conmon ${container} <ninfo>: OOM received`],
  ])('tell of a container: %s %s', (identifier, text) => {
    const record = { text, ...(identifier !== undefined && { identifier }), wallMs: at, fromKernel: false };
    expect(read([record]).events).toEqual([
      {
        kind: 'runtime',
        id: `runtime-${at}-${container}`,
        wallMs: at,
        scope: 'unknown',
        container,
        victims: [],
        outcome: 'unknown',
        complete: false,
        missing: ['scope', 'victim'],
      },
    ]);
  });

  it('are one event where two of them tell of it, and two where one of them tells twice', () => {
    const conmon = journal('conmon', `conmon ${container} <ninfo>: OOM received`);
    const podman = journal('podman', `2026-11-22T21:33:00.01Z container oom ${container} (image=a, name=b)`);
    expect(read([...conmon, ...podman]).events).toHaveLength(1);
    const line = `conmon ${container} <ninfo>: OOM received`;
    expect(read(journal('conmon', line, line)).events).toHaveLength(2);
  });

  it('tell nothing where they name no container, and others only quote', () => {
    const records = [
      ...journal(
        'dockerd',
        'time="2019-06-13T23:04:43Z" level=debug msg=event module=libcontainerd namespace=moby topic=/tasks/oom',
      ),
      ...journal(
        'containerd',
        'level=debug msg="event forwarded" ns=k8s.io topic=/tasks/oom type=containerd.events.TaskOOM',
      ),
      ...journal(
        'kubelet',
        'I1122 21:33:00 event.go:291] "Event occurred" reason="SystemOOM" message="System OOM encountered, victim process: web, pid: 882"',
        `TaskOOM event container_id:\\"${container}\\"`,
      ),
      ...nameless('reason: OOMKilled', 'java.lang.OutOfMemoryError: Java heap space'),
    ];
    expect(read(records)).toEqual({ events: [], taken: records.map(() => false) });
  });
});

describe('hostile records', () => {
  it('are read in time that grows with their length', () => {
    const long = 'x'.repeat(60_000);
    const records = [
      `Killed /${' due to '.repeat(8000)}`,
      `sending SIGTERM to process 1 "${'": badness 1, '.repeat(5000)}`,
      `Killing process ${long}, pid: ${long}`,
      `oomd kill: 1.00 1.00 1.00 ${'a 1 '.repeat(20_000)}`,
      `time="${'TaskOOM event '.repeat(4000)}`,
      `Memory status that requires corrective actions:\n${'MemAvailable ['.repeat(5000)}`,
      `[${'a:1] '.repeat(10_000)}`,
    ];
    const start = performance.now();
    for (const identifier of ['earlyoom', 'nohang', 'oomd', 'containerd', 'systemd-oomd', undefined])
      read(
        records.map((text) => ({ text, ...(identifier !== undefined && { identifier }), fromKernel: false })),
      );
    expect(performance.now() - start).toBeLessThan(500);
  });
});
