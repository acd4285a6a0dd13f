import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../../src/core/oom/event';
import { explanationOf, type StoryPart } from '../../../../../src/core/oom/explanation/explanation';
import type { MemoryInformation, ZoneInformation } from '../../../../../src/core/oom/memoryInformation';
import type { TaskRow } from '../../../../../src/core/oom/taskRow';

const kib = 1024;
const mib = 1024 * kib;
const container = '4f3c2a1b0d9e4f3c2a1b0d9e4f3c2a1b0d9e4f3c2a1b0d9e4f3c2a1b0d9e4f3c';

/** A zone of 900 MiB that is just below its minimum; free blocks of one page and of two. */
const shortZone: ZoneInformation = {
  node: 0,
  name: 'DMA32',
  freeBytes: 43 * mib,
  minBytes: 44 * mib,
  managedBytes: 900 * mib,
  presentBytes: 1000 * mib,
  reservedHighatomicBytes: 0,
  freeCmaBytes: 0,
  lowmemReserveBytes: [0, 0, 0, 0, 0],
  figures: {},
  freeBlocks: [
    { blockBytes: 4 * kib, count: 10_000, types: 'UME' },
    { blockBytes: 8 * kib, count: 300, types: 'UME' },
    { blockBytes: 16 * kib, count: 0, types: '' },
  ],
};

/** 15 MiB, of which a part is kept for requests that can go nowhere else. */
const smallZone: ZoneInformation = {
  node: 0,
  name: 'DMA',
  freeBytes: 4 * mib,
  minBytes: 1 * mib,
  managedBytes: 15 * mib,
  lowmemReserveBytes: [0, 6 * mib, 6 * mib, 6 * mib, 6 * mib],
  figures: {},
};

const memory: MemoryInformation = {
  machine: {
    active_anon: 100 * mib,
    inactive_anon: 700 * mib,
    isolated_anon: 0,
    active_file: 1 * mib,
    inactive_file: 2 * mib,
    isolated_file: 0,
    unevictable: 0,
    slab_reclaimable: 10 * mib,
    slab_unreclaimable: 20 * mib,
    shmem: 50 * mib,
    pagetables: 5 * mib,
    free: 47 * mib,
    free_pcp: 0,
  },
  zones: [smallZone, shortZone],
  totalSwapBytes: 0,
  freeSwapBytes: 0,
  ramBytes: 1000 * mib,
  reservedBytes: 90 * mib,
  slabs: [],
};

const tasks: readonly TaskRow[] = [
  {
    pid: 882,
    tgid: 882,
    uid: 0,
    name: 'python3',
    rssBytes: 316 * mib,
    swapBytes: 0,
    pgtablesBytes: mib,
    oomScoreAdj: 0,
  },
  {
    pid: 900,
    tgid: 900,
    uid: 0,
    name: 'redis',
    rssBytes: 90 * mib,
    swapBytes: 9 * mib,
    pgtablesBytes: mib,
    oomScoreAdj: 0,
  },
];

const globalKill: OomEvent = {
  kind: 'kernel',
  id: '85266-882',
  kernelTimeMs: 85_266,
  wallMs: Date.UTC(2026, 10, 22, 21, 33, 8),
  scope: 'global',
  trigger: { name: 'sshd', pid: 328, order: 0, gfp: '0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO)' },
  cgroup: { task: `/system.slice/docker-${container}.scope` },
  victims: [
    {
      pid: 882,
      name: 'python3',
      uid: 1000,
      totalVmBytes: 4000 * mib,
      anonRssBytes: 300 * mib,
      fileRssBytes: 6 * mib,
      shmemRssBytes: 10 * mib,
      pgtablesBytes: mib,
      oomScoreAdj: 300,
    },
  ],
  outcome: 'killed',
  memory,
  tasks: { rows: tasks, moreRows: 0, whole: true },
  complete: true,
  missing: [],
};

const memcgKill: OomEvent = {
  ...globalKill,
  scope: 'memcg',
  cgroup: { limit: '/docker/a', task: '/docker/a' },
  cgroupMemory: {
    memory: { usageBytes: 64 * mib, limitBytes: 64 * mib, failures: 269 },
    swap: { usageBytes: 0, limitBytes: 0 },
    stats: [{ path: '/docker/a', figures: { anon: 60 * mib, file: 3 * mib, shmem: 2 * mib, kernel: mib } }],
  },
};

/** The event without some of its fields. */
function without(event: OomEvent, ...fields: readonly (keyof OomEvent)[]): OomEvent {
  return Object.fromEntries(
    Object.entries(event).filter(([field]) => !fields.includes(field as keyof OomEvent)),
  ) as unknown as OomEvent;
}

function withMemory(change: Partial<MemoryInformation>): OomEvent {
  return { ...globalKill, memory: { ...memory, ...change } };
}

function asking(order: number, gfp: string, zones: readonly ZoneInformation[]): OomEvent {
  return { ...withMemory({ zones }), trigger: { name: 'sshd', pid: 328, order, gfp } };
}

function tell(event: OomEvent, part: StoryPart): string {
  return explanationOf(event).sentences.find((sentence) => sentence.part === part)?.text ?? '';
}

describe('who asked for what, and when', () => {
  it('is a task, an amount and a kind of memory', () => {
    expect(tell(globalKill, 'asked')).toBe(
      'sshd (pid 328) asked for one page (4.0 KiB): a page of a program’s own memory (heap or stack), filled with zeros (at 2026-11-22 21:33:08 UTC, 1 min 25 s after the machine’s start).',
    );
    expect(tell(asking(3, '0x27080c0(GFP_KERNEL_ACCOUNT)', memory.zones), 'asked')).toContain(
      'asked for 8 pages in a row (32.0 KiB): memory of the kernel',
    );
    expect(tell(asking(0, '0x201da', []), 'asked')).toContain('one page: gfp_mask=0x201da (');
  });

  it('is not said to be the kernel’s where a page is charged to a cgroup', () => {
    const trigger = { name: 'python3', order: 0, gfp: '0xcc0(GFP_KERNEL)' };
    expect(tell({ ...memcgKill, trigger }, 'asked')).toContain(
      'python3 asked for one page (4.0 KiB): memory to be charged to its cgroup, for a program or for the kernel (',
    );
    expect(tell({ ...globalKill, trigger }, 'asked')).toContain('memory of the kernel itself');
  });

  it('tells a local time as it stands, and no time where there is none', () => {
    const local = { ...without(globalKill, 'wallMs', 'kernelTimeMs'), localTime: '11-23T08:15:02' };
    expect(tell(local, 'asked')).toMatch(/ \(at 11-23 08:15:02\)\.$/);
    expect(tell(without(globalKill, 'wallMs', 'kernelTimeMs'), 'asked')).toMatch(/filled with zeros\.$/);
  });

  it('is nobody after a page fault without a request, SysRq, or where the text does not tell', () => {
    expect(tell(asking(0, '0x0()', memory.zones), 'asked')).toContain(
      'A page fault of sshd (pid 328) found no memory (gfp_mask=0x0',
    );
    const sysrq: OomEvent = { ...asking(-1, '0xcc0(GFP_KERNEL)', memory.zones), scope: 'sysrq' };
    expect(tell(sysrq, 'asked')).toContain('A kill was asked for through SysRq (f)');
    expect(tell(without(globalKill, 'trigger'), 'asked')).toContain(
      'Who asked for memory is not in this text',
    );
  });

  it('is kswapd where it kills to stop thrashing, by its own flags only', () => {
    const kswapd = (gfp: string): OomEvent => ({
      ...globalKill,
      trigger: { name: 'kswapd0', pid: 57, order: 0, gfp },
    });
    expect(tell(kswapd('0xcc0(GFP_KERNEL)'), 'asked')).toContain('called the OOM killer itself');
    expect(tell(kswapd('0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)'), 'asked')).toContain(
      'kswapd0 (pid 57) asked for one page',
    );
  });

  it('is the program itself where it is no kill of the kernel', () => {
    expect(tell({ ...globalKill, kind: 'earlyoom' }, 'asked')).toContain('Not the kernel but earlyoom acted');
    expect(tell({ ...globalKill, kind: 'runtime', container: 'abc' }, 'asked')).toContain(
      'at work in container abc',
    );
  });
});

describe('whose memory ran out', () => {
  it('is the machine’s, and the limit of the container played no part', () => {
    expect(tell(globalKill, 'scope')).toBe(
      `The shortage was that of the whole machine, which has 910 MiB of memory, not of a group with a limit; the victim lived in the Docker container 4f3c2a1b0d9e (/system.slice/docker-${container}.scope), whose limit played no part.`,
    );
  });

  it('is the group’s at its limit, or an ancestor’s', () => {
    expect(tell(memcgKill, 'scope')).toBe(
      'The memory limit of the cgroup /docker/a was reached: 64.0 MiB; the victim lived in that group itself.',
    );
    const pod = '/kubepods.slice/kubepods-burstable-pod3f1c9d02_5a7e_4c11_9b52_0242ac110002.slice';
    const inPod: OomEvent = {
      ...memcgKill,
      cgroup: { limit: pod, task: `${pod}/cri-containerd-${container}.scope` },
    };
    expect(tell(inPod, 'scope')).toMatch(
      /^The memory limit of the pod 3f1c9d02-5a7e-4c11-9b52-0242ac110002 \(burstable\) .* was reached: 64\.0 MiB; the victim lived in a group right below it, the containerd container 4f3c2a1b0d9e/,
    );
    const deep: OomEvent = {
      ...memcgKill,
      cgroup: { limit: '/system.slice', task: '/system.slice/a.service/b/c' },
    };
    expect(tell(deep, 'scope')).toContain('the victim lived 3 levels below it, in the unit a.service');
    expect(tell({ ...memcgKill, cgroup: { task: '/a' } }, 'scope')).toContain(
      'which one is not in this text',
    );
  });

  it('names the limit that was reached: of swap and memory together, of the kernel’s', () => {
    const both: OomEvent = {
      ...memcgKill,
      cgroupMemory: {
        memory: { usageBytes: 100 * mib, limitBytes: 'max' },
        memoryAndSwap: { usageBytes: 200 * mib, limitBytes: 200 * mib },
        stats: [],
      },
    };
    expect(tell(both, 'scope')).toContain(
      'The limit of memory and swap together of the cgroup /docker/a was reached: 200 MiB',
    );
    expect(tell(both, 'cause')).toContain('The group used 200 MiB of 200 MiB');
    expect(tell(both, 'cause')).toContain('it had about 100 MiB in swap, 200 MiB of 200 MiB together');
  });

  it('is that of nodes, of nobody, or not told', () => {
    expect(tell({ ...globalKill, scope: 'cpuset' }, 'scope')).toContain(
      'the memory nodes of a cpuset, not of the whole machine',
    );
    expect(tell({ ...globalKill, scope: 'mempolicy' }, 'scope')).toContain(
      'the memory nodes of a memory policy',
    );
    expect(tell({ ...globalKill, scope: 'sysrq' }, 'scope')).toContain('Nobody’s memory had run out');
    expect(tell({ ...globalKill, scope: 'unknown' }, 'scope')).toContain(
      'Whose memory ran out is not in this text',
    );
  });
});

describe('why', () => {
  it('no zone was above its minimum, with the figures of the largest', () => {
    expect(tell(globalKill, 'cause')).toBe(
      'No zone could serve it: DMA32 of node 0 had 43.0 MiB free that it may use, not more than the minimum of 44.0 MiB, and the other zone was no better off; there was no swap; the largest parts of the memory were 750 MiB programs’ own (anonymous) memory, 50.0 MiB shared memory and tmpfs, 47.0 MiB free memory.',
    );
  });

  it('counts what is kept for urgent requests and for CMA as not free', () => {
    const urgent = { ...shortZone, freeBytes: 50 * mib, reservedHighatomicBytes: 7 * mib };
    expect(tell(withMemory({ zones: [urgent] }), 'cause')).toContain(
      'DMA32 of node 0 had 43.0 MiB free that it may use',
    );
    const cma = { ...shortZone, freeBytes: 60 * mib, freeCmaBytes: 20 * mib };
    expect(tell(asking(0, '0xcc0(GFP_KERNEL)', [cma]), 'cause')).toContain(
      'DMA32 of node 0 had 40.0 MiB free that it may use',
    );
    // A page that can be moved may lie in CMA.
    expect(tell(withMemory({ zones: [cma] }), 'cause')).toContain(
      'DMA32 of node 0 had 60.0 MiB free (20.0 MiB of it in areas for devices, CMA)',
    );
  });

  it('counts lowmem_reserve for requests that could go to a higher zone', () => {
    expect(tell(withMemory({ zones: [smallZone] }), 'cause')).toContain(
      'DMA of node 0 had 4.0 MiB free that it may use, not more than the minimum of 1.0 MiB and the 6.0 MiB that are kept for requests',
    );
    expect(tell(asking(0, '0xcc1(GFP_KERNEL|GFP_DMA)', [smallZone]), 'cause')).toContain(
      'When the report was printed, DMA of node 0 had 4.0 MiB free, more than its minimum of 1.0 MiB',
    );
  });

  it('leaves out zones that the request may not use', () => {
    const roomy = { ...shortZone, name: 'HighMem', freeBytes: 500 * mib };
    expect(tell(asking(0, '0xcc0(GFP_KERNEL)', [shortZone, roomy]), 'cause')).toMatch(
      /^No zone could serve it: DMA32 /,
    );
    expect(tell(withMemory({ zones: [shortZone, roomy] }), 'cause')).not.toMatch(/^No zone could serve it/);
  });

  it('the free memory was in pieces', () => {
    const pieces = { ...shortZone, freeBytes: 186 * mib };
    expect(tell(asking(2, '0xcc0(GFP_KERNEL)', [pieces]), 'cause')).toContain(
      'The free memory was in pieces: DMA32 of node 0 had 186 MiB free, but no free block of 16.0 KiB in a row that the request may use (the largest: 8.0 KiB)',
    );
    expect(tell(asking(1, '0xcc0(GFP_KERNEL)', [pieces]), 'cause')).toContain('When the report was printed');
    const urgentOnly = {
      ...pieces,
      freeBlocks: [
        { blockBytes: 4 * kib, count: 9, types: 'UM' },
        { blockBytes: 16 * kib, count: 9, types: 'H' },
      ],
    };
    expect(tell(asking(2, '0xcc0(GFP_KERNEL)', [urgentOnly]), 'cause')).toContain('(the largest: 4.0 KiB)');
  });

  it('the nodes it was bound to were full, while another had room', () => {
    const other = { ...shortZone, node: 1, freeBytes: 800 * mib };
    const bound: OomEvent = { ...withMemory({ zones: [shortZone, other] }), scope: 'mempolicy' };
    const sameNode = [
      shortZone,
      { ...shortZone, name: 'Normal', freeBytes: 800 * mib, managedBytes: 9000 * mib },
    ];
    expect(tell({ ...withMemory({ zones: sameNode }), scope: 'cpuset' }, 'cause')).not.toContain('placement');
    expect(tell(bound, 'cause')).toBe(
      'A matter of placement, not of shortage: DMA32 of node 0 had 43.0 MiB free that it may use, not more than the minimum of 44.0 MiB, while DMA32 of node 1 had 800 MiB free; there was no swap.',
    );
  });

  it('tells swap: full, not full, or none', () => {
    expect(tell(withMemory({ totalSwapBytes: 512 * mib, freeSwapBytes: 0 }), 'cause')).toContain(
      'swap was full (0 B of 512 MiB free)',
    );
    expect(tell(withMemory({ totalSwapBytes: 512 * mib, freeSwapBytes: 300 * mib }), 'cause')).toContain(
      'swap was not full (300 MiB of 512 MiB free)',
    );
    const { machine, zones, slabs } = memory;
    expect(tell({ ...globalKill, memory: { machine, zones, slabs } }, 'cause')).not.toContain('swap');
  });

  it('says what is in no counter, and blames no process for it', () => {
    const hidden = tell(withMemory({ ramBytes: 2000 * mib }), 'cause');
    expect(hidden).toContain('1.0 GiB are in no counter that the kernel printed');
    expect(hidden).toContain('no process is charged with them');
    const fewer = Object.fromEntries(
      Object.entries(memory.machine).filter(([name]) => name !== 'slab_unreclaimable'),
    );
    expect(tell(withMemory({ ramBytes: 2000 * mib, machine: fewer }), 'cause')).not.toContain(
      'in no counter',
    );
    expect(tell(withMemory({ ramBytes: 2000 * mib, hugePagesBytes: 1000 * mib }), 'cause')).not.toContain(
      'in no counter',
    );
  });

  it('the group had used its limit, with what it consisted of', () => {
    expect(tell(memcgKill, 'cause')).toBe(
      'The group used 64.0 MiB of 64.0 MiB, a limit that has been met 269 times; it may not use swap; the largest parts of the memory were 60.0 MiB programs’ own (anonymous) memory, 2.0 MiB shared memory and tmpfs, 1.0 MiB page cache.',
    );
    const freed: OomEvent = {
      ...memcgKill,
      cgroupMemory: { memory: { usageBytes: 30 * mib, limitBytes: 64 * mib }, stats: [] },
    };
    expect(tell(freed, 'cause')).toContain('The group used 30.0 MiB of 64.0 MiB when the report was printed');
    expect(tell(without(memcgKill, 'cgroupMemory'), 'cause')).toBe(
      'How much the group used is not in this text.',
    );
    const full: OomEvent = {
      ...memcgKill,
      cgroupMemory: { swap: { usageBytes: 9 * mib, limitBytes: 9 * mib }, stats: [] },
    };
    expect(tell(full, 'cause')).toContain('it had 9.0 MiB of 9.0 MiB in swap, which was full');
  });

  it('is not to be explained by free pages where no request failed', () => {
    expect(tell(asking(0, '0x0()', memory.zones), 'cause')).toContain(
      'No request had failed, so free pages do not tell why',
    );
    const sysrq: OomEvent = { ...asking(-1, '0xcc0(GFP_KERNEL)', memory.zones), scope: 'sysrq' };
    expect(tell(sysrq, 'cause')).toContain('There is no failure to explain: the kill was asked for');
  });

  it('is not in the text', () => {
    expect(tell(without(globalKill, 'memory'), 'cause')).toBe(
      'Why is not in this text: the state of the memory is missing.',
    );
    expect(tell(without(globalKill, 'trigger'), 'cause')).toContain('Which zone was short cannot be told');
  });

  it('is what a user-space killer says, or not told by a runtime', () => {
    const said: OomEvent = { ...globalKill, kind: 'earlyoom', reason: 'mem avail: 94 of 972 MiB' };
    expect(tell(said, 'cause')).toBe('earlyoom says why: “mem avail: 94 of 972 MiB”.');
    expect(tell({ ...globalKill, kind: 'runtime' }, 'cause')).toBe('Why, the notice does not tell.');
  });
});

describe('who died', () => {
  it('gives back its own memory and page tables, and not what is shared', () => {
    expect(tell(globalKill, 'killed')).toBe(
      'The kernel killed python3 (pid 882) of user 1000, which held 316 MiB of memory (300 MiB of its own, 6.0 MiB of files, 10.0 MiB of shared memory), 35 % of the machine’s memory (oom_score_adj 300); its end gives back about 301 MiB; 10.0 MiB of shared memory stay until nobody uses them and files in tmpfs are deleted.',
    );
  });

  it('gives back swap, too', () => {
    const rows = [{ pid: 882, name: 'python3', rssBytes: mib, swapBytes: 20 * mib }];
    expect(tell({ ...globalKill, tasks: { rows, moreRows: 0, whole: true } }, 'killed')).toContain(
      'about 301 MiB and 20.0 MiB of swap',
    );
  });

  it('is the one that asked, with vm.oom_kill_allocating_task', () => {
    expect(tell({ ...globalKill, allocatingTask: true }, 'killed')).toContain(
      'it was the one that asked (vm.oom_kill_allocating_task)',
    );
    expect(tell(globalKill, 'killed')).not.toContain('allocating_task');
  });

  it('before 5.1 may be a child of the chosen process, where the line of the kill is lost', () => {
    expect(tell({ ...globalKill, orChild: true }, 'killed')).toContain(
      'The kernel killed python3 (pid 882) of user 1000 or a child of it, which held',
    );
    expect(tell(globalKill, 'killed')).not.toContain('child');
  });

  it('is a whole group', () => {
    const [victim] = globalKill.victims;
    if (victim === undefined) throw new Error('no victim');
    const others = [1, 2, 3].map((pid) => ({ ...victim, pid, name: `w${pid}`, anonRssBytes: pid * mib }));
    const group: OomEvent = { ...memcgKill, oomGroup: '/docker/a', victims: [victim, ...others] };
    expect(tell(group, 'killed')).toBe(
      'The kernel killed all 4 processes of the cgroup /docker/a, which die together (memory.oom.group): python3 (pid 882) with 316 MiB, w3 (pid 3) with 19.0 MiB, w2 (pid 2) with 18.0 MiB and 1 more; their end gives back about 306 MiB; 40.0 MiB of shared memory stay until nobody uses them and files in tmpfs are deleted.',
    );
  });

  it('is nobody', () => {
    const ended = (outcome: OomEvent['outcome']): string =>
      tell({ ...globalKill, victims: [], outcome }, 'killed');
    expect(ended('no-killable-process')).toContain('Nobody was killed: every process');
    expect(ended('already-exiting')).toContain('was ending already');
    expect(ended('deadlock')).toContain('deadlocked on memory');
    expect(ended('panic')).toContain('the kernel stopped the whole machine (panic)');
    expect(ended('unknown')).toBe('Who was killed is not in this text.');
  });

  it('got a signal of a user-space killer, which is not yet a death', () => {
    const signalled: OomEvent = {
      ...globalKill,
      kind: 'earlyoom',
      victims: [{ pid: 7, name: 'a', rssBytes: mib, signal: 'SIGTERM' }],
    };
    expect(tell(signalled, 'killed')).toContain(
      'earlyoom sent SIGTERM to a (pid 7), which held 1.0 MiB of memory',
    );
    const unnamed: OomEvent = { ...globalKill, kind: 'systemd-oomd', victims: [], cgroup: { task: '/a' } };
    expect(tell(unnamed, 'killed')).toBe(
      'All processes of the cgroup /a were killed; systemd-oomd does not name them.',
    );
  });

  it('does not take address space for use', () => {
    const [victim] = globalKill.victims;
    if (victim === undefined) throw new Error('no victim');
    const large = { ...globalKill, victims: [{ ...victim, totalVmBytes: 2 ** 40 }] };
    expect(explanationOf(large)).toEqual(explanationOf(globalKill));
  });
});

describe('who would have been next', () => {
  it('is the worst of those that are left, by the kernel’s formula', () => {
    expect(tell(globalKill, 'next')).toBe(
      'Next would have been redis (pid 900), which counts 100 MiB by the kernel’s formula (memory, swap, page tables).',
    );
  });

  it('cannot be told without the table', () => {
    expect(tell(without(globalKill, 'tasks'), 'next')).toContain('cannot be told without the table of tasks');
    expect(tell({ ...globalKill, kind: 'earlyoom' }, 'next')).toContain('it does not tell');
  });

  it('says what makes it doubtful', () => {
    const cut: OomEvent = { ...globalKill, tasks: { rows: tasks, moreRows: 3, whole: false } };
    expect(tell(cut, 'next')).toContain('not for certain: the table of tasks is not whole');
    expect(tell(cut, 'missing')).toBe(
      'Not in this text: a part of the table of tasks, 3 more rows of that table, of which too many were printed.',
    );
  });
});

describe('the story', () => {
  it('has five sentences, and a sixth where something is missing', () => {
    expect(explanationOf(globalKill).sentences.map(({ part }) => part)).toEqual([
      'asked',
      'scope',
      'cause',
      'killed',
      'next',
    ]);
    const cut: OomEvent = { ...globalKill, complete: false, missing: ['trigger', 'task-table'] };
    expect(explanationOf(cut).sentences.at(-1)).toEqual({
      part: 'missing',
      text: 'Not in this text: who asked for memory, the table of tasks.',
    });
  });

  it('is put into another language', () => {
    const asked: string[] = [];
    const told = explanationOf(globalKill, (text) => {
      asked.push(text);
      return 'x';
    });
    expect(new Set(told.sentences.map(({ text }) => text))).toEqual(
      new Set(['x.', 'x; x.', 'x; x; x.', 'x; x; x.']),
    );
    expect(asked).toContain('there was no swap');
  });

  const corpus = 'test/fixtures/oom';
  it.each(
    readdirSync(corpus, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  )('is whole for the log %s, and names every figure that it has', (name) => {
    for (const event of JSON.parse(readFileSync(join(corpus, name, 'events.json'), 'utf8')) as OomEvent[]) {
      const { sentences } = explanationOf(event);
      for (const { text } of sentences) {
        expect(text).toMatch(/^\S.*\.$/);
        expect(text).not.toMatch(/undefined|NaN|Infinity|\{\d\}|\[object|null/);
      }
      const killed = tell(event, 'killed');
      if (event.victims.length === 1) expect(killed).toContain(`(pid ${event.victims[0]?.pid ?? ''})`);
      expect(sentences.some(({ part }) => part === 'missing')).toBe(
        event.missing.length > 0 || event.tasks?.whole === false || (event.tasks?.moreRows ?? 0) > 0,
      );
    }
  });

  it('is harmless and short whatever names are in the log', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
        const [victim] = globalKill.victims;
        if (victim === undefined) throw new Error('no victim');
        const hostile: OomEvent = {
          ...memcgKill,
          trigger: { name, order: 0, gfp: name },
          cgroup: { limit: `/${name}`, task: `/${name}/${name}` },
          victims: [{ ...victim, name, signal: name }],
          localTime: name,
          memory: { ...memory, zones: [{ ...shortZone, name }] },
        };
        for (const event of [
          hostile,
          { ...hostile, scope: 'global' as const },
          { ...hostile, kind: 'nohang' as const, reason: name },
        ]) {
          for (const { text } of explanationOf(event).sentences) {
            // eslint-disable-next-line no-control-regex -- control characters are what is looked for
            expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
            expect(text.length).toBeLessThan(3000);
          }
        }
      }),
      { numRuns: 50 },
    );
  }, 30_000);
});
