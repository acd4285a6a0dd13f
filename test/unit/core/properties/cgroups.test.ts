import fc from 'fast-check';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cgroupFiles1, cgroupFiles2 } from '../../../../src/core/cgroups/cgroupFiles';
import { ownerName, ownerOf } from '../../../../src/core/cgroups/cgroupOwner';
import { CgroupTable } from '../../../../src/core/cgroups/cgroupTable';
import { dockerMemoryOf } from '../../../../src/core/cgroups/dockerStats';
import { insideOf, insidePaths } from '../../../../src/core/cgroups/inside';
import { ownerOfProcess } from '../../../../src/core/cgroups/processOwner';
import { cgroupMembership } from '../../../../src/core/proc/cgroupMembership';
import { ParseError, type Source } from '../../../../src/core/proc/source';
import type { SurveyCapture } from '../../../../src/core/survey/capture';
import { cgroupFixtures } from '../cgroups/fixtures';
import { bytes, harmed, holds, notFinite, numbersIn, seed } from './random';

const id = 'c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc';
const memberships = [
  `4:memory:/docker/${id}\n1:name=systemd:/docker/${id}\n0::/\n`,
  '0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.scope\n',
];

/** The texts that fixtures hold of a file of that version. */
function textsOf(version: 1 | 2, file: string): string[] {
  return cgroupFixtures
    .filter(({ name }) => name.endsWith('-v2') === (version === 2))
    .flatMap(({ captures }) => captures.flatMap(({ text }) => Object.entries(text)))
    .filter(([path]) => basename(path) === file)
    .map(([, text]) => text)
    .concat(otherTexts[file] ?? []);
}

/** Of files that no fixture holds: as kernels 5.10 and 6.18 write them, and one before 5.2. */
const otherTexts: Readonly<Record<string, readonly string[]>> = {
  'cgroup.events': ['populated 1\nfrozen 0\n', 'populated 1\nfrozen 1\n', 'populated 0\n'],
  'memory.oom.group': ['0\n', '1\n'],
  'freezer.state': ['THAWED\n', 'FREEZING\n', 'FROZEN\n'],
};

const sources: readonly [string, Source<unknown>, readonly string[]][] = [
  ...Object.values(cgroupFiles2).map((file): [string, Source<unknown>, string[]] => [
    `version 2, ${file.path}`,
    file,
    textsOf(2, file.path),
  ]),
  ...Object.values(cgroupFiles1).map((file): [string, Source<unknown>, string[]] => [
    `version 1, ${file.path}`,
    file,
    textsOf(1, file.path),
  ]),
  [cgroupMembership.path, cgroupMembership, memberships],
];

const anyText = (real: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 1, arbitrary: bytes }, { weight: 4, arbitrary: harmed(real) });

/** What may stand between slashes. */
const segment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'docker',
      'lxc',
      'buildkit',
      'kubepods',
      'burstable',
      'libpod_parent',
      '..',
      id,
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      `docker-${id}.scope`,
      `libpod-conmon-${id}.scope`,
      'kubepods-burstable-pod2f6c1a0e_8d7b_4c3a_9e21_5b0d4f8a7c66.slice',
      'pod2f6c1a0e-8d7b-4c3a-9e21-5b0d4f8a7c66',
      'lxc.payload.web',
      'systemd-nspawn@a.service',
      'machine-a.scope',
      'user-1000.slice',
      'user@1000.service',
      'session-1.scope',
      'system.slice',
      'snap.a.b.service',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('docker-', '\\x2d', '\\xff'.repeat(200), ':'.repeat(300), '-'.repeat(4000)),
  },
);
const anyPath = fc.array(segment, { maxLength: 12 }).map((segments) => `/${segments.join('/')}`);

function expectSound(value: unknown): void {
  expect(notFinite(value)).toEqual([]);
  const negative = numbersIn(value).filter(([, number]) => number < 0);
  expect(negative.filter(([where]) => !where.endsWith('.growthBytesPerSecond'))).toEqual([]);
}

/** Captures of a real host, each text of them harmed, left out or unreadable now and then. */
const anyCaptures: fc.Arbitrary<readonly SurveyCapture[]> = fc
  .constantFrom(...cgroupFixtures)
  .chain(({ captures }) =>
    fc.tuple(
      ...[...captures, captures[0]].map((real) =>
        fc
          .record({
            fates: fc.array(fc.constantFrom('sent', 'sent', 'harmed', 'unchanged', 'unreadable'), {
              minLength: 40,
              maxLength: 40,
            }),
            harm: harmed(Object.values(real.text)),
            bootId: fc.constantFrom('boot', 'boot', 'boot', 'other'),
            hostUptimeMs: fc.oneof(
              { weight: 4, arbitrary: fc.constant(real.hostUptimeMs) },
              { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -1, 0, Number.MAX_SAFE_INTEGER) },
            ),
            pids: fc.constantFrom(undefined, [1]),
            other: anyPath,
          })
          .map(({ fates, harm, bootId, hostUptimeMs, pids, other }): SurveyCapture => {
            const paths = Object.keys(real.text);
            const fateOf = (path: string): string | undefined => fates[paths.indexOf(path) % fates.length];
            const sent = paths.filter((path) => fateOf(path) === 'sent' || fateOf(path) === 'harmed');
            return {
              bootId,
              hostUptimeMs,
              ...(pids && { pids }),
              unchangedPids: [],
              cgroups: [...real.cgroups, other],
              text: Object.fromEntries(
                sent.map((path) => [path, fateOf(path) === 'harmed' ? harm : (real.text[path] ?? '')]),
              ),
              unreadable: paths.filter((path) => fateOf(path) === 'unreadable'),
            };
          }),
      ),
    ),
  );

describe(`whatever a host says of its cgroups (seed ${seed})`, () => {
  it.each(sources)('%s is facts without nonsense, or a ParseError', (_, source, real) => {
    expect(real.length).toBeGreaterThan(0);
    holds(
      fc.property(anyText(real), (text) => {
        const lines = text.split('\n');
        try {
          const facts = source.parse(text, ({ number, text: line }, reason) => {
            expect(lines[number - 1]).toBe(line);
            expect(reason).not.toBe('');
          });
          expectSound(facts);
        } catch (error) {
          if (!(error instanceof ParseError)) throw error;
          expect(error.message.length).toBeLessThan(400);
        }
      }),
    );
  });

  it('is groups with sound figures, limits among those that were set, and problems that are told', () => {
    let problems = 0;
    holds(
      fc.property(anyCaptures, (captures) => {
        const table = new CgroupTable();
        for (const capture of captures) {
          table.add(capture);
          expect(table.size).toBeLessThanOrEqual(20);
          for (const cgroup of table.all) {
            expectSound({ ...cgroup, readAtMs: 0, happened: { ...cgroup.happened, sinceMs: 0 } });
            expectSound(dockerMemoryOf(cgroup, 2 ** 30));
            const { effectiveMax, path } = cgroup;
            if (effectiveMax?.path !== undefined) {
              expect(`${path}/`.startsWith(effectiveMax.path === '/' ? '/' : `${effectiveMax.path}/`)).toBe(
                true,
              );
              expect(table.get(effectiveMax.path)?.limits.max).toBe(effectiveMax.bytes);
            }
          }
        }
        problems += Object.keys(table.problems).length;
      }),
      200,
    );
    expect(problems).toBeGreaterThan(100);
  });

  it('is an owner of a known kind with a name, and what is nested is nested once', () => {
    const kinds = new Set<string>();
    holds(
      fc.property(anyPath, (path) => {
        const { inner, ...owner } = ownerOf(path);
        for (const one of [owner, inner].filter((single) => single !== undefined)) {
          kinds.add(one.kind);
          expect(ownerName(one)).not.toBe('');
          expect(one).not.toHaveProperty('inner');
        }
        expect(['container', 'machine', undefined]).toContain(inner === undefined ? undefined : owner.kind);
        expect(ownerOfProcess({ unified: path, memoryV1: path })).toEqual(ownerOf(path));
      }),
      2000,
    );
    expect([...kinds].sort()).toEqual([
      'container',
      'machine',
      'other',
      'pod',
      'root',
      'session',
      'slice',
      'unit',
    ]);
  });

  it('is read in no time, however long the path', () => {
    const long = [
      `/${'a'.repeat(4000)}.scope`,
      '/docker'.repeat(600),
      `/${id}`.repeat(60),
      `/lxc.payload.${'-'.repeat(4000)}`,
      `/${'kubepods-'.repeat(450)}pod.slice`,
      `/machine-${'\\x2d'.repeat(1000)}.scope`,
      `/snap.${'a-'.repeat(2000)}`,
    ];
    const before = performance.now();
    for (const path of long) ownerName(ownerOf(path));
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('is a view from inside without nonsense', () => {
    const real = [...memberships, '2147483648\n', 'max\n', '', 'lxc\n', 'anon 5\ninactive_file 7\n'];
    const texts = fc
      .tuple(...insidePaths.map(() => fc.option(anyText(real), { nil: undefined })))
      .map((all) =>
        Object.fromEntries(
          all.flatMap((text, index) => (text === undefined ? [] : [[insidePaths[index]?.path ?? '', text]])),
        ),
      );
    let seen = 0;
    holds(
      fc.property(texts, fc.option(fc.nat(), { nil: undefined }), (all, memTotalBytes) => {
        const view = insideOf(all, { memTotalBytes, zones: undefined, pageSizeBytes: 4096 });
        if (view !== undefined) seen++;
        expectSound(view);
      }),
    );
    expect(seen).toBeGreaterThan(100);
  });
});
