import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import { readEvents } from './readEvents';

/** The report of one kill in a memory cgroup, by a task `ask<pid>`. */
function report(pid: number): string[] {
  return [
    `ask${pid} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`,
    `CPU: 0 PID: ${pid}0 Comm: ask${pid} Not tainted 6.1.0`,
    `memory: usage ${pid}kB, limit ${pid}kB, failcnt ${pid}`,
    `swap: usage 0kB, limit 0kB, failcnt 0`,
    `Memory cgroup stats for /g${pid}:`,
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
    `[${String(pid).padStart(7)}]     0 ${pid}       10        5     4096        0             0 victim${pid}`,
    `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/g${pid},task_memcg=/g${pid}/x,task=victim${pid},pid=${pid},uid=0`,
    `Memory cgroup out of memory: Killed process ${pid} (victim${pid}) total-vm:40kB, anon-rss:20kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0`,
  ];
}

const [one, other] = [report(71), report(82)];

/** Records of /dev/kmsg, 10 ms apart. */
function kmsg(texts: readonly (string | undefined)[], caller?: (text: string) => string): string[] {
  return texts.flatMap((text, index) =>
    text === undefined
      ? []
      : [`6,${index},${1_000_000 + index * 10_000},-${caller ? `,caller=${caller(text)}` : ''};${text}`],
  );
}

const brief = (event: OomEvent) => ({
  pids: event.victims.map(({ pid }) => pid),
  trigger: event.trigger?.name,
  limit: event.cgroup?.limit,
  usage: event.cgroupMemory?.memory?.failures,
  rows: event.tasks?.rows.map(({ pid }) => pid),
  outcome: event.outcome,
});
const briefs = (lines: readonly string[]) => readEvents(lines).events.map(brief);

const whole = (pid: number) => ({
  pids: [pid],
  trigger: `ask${pid}`,
  limit: `/g${pid}`,
  usage: pid,
  rows: [pid],
  outcome: 'killed',
});
/** What the lines with the pid of the victim tell. */
const alone = (pid: number) => ({ ...whole(pid), trigger: undefined, usage: undefined, rows: undefined });

describe('two reports, line by line', () => {
  const mixed = one.flatMap((line, index) => [line, other[index]]);

  it('are told apart by their callers', () => {
    let index = 0;
    expect(briefs(kmsg(mixed, () => ((index += 1) % 2 === 1 ? 'T710' : 'T820')))).toEqual([
      whole(71),
      whole(82),
    ]);
  });

  it('without callers tell what the lines with the pid of a victim say, and no more', () => {
    expect(briefs(kmsg(mixed))).toEqual([alone(71), alone(82)]);
  });
});

describe('a report that begins inside another one', () => {
  it('after the table: the older one is told in full where its kill comes', () => {
    expect(briefs(kmsg([...one.slice(0, 7), other[0], ...one.slice(7), ...other.slice(1)]))).toEqual([
      whole(71),
      whole(82),
    ]);
  });

  it('is told in full, but not before it is sure that the older one lost its end', () => {
    const lines = kmsg([...one.slice(0, 2), ...other]);
    const { told } = readEvents(lines);
    expect(told.map(brief)).toEqual([
      alone(82),
      whole(82),
      { ...whole(71), pids: [], limit: undefined, usage: undefined, rows: undefined, outcome: 'unknown' },
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    expect(briefs(lines).map(({ pids }) => pids)).toEqual([[], [82]]);
  });

  it('is no more doubtful when the next report comes ten seconds later', () => {
    const later = kmsg(report(93)).map((line) => line.replace(/,1(\d{6}),/, ',31$1,'));
    const { told } = readEvents([...kmsg([...one.slice(0, 2), ...other]), ...later]);
    expect(told.map(brief).slice(-1)).toEqual([whole(93)]);
  });

  it('by the same task: the older one has lost its end', () => {
    expect(briefs(kmsg([...one.slice(0, 4), ...other], () => 'T5'))).toMatchObject([
      { outcome: 'unknown', usage: 71 },
      whole(82),
    ]);
  });
});

describe('the state of the memory that another task asked for', () => {
  const memory = ['Mem-Info:', 'active_anon:1 free:1', 'Node 0 DMA free:4kB min:1kB', '5 pages RAM'];
  const failure =
    'modprobe: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)';
  const [header, cpu] = one;
  const killed = 'Out of memory: Killed process 71 (victim71) total-vm:40kB, anon-rss:20kB, file-rss:0kB';

  it('alone is no report', () => {
    expect(briefs(kmsg([failure, ...memory, 'usb 1-1: new device']))).toEqual([]);
    expect(briefs(kmsg([...memory, 'usb 1-1: new device', killed]))).toMatchObject([{ pids: [71] }]);
    expect(readEvents(kmsg([...memory, 'usb 1-1: new device', killed])).events[0]).not.toHaveProperty(
      'memory',
    );
  });

  it('does not get into a report', () => {
    const { events } = readEvents(kmsg([header, cpu, failure, ...memory, killed]));
    expect(events).toMatchObject([
      { trigger: { name: 'ask71' }, missing: ['scope', 'memory-information', 'task-table'] },
    ]);
    const after = readEvents(kmsg([header, cpu, ...memory, failure, ...memory, killed])).events;
    expect(after).toMatchObject([{ memory: { ramBytes: 20_480 } }]);
  });

  it('that comes twice is of two, and which lines are whose is not known', () => {
    const { events } = readEvents(kmsg([header, cpu, ...memory, ...memory, killed]));
    expect(events.map(brief)).toEqual([
      {
        pids: [71],
        trigger: undefined,
        limit: undefined,
        usage: undefined,
        rows: undefined,
        outcome: 'killed',
      },
    ]);
    expect(events[0]).not.toHaveProperty('memory');
  });

  it('is that of a report whose first lines are lost where its table follows', () => {
    const { events } = readEvents(kmsg([...memory, ...one.slice(5)]));
    expect(events).toMatchObject([
      { memory: { ramBytes: 20_480 }, tasks: { whole: true }, missing: ['trigger', 'memory-information'] },
    ]);
  });
});

describe('kills', () => {
  const sizes = 'total-vm:40kB, anon-rss:20kB, file-rss:0kB';

  it('of a child in the place of the chosen process, which has the score', () => {
    const lines = [
      one[0],
      'Out of memory: Kill process 6 (hog) score 1046 or sacrifice child',
      `Killed process 7 (hog) ${sizes}`,
    ];
    expect(readEvents(kmsg(lines)).events[0]?.victims).toStrictEqual([
      { pid: 7, name: 'hog', totalVmBytes: 40_960, anonRssBytes: 20_480, fileRssBytes: 0 },
    ]);
    const same = lines.map((line) => line?.replace('process 6', 'process 7'));
    expect(readEvents(kmsg(same)).events[0]?.victims).toMatchObject([{ pid: 7, score: 1046 }]);
  });

  it('of 2.6.32, without sizes, count inside of a report alone', () => {
    const lines = [
      one[0],
      'Out of memory: kill process 7 (hog) score 9 or a child',
      'Killed process 7 (hog)',
    ];
    expect(readEvents(kmsg(lines)).events).toMatchObject([
      { victims: [{ pid: 7, name: 'hog', score: 9 }], scope: 'unknown' },
    ]);
    expect(readEvents(kmsg(lines.slice(2))).events).toEqual([]);
  });

  it('whose line has lost its beginning', () => {
    expect(readEvents(kmsg([`mory: Killed process 7 (hog) ${sizes}`])).events).toMatchObject([
      { victims: [{ pid: 7 }] },
    ]);
    expect(readEvents(kmsg([`cgroup out of memory: Killed process 7 (hog) ${sizes}`])).events).toMatchObject([
      { scope: 'memcg' },
    ]);
    expect(readEvents(kmsg([`he said: Killed process 7 (hog) ${sizes}`])).events).toEqual([]);
  });

  it('of those that share the memory of the victim have no sizes to miss', () => {
    const lines = [...one, 'Kill process 72 (vfork) sharing same memory'];
    expect(readEvents(kmsg(lines)).events).toMatchObject([
      { victims: [{ pid: 71 }, { pid: 72, name: 'vfork' }], complete: true },
    ]);
  });

  it('of the same process in two reports are two', () => {
    const lines = [one[0], `Out of memory: Killed process 7 (hog) ${sizes}`];
    expect(readEvents(kmsg([...lines, ...lines])).events.map(({ id }) => id)).toEqual(['1010-7', '1030-7']);
    expect(readEvents(kmsg([...lines, lines[1]])).events.map(({ id }) => id)).toEqual(['1010-7']);
  });

  it('because vm.oom_kill_allocating_task is set say so', () => {
    const lines = [one[0], `Out of memory (oom_kill_allocating_task): Killed process 7 (hog) ${sizes}`];
    expect(readEvents(kmsg(lines)).events).toMatchObject([{ allocatingTask: true }]);
    expect(readEvents(kmsg(one)).events[0]).not.toHaveProperty('allocatingTask');
  });

  it('of two groups without reports are two events', () => {
    const kill = (pid: number): string => `Memory cgroup out of memory: Killed process ${pid} (a) ${sizes}`;
    const group = (path: string): string =>
      `Tasks in ${path} are going to be killed due to memory.oom.group set`;
    const lines = [kill(1), group('/a'), kill(1), kill(2), kill(3), group('/b'), kill(3), kill(4)];
    expect(
      readEvents(kmsg(lines)).events.map(({ oomGroup, victims }) => [
        oomGroup,
        victims.map(({ pid }) => pid),
      ]),
    ).toEqual([
      ['/a', [1, 2]],
      ['/b', [3, 4]],
    ]);
  });

  it('ten seconds after those of a group are none of it', () => {
    const killed = (pid: number): string => `Memory cgroup out of memory: Killed process ${pid} (a) ${sizes}`;
    const group = 'Tasks in /a are going to be killed due to memory.oom.group set';
    const lines = kmsg([killed(1), group, killed(1), killed(2)]);
    const later = (ms: number): string => `6,9,${1_040_000 + ms * 1000},-;${killed(3)}`;
    const pids = (ms: number): number[][] =>
      readEvents([...lines, later(ms)]).events.map(({ victims }) => victims.map(({ pid }) => pid));
    expect(pids(9000)).toEqual([[1, 2, 3]]);
    expect(pids(11_000)).toEqual([[1, 2], [3]]);
  });

  it("with the oom_reaper's line from its own task count once", () => {
    const lines = [
      ...one,
      'oom_reaper: reaped process 71 (victim71), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
    ];
    expect(briefs(kmsg(lines, (text) => (text.startsWith('oom_reaper') ? 'T40' : 'T5')))).toEqual([
      whole(71),
    ]);
    const unseen = lines.filter((line) => !line.includes('Killed'));
    expect(briefs(kmsg(unseen, (text) => (text.startsWith('oom_reaper') ? 'T40' : 'T5')))).toEqual([
      whole(71),
    ]);
  });
});

describe('a chosen victim', () => {
  const oomKill = one[7] ?? '';

  it('whose kill line is lost is told without sizes', () => {
    expect(readEvents(kmsg([oomKill])).events).toMatchObject([
      {
        id: '1000-71',
        victims: [{ pid: 71, name: 'victim71', uid: 0 }],
        outcome: 'killed',
        missing: ['trigger', 'sizes', 'memory-information', 'task-table'],
      },
    ]);
  });

  it('that is ending already is none', () => {
    const exiting =
      'Memory cgroup out of memory: OOM victim 71 (victim71) is already exiting. Skip killing the task';
    expect(readEvents(kmsg([oomKill, exiting])).events).toMatchObject([
      { victims: [], outcome: 'already-exiting' },
    ]);
    const lines = [...one.slice(0, 8), other[0], exiting, ...other.slice(1)];
    expect(briefs(kmsg(lines))).toMatchObject([{ outcome: 'already-exiting', trigger: 'ask71' }, whole(82)]);
  });

  describe('before 5.1', () => {
    const chosen = 'Memory cgroup out of memory: Kill process 71 (victim71) score 5 or sacrifice child';
    const killed = (pid: number, name: string): string =>
      `Killed process ${pid} (${name}) total-vm:4kB, anon-rss:4kB, file-rss:0kB`;

    it('is told where the line of the kill is lost, and that it may have been a child of it', () => {
      expect(readEvents(kmsg([oomKill, chosen])).events).toMatchObject([
        {
          victims: [{ pid: 71, name: 'victim71', uid: 0, score: 5 }],
          outcome: 'killed',
          orChild: true,
          missing: ['trigger', 'sizes', 'memory-information', 'task-table'],
        },
      ]);
    });

    it('is not the one that dies where a child of it does', () => {
      const [event, ...others] = readEvents(kmsg([chosen, killed(99, 'child')])).events;
      expect(others).toEqual([]);
      expect(event?.victims).toEqual([
        { pid: 99, name: 'child', totalVmBytes: 4096, anonRssBytes: 4096, fileRssBytes: 0 },
      ]);
      expect(event).not.toHaveProperty('orChild');
    });

    it('is told of every one of such lines alone', () => {
      const other = chosen.replace('71 (victim71)', '72 (victim) score 9)');
      expect(readEvents(kmsg([chosen, other])).events.map(({ victims }) => victims[0])).toEqual([
        { pid: 71, name: 'victim71', score: 5 },
        { pid: 72, name: 'victim) score 9', score: 5 },
      ]);
    });
  });

  it('of a pid that was given anew is another one', () => {
    const killed = (pid: number, name: string): string =>
      `Out of memory: Killed process ${pid} (${name}) total-vm:8kB, anon-rss:4kB, file-rss:0kB`;
    const lines = kmsg([killed(5, 'x'), killed(6, 'x'), killed(5, 'y'), killed(5, 'y')]);
    expect(
      readEvents(lines).events.map(({ victims }) => victims.map(({ pid, name }) => [pid, name])),
    ).toEqual([[[5, 'x']], [[6, 'x']], [[5, 'y']]]);
  });

  it('is not the one of a kill whose words say otherwise', () => {
    const cut = 'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),';
    const killed = 'Out of memory: Killed process 5 (x) total-vm:4kB, anon-rss:4kB';
    expect(readEvents(kmsg([cut, killed])).events).toMatchObject([
      { scope: 'memcg', victims: [] },
      { scope: 'unknown', victims: [{ pid: 5 }] },
    ]);
  });
});

describe('ids', () => {
  const killed = 'Out of memory: Killed process 7 (hog) total-vm:40kB, anon-rss:20kB';

  it('of events without times differ', () => {
    const noKill = 'Out of memory and no killable processes...';
    const lines = [...one.slice(0, 2), noKill, ...one.slice(0, 2), noKill];
    expect(readEvents(lines).events.map(({ id }) => id)).toEqual(['?-?', '?-?-2']);
  });

  it('are of the time that there is', () => {
    expect(readEvents([`2026-11-23T08:15:02,500000+00:00 ${killed}`]).events).toMatchObject([
      { id: '1795421702500-7' },
    ]);
  });

  it('of an event that the log holds twice are the same', () => {
    expect(readEvents(kmsg([killed, ...Array<undefined>(3), 'x'])).events).toHaveLength(1);
    const twice = [...kmsg(one), ...kmsg(one)];
    expect(briefs(twice)).toEqual([whole(71)]);
  });
});
