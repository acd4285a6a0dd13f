import { describe, expect, it } from 'vitest';
import { readEvents } from './readEvents';

const header = 'sshd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0';
const asking = 'CPU: 0 PID: 977 Comm: sshd Not tainted 6.1.0';
const memory = [
  'Mem-Info:',
  'active_anon:48 inactive_anon:224275 isolated_anon:0\n active_file:22 inactive_file:5 isolated_file:0\n free:4 free_pcp:0 free_cma:0',
  'Node 0 DMA32 free:16kB min:44348kB low:55432kB high:66516kB present:1048044kB managed:980000kB',
  '262011 pages RAM',
];
const table = [
  'Tasks state (memory values in pages):',
  '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  '[    882]     5   882        1        1     8192        0            -7 hog',
];
const memoryRead = {
  memory: {
    machine: {
      active_anon: 196_608,
      inactive_anon: 918_630_400,
      isolated_anon: 0,
      active_file: 90_112,
      inactive_file: 20_480,
      isolated_file: 0,
      free: 16_384,
      free_pcp: 0,
      free_cma: 0,
    },
    zones: [
      {
        node: 0,
        name: 'DMA32',
        freeBytes: 16_384,
        minBytes: 45_412_352,
        lowBytes: 56_762_368,
        highBytes: 68_112_384,
        presentBytes: 1_073_197_056,
        managedBytes: 1_003_520_000,
        figures: {},
      },
    ],
    ramBytes: 1_073_197_056,
    slabs: [],
  },
  tasks: {
    rows: [
      {
        pid: 882,
        tgid: 882,
        uid: 5,
        name: 'hog',
        totalVmBytes: 4096,
        rssBytes: 4096,
        swapBytes: 0,
        pgtablesBytes: 8192,
        oomScoreAdj: -7,
      },
    ],
    moreRows: 0,
    whole: true,
  },
};
const parts = ['memory-information', 'task-table'];
const oomKill =
  'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=hog,pid=882,uid=0';
const sizes = 'total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB, UID:5 pgtables:8kB oom_score_adj:-7';
const sizesRead = {
  uid: 5,
  totalVmBytes: 4096,
  anonRssBytes: 3072,
  fileRssBytes: 2048,
  shmemRssBytes: 1024,
  pgtablesBytes: 8192,
  oomScoreAdj: -7,
};

function killed(pid: number, name = 'hog'): string {
  return `Out of memory: Killed process ${pid} (${name}) ${sizes}`;
}

/** Lines of dmesg, one second apart, the first at 1 s. */
function dmesg(...texts: string[]): string[] {
  return texts.map((text, index) => `[${String(index + 1).padStart(5)}.000000] ${text}`);
}

describe('names', () => {
  it.each([
    'CPU 0/KVM',
    'tmux: client',
    'runc:[2:INIT]',
    '((resolved))',
    'a) total-vm:1k',
    '), UID 0,',
    'a,task=b',
    '',
  ])('of victim and trigger may be %j', (name) => {
    const { events } = readEvents(
      dmesg(
        `${name} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`,
        `CPU: 0 UID: 0 PID: 977 Comm: ${name} Kdump: loaded Tainted: G  OE`,
        ...memory,
        ...table,
        oomKill.replace('task=hog', `task=${name}`),
        killed(882, name),
      ),
    );
    expect(events).toStrictEqual([
      {
        kind: 'kernel',
        id: '11000-882',
        kernelTimeMs: 11_000,
        kernelTimeMicroseconds: 11_000_000,
        scope: 'global',
        constraint: 'CONSTRAINT_NONE',
        cgroup: { task: '/a' },
        trigger: { name, pid: 977, order: 0, gfp: '0xcc0(GFP_KERNEL)' },
        victims: [{ pid: 882, name, ...sizesRead }],
        outcome: 'killed',
        ...memoryRead,
        complete: true,
        missing: [],
      },
    ]);
  });
});

describe('wordings of other kernels', () => {
  it.each([
    [
      '5.1 to 5.3',
      'Out of memory: Killed process 7 (hog) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB',
      {},
    ],
    ['RHEL 6', 'Killed process 7, UID 48, (hog) total-vm:4kB, anon-rss:3kB, file-rss:2kB', { uid: 48 }],
    [
      'RHEL 7',
      'Killed process 7 (hog), UID 48, total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB',
      { uid: 48 },
    ],
    ['4.x', 'Killed process 7 (hog) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB', {}],
  ])('%s', (_, line, more) => {
    const victim = readEvents(dmesg(line)).events[0]?.victims[0];
    expect(victim).toMatchObject({ pid: 7, name: 'hog', totalVmBytes: 4096, anonRssBytes: 3072, ...more });
    expect(victim).not.toHaveProperty('pgtablesBytes');
    expect(victim).not.toHaveProperty('oomScoreAdj');
    if (!('uid' in more)) expect(victim).not.toHaveProperty('uid');
  });

  it('4.x: a memory cgroup, the victim a child of the chosen process', () => {
    const { events } = readEvents(
      dmesg(
        'hog invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null),  order=0, oom_score_adj=0',
        'Task in /docker/a killed as a result of limit of /docker',
        'memory: usage 65536kB, limit 65536kB, failcnt 10',
        'Memory cgroup out of memory: Kill process 6 (hog) score 1046 or sacrifice child',
        'Killed process 7 (hog) total-vm:4kB, anon-rss:3kB, file-rss:2kB, shmem-rss:1kB',
        'oom_reaper: reaped process 7 (hog), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
      ),
    );
    expect(events).toStrictEqual([
      {
        kind: 'kernel',
        id: '5000-7',
        kernelTimeMs: 5000,
        kernelTimeMicroseconds: 5_000_000,
        scope: 'memcg',
        cgroup: { limit: '/docker', task: '/docker/a' },
        trigger: { name: 'hog', order: 0, gfp: '0x14000c0(GFP_KERNEL)' },
        victims: [
          {
            pid: 7,
            name: 'hog',
            totalVmBytes: 4096,
            anonRssBytes: 3072,
            fileRssBytes: 2048,
            shmemRssBytes: 1024,
          },
        ],
        outcome: 'killed',
        cgroupMemory: {
          memory: { usageBytes: 67_108_864, limitBytes: 67_108_864, failures: 10 },
          stats: [],
        },
        complete: false,
        missing: ['task-table'],
      },
    ]);
  });

  it('5.0 and 5.1 print CONSTRAINT_NONE for a memory cgroup', () => {
    const { events } = readEvents(
      dmesg(
        header,
        'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,task=hog,pid=882,uid=0',
        `Memory cgroup out of memory: Killed process 882 (hog) ${sizes}`,
      ),
    );
    expect(events).toMatchObject([{ scope: 'memcg', cgroup: { limit: '/a', task: '/a/b' }, missing: parts }]);
  });

  it.each([
    ['CONSTRAINT_CPUSET', 'cpuset'],
    ['CONSTRAINT_MEMORY_POLICY', 'mempolicy'],
  ])('%s', (constraint, scope) => {
    const { events } = readEvents(dmesg(header, oomKill.replace('CONSTRAINT_NONE', constraint), killed(882)));
    expect(events).toMatchObject([{ scope, constraint }]);
  });
});

describe('telling', () => {
  it('an event at its kill line, before anything follows', () => {
    const { told } = readEvents(dmesg(header, asking, oomKill, killed(882), 'usb 1-1: new device'));
    expect(told).toHaveLength(1);
  });

  it('a group again with each member, the second print of a victim not counted', () => {
    const { told, events } = readEvents(
      dmesg(
        header,
        killed(1),
        'Tasks in /a are going to be killed due to memory.oom.group set',
        killed(1),
        killed(2),
        killed(3),
      ),
    );
    expect(told.map(({ id, victims }) => [id, victims.length])).toEqual([
      ['2000-1', 1],
      ['2000-1', 1], // now it is known to be a group
      ['2000-1', 2],
      ['2000-1', 3],
    ]);
    expect(events.map(({ victims }) => victims.map(({ pid }) => pid))).toEqual([[1, 2, 3]]);
  });

  it('kills without reports, as the kernel limits their rate, as events of their own', () => {
    const { events } = readEvents(
      dmesg(header, oomKill, killed(882), 'oom_kill_process: 2 callbacks suppressed', killed(5), killed(6)),
    );
    expect(events.map(({ id, scope, missing }) => ({ id, scope, missing }))).toEqual([
      { id: '3000-882', scope: 'global', missing: parts },
      { id: '5000-5', scope: 'unknown', missing: ['trigger', 'scope', ...parts] },
      { id: '6000-6', scope: 'unknown', missing: ['trigger', 'scope', ...parts] },
    ]);
  });

  it('the same event under the same id when the log begins in the middle of the report', () => {
    const whole = dmesg(header, asking, oomKill, killed(882));
    expect(readEvents(whole.slice(2)).events).toMatchObject([
      {
        id: readEvents(whole).events[0]?.id,
        scope: 'global',
        complete: false,
        missing: ['trigger', ...parts],
      },
    ]);
  });

  it('a report that is cut at its end, without a victim', () => {
    expect(readEvents(dmesg(header, asking)).events).toStrictEqual([
      {
        kind: 'kernel',
        id: '1000-?',
        kernelTimeMs: 1000,
        kernelTimeMicroseconds: 1_000_000,
        scope: 'unknown',
        trigger: { name: 'sshd', pid: 977, order: 0, gfp: '0xcc0(GFP_KERNEL)' },
        victims: [],
        outcome: 'unknown',
        complete: false,
        missing: ['scope', 'victim', ...parts],
      },
    ]);
  });

  it('sizes that are cut off as absent, not as shorter numbers', () => {
    const [event] = readEvents(
      dmesg('Out of memory: Killed process 7 (hog) total-vm:123kB, anon-rss:45'),
    ).events;
    expect(event?.victims).toStrictEqual([{ pid: 7, name: 'hog', totalVmBytes: 123 * 1024 }]);
  });

  it.each([
    ['(x).Here x was killed (process 7) for it', { pid: 7, name: 'x' }],
    ['(x) anon-rss:4kB', { pid: 7, name: 'x', anonRssBytes: 4096 }],
    ['(x) anon-rss:4kB  (again, in another scope)', { pid: 7, name: 'x', anonRssBytes: 4096 }],
    ['(x) total-vm:8kB, anon-rss:4k', { pid: 7, name: 'x', totalVmBytes: 8192, anonRssBytes: 4096 }],
    ['(x anon-rss:4kB)', { pid: 7, name: 'x anon-rss:4kB' }],
    ['(x) anon-rss:4kB)', { pid: 7, name: 'x) anon-rss:4kB' }],
    ['(a (b) c) total-vm:8kB', { pid: 7, name: 'a (b) c', totalVmBytes: 8192 }],
    [`(${'a'.repeat(200)}) total-vm:8kB`, undefined],
    ['(x', undefined],
  ])('the kill in %j, which people may have edited', (rest, victim) => {
    const { events } = readEvents([`Out of memory: Killed process 7 ${rest}`]);
    expect(events.map(({ victims }) => victims)).toEqual(victim === undefined ? [] : [[victim]]);
  });

  it.each([
    ['Out of memory in UB 12: OOM killed process 7 (x) score 0', [{ pid: 7, name: 'x' }]],
    ['Out of memory in UB 12: OOM killed process 7 (x', undefined],
    ['Out of memory in UB x: OOM killed process 7 (x) score 0 vm:8kB, rss:4kB, swap:0kB', undefined],
    ['the OOM killed process 7 (x) score 0 vm:8kB, rss:4kB, swap:0kB', undefined],
  ])('of a beancounter what %j tells', (text, victims) => {
    expect(readEvents([text]).events.map((event) => event.victims)).toEqual(
      victims === undefined ? [] : [victims],
    );
  });

  it('a path that is cut off as absent', () => {
    const [event] = readEvents(
      dmesg(
        'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a/b',
        `Memory cgroup out of memory: Killed process 882 (hog) ${sizes}`,
      ),
    ).events;
    expect(event).toMatchObject({ scope: 'memcg', missing: ['trigger', 'cgroup', ...parts] });
    expect(event).not.toHaveProperty('cgroup');
  });

  it("the oom_reaper's line alone as an event of unknown scope, after a kill as nothing new", () => {
    const reaper = 'oom_reaper: reaped process 882 (hog), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB';
    expect(readEvents(dmesg(killed(882), reaper)).told).toHaveLength(1);
    expect(readEvents(dmesg(reaper)).events).toStrictEqual([
      {
        kind: 'kernel',
        id: '1000-882',
        kernelTimeMs: 1000,
        kernelTimeMicroseconds: 1_000_000,
        scope: 'unknown',
        victims: [{ pid: 882, name: 'hog' }],
        outcome: 'killed',
        complete: false,
        missing: ['trigger', 'scope', 'sizes', ...parts],
      },
    ]);
  });

  it.each([
    ['Out of memory and no killable processes...', 'no-killable-process'],
    ['Out of memory: OOM victim 882 (hog) is already exiting. Skip killing the task', 'already-exiting'],
    ['Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled', 'panic'],
    ['Kernel panic - not syncing: System is deadlocked on memory', 'deadlock'],
  ])('an invocation without a kill: %s', (line, outcome) => {
    expect(readEvents(dmesg(header, asking, line)).events).toMatchObject([
      { id: '1000-?', victims: [], outcome },
    ]);
  });

  it('no killable process and the deadlock after it as one event', () => {
    const { told, events } = readEvents(
      dmesg(
        header,
        'Out of memory and no killable processes...',
        'Kernel panic - not syncing: System is deadlocked on memory',
      ),
    );
    expect(told).toHaveLength(2);
    expect(events).toMatchObject([{ outcome: 'deadlock', victims: [] }]);
  });

  it('a report that is indented behind lines of a journal that are not', () => {
    const line = '[    1.000000] web-1 kernel: Total swap = 0kB';
    const lines = [line, '', ...[header, asking, oomKill, killed(882)].map((text) => `  ${text}`)];
    expect(readEvents(lines).events).toMatchObject([
      { trigger: { name: 'sshd', pid: 977 }, victims: [{ pid: 882, name: 'hog' }] },
    ]);
  });

  it('events of a log without time stamps', () => {
    expect(readEvents([header, oomKill, killed(882)]).events).toMatchObject([
      { id: '?-882', complete: false, missing: ['kernel-time', ...parts] },
    ]);
  });
});

describe('no event from', () => {
  it.each([
    'warn_alloc: sshd: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP)',
    'java.lang.OutOfMemoryError: Java heap space',
    'Out of memory: OOM victim 882 (hog) is already exiting. Skip killing the task',
    'hog[882]: segfault at 0 ip 00007f sp 00007f error 4',
    'SLUB: Unable to allocate memory on node -1',
    'traps: out_of_memory[12] general protection fault',
    'NVRM: GPU0: Out of memory: Killed process',
    'ODEBUG: out of memory. ODEBUG disabled',
    'Killed process 5 (hog)',
    '\tpr_warn("%s invoked oom-killer: gfp_mask=%#x(%pGg), order=%d, oom_score_adj=%hd\\n",',
    'kubelet saw Memory cgroup out of memory: Killed process 882 (hog) total-vm:4kB',
    'a long quote of it: sshd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
    'Out of memory: Kill',
    'oom_reaper: ',
    'oom-kill:',
    '',
  ])('%s', (text) => {
    expect(readEvents([text, ...dmesg(text), `6,1,1000,-;${text}`]).told).toEqual([]);
  });

  it('an Event of Kubernetes that quotes the kernel, in whatever list', () => {
    const event = { reason: 'OOMKilling', message: killed(882) };
    for (const list of [[event], { items: [event] }, { events: [event] }, { hits: { hits: [event] } }])
      expect(readEvents([JSON.stringify(list)]).told).toEqual([]);
  });

  it('a relay that quotes several lines of the kernel in one', () => {
    const quoted = [killed(882), killed(883), killed(884)].map((text) => `kernel: ${text}`).join(' ');
    expect(readEvents([`Nov 23 08:15:02 web-1 relay[7]: ${quoted}`]).told).toEqual([]);
    expect(readEvents([quoted]).events).toHaveLength(3);
  });

  it('the choice and the kill in one line of another program', () => {
    const joined = `Out of memory: Kill process 5 (hog) score 5 or sacrifice child Killed process 5 (hog) ${sizes}`;
    expect(readEvents([`Nov 23 08:15:02 web-1 detector[7]: ${joined}`]).told).toEqual([]);
    expect(readEvents([`Nov 23 08:15:02 web-1 kernel: ${joined}`]).events).toMatchObject([
      { victims: [{ pid: 5, name: 'hog' }] },
    ]);
  });

  it('the line of a kill that is repeated without its time, but from one with other figures', () => {
    const [line, other] = [killed(882), killed(882).replace('total-vm:', 'total-vm:9')];
    expect(readEvents([`Nov 23 08:15:02 web-1 kernel: ${line}`, 'Look:', line]).events).toHaveLength(1);
    expect(readEvents([`Nov 23 08:15:02 web-1 kernel: ${line}`, 'Look:', other]).events).toHaveLength(2);
  });

  it('what a program wrote into the log', () => {
    const texts = [header, oomKill, killed(882)];
    expect(readEvents(texts.map((text) => `12,1,1000,-;${text}`)).told).toEqual([]);
    expect(readEvents(texts.map((text) => `[    1.000000] host problemdetector[7]: ${text}`)).told).toEqual(
      [],
    );
  });
});

describe('hostile text', () => {
  it('is read in linear time', () => {
    const half = 1 << 19;
    const lines = [
      ' '.repeat(half),
      '['.repeat(half),
      `6,1,1,-;${'\\x1b'.repeat(half / 4)}`,
      `[    1.000000] ${'a '.repeat(half)}`,
      `Out of memory: Killed process 1 (${') total-vm:'.repeat(half / 16)}`,
      `oom-kill:constraint=C,${',task_memcg=,oom_memcg=,task='.repeat(half / 32)},pid=1,uid=1`,
      `CPU: 0 PID: 1 Comm: ${' Kdump: loaded'.repeat(half / 16)}`,
    ];
    const begin = performance.now();
    const { told } = readEvents(lines);
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(told.map(({ outcome }) => outcome)).not.toContain('panic');
  });

  it('cannot make a line longer than 64 KiB count beyond that', () => {
    expect(readEvents([`Out of memory: Killed process 1 (${'x'.repeat(70_000)}) ${sizes}`]).told).toEqual([]);
  });
});
