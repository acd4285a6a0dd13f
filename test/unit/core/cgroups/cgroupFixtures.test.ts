import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cgroupFiles1, cgroupFiles2 } from '../../../../src/core/cgroups/cgroupFiles';
import { CgroupTable } from '../../../../src/core/cgroups/cgroupTable';
import { dockerMemoryOf } from '../../../../src/core/cgroups/dockerStats';
import type { SurveyCapture } from '../../../../src/core/survey/capture';
import { cgroupFixtures } from './fixtures';

function tableOf(captures: readonly SurveyCapture[]): CgroupTable {
  const table = new CgroupTable();
  for (const capture of captures) table.add(capture);
  return table;
}

/** What the host sends of it: the lines of `memory.stat` that are kept. */
function kept(capture: SurveyCapture): SurveyCapture {
  const sent = Object.entries(capture.text).map(([path, text]) => {
    if (basename(path) !== 'memory.stat') return [path, text];
    const { keep = [] } = path.startsWith('sys/fs/cgroup/memory/') ? cgroupFiles1.stat : cgroupFiles2.stat;
    const lines = text.split('\n').filter((line) => keep.includes(line.split(' ')[0] ?? ''));
    return [path, lines.join('\n')];
  });
  return { ...capture, text: Object.fromEntries(sent) as Record<string, string> };
}

it('there are fixtures of both versions, old and new', () => {
  const names = cgroupFixtures.map(({ name }) => name);
  for (const tree of ['v1', 'v2', 'hybrid'])
    expect(names.some((name) => name.endsWith(`-${tree}`))).toBe(true);
  for (const kernel of ['3.10', '5.4', '6.1', '6.18'])
    expect(names.some((name) => name.includes(`-${kernel}-`))).toBe(true);
});

describe.each(cgroupFixtures)('$name', ({ captures, expectedPath }) => {
  const table = tableOf(captures);

  it('gives the expected objects', async () => {
    const all = table.all.map((cgroup) => ({ ...cgroup, docker: dockerMemoryOf(cgroup, 2 ** 31) }));
    await expect(`${JSON.stringify(all, null, 2)}\n`).toMatchFileSnapshot(expectedPath);
  });

  it('has no problem, and refuses nothing', () => {
    expect(table.problems).toEqual({});
    expect(table.all.flatMap(({ rates }) => rates?.refused ?? ['no rates'])).toEqual([]);
  });

  it('gives the same from the lines that the host sends', () => {
    expect(tableOf(captures.map(kept)).all).toEqual(table.all);
  });

  it('gives the same when files that have not changed are left out', () => {
    const [first, second] = captures;
    const changed = Object.entries(second.text).filter(([path, text]) => first.text[path] !== text);
    expect(changed.length).toBeLessThan(Object.keys(second.text).length);
    expect(tableOf([first, { ...second, text: Object.fromEntries(changed) }]).all).toEqual(table.all);
  });

  it('finds anonymous memory, files and the kernel in what a group uses, within 3 % and what is charged ahead', () => {
    for (const { path, currentBytes, stat, kernelBytes = 0 } of table.all) {
      if (currentBytes === undefined || path === '/') continue;
      const { anonBytes = NaN, fileBytes = NaN, sockBytes = 0 } = stat ?? {};
      const sum = anonBytes + fileBytes + kernelBytes + sockBytes;
      expect(Math.abs(currentBytes - sum), path).toBeLessThan(currentBytes * 0.03 + 64 * 4096 * 2);
    }
  });
});
