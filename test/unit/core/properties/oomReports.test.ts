import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OomEvent } from '../../../../src/core/oom/event';
import { readEvents } from '../oom/readEvents';
import { bytes, holds, seed } from './random';

const root = join(import.meta.dirname, '../../../fixtures/oom');

interface Log {
  readonly name: string;
  readonly lines: readonly string[];
  readonly events: readonly OomEvent[];
}

/** Logs in the plain form of dmesg and of /dev/kmsg, with what they tell as a whole. */
const logs = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(root, name))
      .filter((file) => file === 'dmesg.txt' || file === 'kmsg.txt')
      .map((file): Log => {
        const lines = readFileSync(join(root, name, file), 'utf8')
          .trimEnd()
          .split('\n');
        return { name: `${name}/${file}`, lines, events: readEvents(lines).events };
      }),
  );

const kernelEvents = (events: readonly OomEvent[]): OomEvent[] =>
  events.filter(({ kind }) => kind === 'kernel');

/** What a cut or tangled log may still tell of an event, and nothing else. */
function expectNoOther(told: OomEvent, whole: readonly OomEvent[], where: string): void {
  const own =
    whole.find(({ victims }) => victims.some(({ pid }) => told.victims[0]?.pid === pid)) ?? undefined;
  if (told.victims.length > 0) {
    expect(own, `${where}: a victim that is not there`).toBeDefined();
    for (const victim of told.victims) {
      const known = own?.victims.find(({ pid }) => pid === victim.pid);
      expect(known?.name, where).toBe(victim.name);
    }
  }
  const candidates = own === undefined ? whole : [own];
  if (told.trigger !== undefined)
    expect(
      candidates.map(({ trigger }) => trigger?.name),
      `${where}: trigger`,
    ).toContain(told.trigger.name);
  if (told.cgroup?.limit !== undefined)
    expect(
      candidates.map(({ cgroup }) => cgroup?.limit),
      `${where}: limit`,
    ).toContain(told.cgroup.limit);
  if (told.tasks !== undefined) {
    const rows = candidates
      .flatMap(({ tasks }) => tasks?.rows ?? [])
      .map(({ pid, name }) => `${pid} ${name}`);
    expect(rows, `${where}: tasks`).toEqual(
      expect.arrayContaining(told.tasks.rows.map(({ pid, name }) => `${pid} ${name}`)),
    );
  }
  if (told.cgroupMemory?.memory !== undefined)
    expect(
      candidates.map(({ cgroupMemory }) => cgroupMemory?.memory),
      `${where}: cgroup`,
    ).toContainEqual(told.cgroupMemory.memory);
  if (told.memory?.freeSwapBytes !== undefined)
    expect(
      candidates.map(({ memory }) => memory?.freeSwapBytes),
      `${where}: swap`,
    ).toContain(told.memory.freeSwapBytes);
}

const isKill = /Killed process \d+.*(?:total-vm|vsz):/;

/**
 * Logs that tell, when they are whole, what each line is of; that hold no name of several lines, and no chosen victim
 * that needed no kill, of which a part of the log may say that it was killed.
 */
const clear = logs.filter(({ name, events }) => {
  if (events.some(({ outcome }) => outcome === 'already-exiting')) return false;
  const names = events
    .flatMap(({ tasks, victims }) => [...victims, ...(tasks?.rows ?? [])])
    .map((one) => one.name);
  return !name.startsWith('interleaved/') && !names.some((one) => one.includes('\n'));
});

/** Without the line that says so, nobody knows that the members of a group died together. */
function mostEvents(events: readonly OomEvent[]): number {
  return events.reduce(
    (sum, { victims, oomGroup }) => sum + (oomGroup === undefined ? 1 : victims.length),
    0,
  );
}

describe(`half reports (seed ${seed})`, () => {
  it('there are logs to cut', () => {
    expect(logs.length).toBeGreaterThan(40);
  });

  it.each(clear.filter(({ lines }) => lines.length < 400).map((log) => [log.name, log] as const))(
    '%s, cut at every line',
    (name, { lines, events }) => {
      for (let cut = 0; cut <= lines.length; cut += 1) {
        for (const part of [lines.slice(0, cut), lines.slice(cut)]) {
          const told = kernelEvents(readEvents(part).events);
          const where = `${name} at ${cut}`;
          expect(told.length, where).toBeLessThanOrEqual(mostEvents(kernelEvents(events)));
          for (const event of told) expectNoOther(event, kernelEvents(events), where);
          const pids = new Set(told.flatMap(({ victims }) => victims.map(({ pid }) => pid)));
          if (events.length === 0) continue;
          for (const victim of killed(part)) expect(pids, `${where}: lost`).toContain(victim);
        }
      }
    },
  );

  it('cut within a line, from anywhere to anywhere, tell nothing that is not there', () => {
    const share = fc.nat({ max: 999_999 });
    // Without its beginning, a program's line in /dev/kmsg is the kernel's.
    const printed = clear.filter(({ name }) => !name.startsWith('negative-spoof/'));
    let told = 0;
    holds(
      fc.property(fc.constantFrom(...printed), share, share, ({ name, lines, events }, one, other) => {
        const text = lines.join('\n');
        const [from, to] = [one, other]
          .map((place) => Math.floor((place / 1e6) * text.length))
          .sort((a, b) => a - b);
        const part = kernelEvents(readEvents(text.slice(from, to).split('\n')).events);
        told += part.length;
        for (const { victims } of part)
          for (const { pid } of victims) {
            const pids = events.flatMap((event) => event.victims.map((victim) => victim.pid));
            expect(pids, name).toContain(pid);
          }
      }),
      300,
    );
    expect(told).toBeGreaterThan(50);
  });
});

/** The pids of the kill lines that are whole. */
function killed(lines: readonly string[]): number[] {
  return lines.flatMap((line) => {
    const pid = isKill.test(line) ? /Killed process (\d+)/.exec(line)?.[1] : undefined;
    return pid === undefined ? [] : [Number(pid)];
  });
}

/** Logs of one report each, that the kernel itself printed and that is all there. */
const single = logs
  .filter(({ name }) => name.endsWith('/kmsg.txt'))
  .filter(
    ({ events: [event, ...more] }) => event?.outcome === 'killed' && event.complete && more.length === 0,
  )
  .filter(({ lines }) => lines.length < 300);

/** The texts of a log, its times and callers taken off. */
function texts({ lines }: Log): string[] {
  return lines.filter((line) => /^\d+,\d+,\d+,/.test(line)).map((line) => line.slice(line.indexOf(';') + 1));
}

/** Two logs in one, their lines in order, mixed as `choices` say; all at about the same time. */
function mixed(one: Log, other: Log, choices: readonly boolean[], callers: boolean): string[] {
  const queues = [texts(one), texts(other)];
  const [first = [], second = []] = queues;
  const lines: string[] = [];
  let index = 0;
  while (first.length > 0 || second.length > 0) {
    const chosen = choices[index % choices.length] === true ? first : second;
    const queue = chosen.length > 0 ? chosen : chosen === first ? second : first;
    const caller = callers ? `,caller=T${queue === first ? 11 : 22}` : '';
    lines.push(`6,${index},${5_000_000 + index * 50},-${caller};${queue.shift() ?? ''}`);
    index += 1;
  }
  return lines;
}

describe(`two reports at once (seed ${seed})`, () => {
  const pairs = fc
    .tuple(
      fc.constantFrom(...single),
      fc.constantFrom(...single),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
    )
    .filter(([one, other]) => one.events[0]?.victims[0]?.pid !== other.events[0]?.victims[0]?.pid);

  it('there are reports to mix', () => {
    expect(single.length).toBeGreaterThan(8);
  });

  it.each([true, false])('callers told: %s', (callers) => {
    holds(
      fc.property(pairs, ([one, other, choices]) => {
        const whole = [...one.events, ...other.events];
        const { events } = readEvents(mixed(one, other, choices, callers));
        const where = `${one.name} and ${other.name}`;
        expect(events.length, where).toBe(2);
        for (const event of events) {
          expectNoOther(event, whole, where);
          const own = whole.find(({ victims }) => victims[0]?.pid === event.victims[0]?.pid);
          expect(event.victims, where).toStrictEqual(own?.victims);
          if (callers) expect({ ...event, ...untimed }, where).toEqual({ ...own, ...untimed });
        }
      }),
      400,
    );
  });
});

const untimed = { id: '', kernelTimeMs: 0, kernelTimeMicroseconds: 0, host: undefined };

describe(`hostile text (seed ${seed})`, () => {
  const name = fc
    .oneof(
      fc.constantFrom(
        ' invoked oom-ki',
        'Killed process ',
        'Out of memory: ',
        'oom_reaper: rea',
        'Mem-Info:',
        '[ 1] 2 3 4 5 6 ',
        ') total-vm:1kB,',
        'a (b) [c]: d, e',
        ',task=x,pid=1,u',
        'System is deadl',
        'Task in /a kill',
        'swap: usage 1kB',
      ),
      fc.string({ maxLength: 15, unit: fc.constantFrom(...Array.from('()[]{}:;,=/\\ ax0_-é日')) }),
    )
    // Blanks at the end of a row may be a terminal's.
    .filter((comm) => comm === comm.trimEnd());

  it('a process may be called anything: the report stays right', () => {
    holds(
      fc.property(name, name, (trigger, victim) => {
        const lines = [
          `${trigger} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`,
          `CPU: 0 PID: 977 Comm: ${trigger} Not tainted 6.1.0`,
          'Mem-Info:',
          '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
          `[    977]     0   977      100       50     8192        0             0 ${trigger}`,
          `[    882]     0   882      200      150     8192        0             0 ${victim}`,
          `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=${victim},pid=882,uid=0`,
          `Out of memory: Killed process 882 (${victim}) total-vm:800kB, anon-rss:600kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8kB oom_score_adj:0`,
        ].map((text, index) => `6,${index},${1000 * index},-;${text.replaceAll('\\', '\\x5c')}`);
        const { events } = readEvents(lines);
        expect(events).toMatchObject([
          {
            scope: 'global',
            trigger: { name: trigger, pid: 977 },
            victims: [{ pid: 882, name: victim, totalVmBytes: 819_200 }],
            tasks: {
              rows: [
                { pid: 977, name: trigger },
                { pid: 882, name: victim, rssBytes: 614_400 },
              ],
            },
          },
        ]);
        expect(events).toHaveLength(1);
      }),
    );
  });

  it('a process called like a report line makes no event of what other parts of the kernel print of it', () => {
    holds(
      fc.property(name, (comm) => {
        const lines = [
          `${comm}[12]: segfault at 0 ip 00007f sp 00007f error 4`,
          `${comm} (12): drop_caches: 3`,
          `CPU: 0 PID: 12 Comm: ${comm} Not tainted 6.1.0`,
          `${comm}: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)`,
          'Mem-Info:',
          'active_anon:48 inactive_anon:224275 isolated_anon:0',
          'Node 0 DMA32 free:16kB min:44348kB low:55432kB high:66516kB',
          `traps: ${comm}[12] general protection fault`,
        ].map((text, index) => `4,${index},${1000 * index},-;${text.replaceAll('\\', '\\x5c')}`);
        expect(readEvents(lines).told).toEqual([]);
      }),
    );
  });

  it('random bytes tell nothing', () => {
    holds(
      fc.property(fc.array(bytes, { maxLength: 30 }), (lines) => {
        expect(readEvents(lines).told).toEqual([]);
      }),
    );
  });

  it('lines of 10 MB between those of a report cost little and change nothing', () => {
    const [log] = single;
    const lines = log?.lines ?? [];
    const long = [
      'x'.repeat(1e7),
      '[ 1] '.repeat(2e6),
      'Killed process 1 ('.repeat(6e5),
      ' \\x0a'.repeat(2e6),
    ];
    const begin = performance.now();
    const { events } = readEvents(
      lines.flatMap((line, index) => (index % 10 === 9 ? [line, long[index % 4] ?? ''] : [line])),
    );
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(events.map(({ victims }) => victims)).toEqual(log?.events.map(({ victims }) => victims));
  });

  it('a line that is cut at 64 KiB is read in linear time, whatever it is made of', () => {
    const parts = [
      ' total-vm:',
      ',task=',
      ',oom_memcg=',
      'Node 0 DMA free:1kB ',
      '1*4kB (UM) ',
      'active_anon:1 ',
      ' cpuset=/ mems_allowed=0',
      'Memory cgroup stats for ',
      ' x:1KB',
      '[    1]   0 ',
      'Task in ',
      ' killed as a result of limit of ',
      'CPU: 0 PID: 1 Comm: ',
    ];
    const part = fc.constantFrom(...parts);
    holds(
      fc.property(
        part,
        part,
        fc.constantFrom('', 'Mem-Info:\n', 'a invoked oom-killer: gfp_mask=0x1, order=0,'),
        (start, rest, first) => {
          const line = start + rest.repeat(Math.floor(65_000 / rest.length));
          const begin = performance.now();
          readEvents([
            ...first.split('\n'),
            'a invoked oom-killer: gfp_mask=0x1, order=0,',
            line,
            line,
            line,
          ]);
          expect(performance.now() - begin).toBeLessThan(500);
        },
      ),
      150,
    );
  });
});
