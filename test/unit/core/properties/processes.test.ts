import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../../src/core/proc/commandLine';
import { oomScore, oomScoreAdj } from '../../../../src/core/proc/oomScore';
import { passwd } from '../../../../src/core/proc/passwd';
import { processStat } from '../../../../src/core/proc/processStat';
import { processStatus } from '../../../../src/core/proc/processStatus';
import { ParseError, type Source } from '../../../../src/core/proc/source';
import { ProcessTable } from '../../../../src/core/processes/processTable';
import type { SurveyCapture } from '../../../../src/core/survey/capture';
import { details, kernelFlags, statText, statusText } from '../processes/slices';
import { bytes, harmed, holds, notFinite, numbersIn, seed } from './random';

const texts = {
  stat: [
    statText(7, { name: 'a) R 1 (\nb', minflt: 15_723, rss: 16_248 }),
    statText(8, { utime: 500, majflt: 3 }),
    statText(2, { name: 'kthreadd', flags: kernelFlags, rss: 0 }),
  ],
  status: [
    statusText(1000, { swapKib: 12 }),
    'Uid:\t1000\t998\t998\t998\nVmRSS:\t 2097152 kB\nVmPMD:\t 36 kB\nThreads:\t211\nNSpid:\t30211\t7\nCoreDumping:\t0\n',
  ],
  cgroup: ['0::/system.slice/app.service\n', '4:memory:/docker/4f\n1:name=systemd:/a:b (deleted)\n0::/\n'],
  oom_score: ['667\n'],
  oom_score_adj: ['-1000\n', '0\n'],
  cmdline: ['nginx: master process\0\0\0', '/usr/bin/app\0--secret\0x\0'],
  passwd: ['root:x:0:0:root:/root:/bin/bash\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n'],
} as const;

const anyOf = (real: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 1, arbitrary: bytes }, { weight: 5, arbitrary: harmed(real) });

const sources: readonly [Source<unknown>, readonly string[]][] = [
  [processStat, texts.stat],
  [processStatus, texts.status],
  [oomScore, texts.oom_score],
  [oomScoreAdj, texts.oom_score_adj],
  [commandLine, texts.cmdline],
  [passwd, texts.passwd],
];

const mayBeNegative = /(nice|priority|oomScoreAdj|GrowthBytesPerSecond|growthBytesPerSecond)$/;

function expectSound(value: unknown): void {
  expect(notFinite(value)).toEqual([]);
  const negative = numbersIn(value).filter(([where, number]) => number < 0 && !mayBeNegative.test(where));
  expect(negative).toEqual([]);
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

const files = ['stat', 'status', 'cgroup', 'oom_score', 'oom_score_adj', 'cmdline'] as const;

const anyPid = fc.integer({ min: 1, max: 9 });

const anyText: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc
    .tuple(anyPid, fc.constantFrom(...files))
    .chain(([pid, file]) => anyOf(texts[file]).map((text) => [`proc/${pid}/${file}`, text] as const)),
  fc
    .tuple(anyPid, fc.nat({ max: 2 }), fc.nat({ max: 5000 }), fc.nat({ max: 9e6 }))
    .map(([pid, start, utime, rss]) => [`proc/${pid}/stat`, statText(pid, { start, utime, rss })] as const),
  anyPid.chain((pid) => fc.constantFrom(...Object.entries(details(pid, 4)))),
  fc.tuple(
    fc.constantFrom('proc/7/', 'proc/x/stat', 'proc/7/stat/x', '__proto__', 'proc/99999999/stat'),
    bytes,
  ),
);

const anyTime = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 100_000 }) },
  { weight: 1, arbitrary: fc.double() },
);

const anySlice: fc.Arbitrary<SurveyCapture> = fc
  .record({
    bootId: fc.constantFrom('boot', 'boot', 'boot', 'boot', 'other'),
    hostUptimeMs: anyTime,
    pids: fc.option(fc.array(fc.oneof(anyPid, fc.double()), { maxLength: 12 }), { nil: undefined, freq: 3 }),
    unchangedPids: fc.array(fc.oneof(anyPid, fc.double()), { maxLength: 5 }),
    cgroups: fc.constant([]),
    text: fc.array(anyText, { maxLength: 12 }).map((all): Record<string, string> => Object.fromEntries(all)),
    unreadable: fc.array(
      fc.oneof(
        bytes,
        fc.tuple(anyPid, fc.constantFrom(...files)).map(([pid, file]) => `proc/${pid}/${file}`),
      ),
      { maxLength: 2 },
    ),
  })
  .map(({ pids, ...rest }) => ({ ...rest, ...(pids && { pids }) }));

describe(`whatever a host says of its processes (seed ${seed})`, () => {
  it.each(sources)('$path is facts without nonsense, or a ParseError', (source, real) => {
    let facts = 0;
    holds(
      fc.property(anyOf(real), (text) => {
        const lines = text.split('\n');
        try {
          const value = source.parse(text, ({ number, text: line }, reason) => {
            expect(lines[number - 1]).toBe(line);
            expect(reason).not.toBe('');
          });
          facts += 1;
          expectSound(source === oomScoreAdj ? { oomScoreAdj: value } : value);
        } catch (error) {
          if (!(error instanceof ParseError)) throw error;
          expect(error.source).toBe(source.path);
        }
      }),
    );
    expect(facts).toBeGreaterThan(50);
  });

  it('names and command lines are short and hold no control characters', () => {
    holds(
      fc.property(anyOf(texts.cmdline), bytes, (text, name) => {
        const line = commandLine.parse(text.repeat(10), () => undefined);
        const stat = processStat.parse(statText(7, { name }), () => undefined);
        expect(line.length).toBeLessThanOrEqual(512);
        expect(stat.name.length).toBeLessThanOrEqual(64);
        expect(`${line}${stat.name}`).not.toMatch(controls);
        expect(stat).toMatchObject({ pid: 7, starttimeTicks: 1000, rssPages: 100 });
      }),
    );
  });

  it('is a table of sound processes, and of pids to ask about', () => {
    let seen = 0;
    holds(
      fc.property(fc.array(anySlice, { maxLength: 12 }), fc.integer({ min: -1, max: 20 }), (slices, most) => {
        const table = new ProcessTable(4096);
        for (const slice of slices) {
          table.add(slice);
          expectSound(table.processes);
          expectSound(table.problems);
          for (const process of table.processes) {
            seen += 1;
            expect(process.pid).toBe(process.stat.pid);
            expect(table.get(process.pid)).toBe(process);
          }
          const wanted = table.wanted(most);
          expect(wanted.length).toBeLessThanOrEqual(Math.max(0, most));
          expect(new Set(wanted).size).toBe(wanted.length);
          for (const pid of wanted) expect(table.get(pid)?.stat.kernelThread).not.toBe(true);
          expect(table.hasNew && most >= 2 && wanted.length === 0).toBe(false);
          for (const list of [table.largest(3), table.fastestGrowing(3), table.busiest(3)]) {
            expect(list.length).toBeLessThanOrEqual(3);
          }
        }
      }),
    );
    expect(seen).toBeGreaterThan(500);
  });
});
