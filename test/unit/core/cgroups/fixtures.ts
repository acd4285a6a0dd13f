import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { SurveyCapture } from '../../../../src/core/survey/capture';

const root = join(import.meta.dirname, '../../../fixtures/cgroups');

/** The memory cgroups of one host, and what became of them a moment later. See test/fixtures/cgroups/README.md. */
export interface CgroupFixture {
  readonly name: string;
  readonly captures: readonly [SurveyCapture, SurveyCapture];
  /** Where the expected objects are. */
  readonly expectedPath: string;
}

export const cgroupFixtures: readonly CgroupFixture[] = readdirSync(root)
  .filter((name) => existsSync(join(root, name, 'later')))
  .map((name) => {
    const folder = join(root, name);
    return {
      name,
      captures: [captureOf(folder), captureOf(join(folder, 'later'))],
      expectedPath: join(folder, 'expected.json'),
    };
  });

function captureOf(folder: string): SurveyCapture {
  const text: Record<string, string> = {};
  for (const file of readdirSync(join(folder, 'sys'), { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, 'sys', file);
    if (statSync(path).isFile()) text[relative(folder, path)] = readFileSync(path, 'utf8');
  }
  const uptime = readFileSync(join(folder, 'proc/uptime'), 'utf8');
  return surveyCapture(Math.round(Number(uptime.split(' ')[0]) * 1000), text);
}

/** A capture in which the groups of these files were read. */
export function surveyCapture(
  hostUptimeMs: number,
  text: Readonly<Record<string, string>>,
  rest: Partial<SurveyCapture> = {},
): SurveyCapture {
  const folders = Object.keys(text).map((path) => dirname(path));
  const cgroups = folders.map((folder) => folder.replace(/^sys\/fs\/cgroup(\/memory(?=\/|$))?/, '') || '/');
  return {
    bootId: 'boot',
    hostUptimeMs,
    unchangedPids: [],
    cgroups: [...new Set(cgroups)],
    text,
    unreadable: [],
    ...rest,
  };
}
