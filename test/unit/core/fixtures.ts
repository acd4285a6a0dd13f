import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Capture } from '../../../src/core/capture';
import type { SurveyCapture } from '../../../src/core/survey/capture';

const root = join(import.meta.dirname, '../../fixtures');

/** One path a line. */
const unreadableFile = 'unreadable.txt';

/** A folder of test/fixtures that holds what a host's /proc said; see the README there. */
export interface ProcFixture {
  readonly name: string;
  /** Texts by path, as in {@link Capture.text}. */
  readonly texts: Readonly<Record<string, string>>;
  /** The same host a moment later. */
  readonly later?: Readonly<Record<string, string>>;
  /** Paths of files that are there and cannot be read. */
  readonly unreadable: readonly string[];
  /** What real programs printed for these very texts, by file name, e.g. `free-b.txt`. */
  readonly printed: Readonly<Record<string, string>>;
  /** Where the expected objects are. */
  readonly expectedPath: string;
  /** What each program belongs to, said by hand after its `/proc/PID/cgroup`, by pid and name: `228 gunicorn`. */
  readonly owners: Readonly<Record<string, string>>;
  /** Where those are that come of processes, cgroups and slow sources. */
  readonly expectedSurveyPath: string;
}

/** Every folder of test/fixtures that holds a `proc/meminfo`. */
export const procFixtures: readonly ProcFixture[] = readdirSync(root)
  .filter((name) => existsSync(join(root, name, 'proc/meminfo')))
  .map((name) => {
    const folder = join(root, name);
    const later = existsSync(join(folder, 'later')) ? textsUnder(join(folder, 'later')) : undefined;
    const printed = readdirSync(folder).filter((file) => file.endsWith('.txt') && file !== unreadableFile);
    const unreadable = join(folder, unreadableFile);
    return {
      name,
      texts: textsUnder(folder),
      ...(later && { later }),
      unreadable: existsSync(unreadable) ? readFileSync(unreadable, 'utf8').trim().split('\n') : [],
      printed: Object.fromEntries(printed.map((file) => [file, readFileSync(join(folder, file), 'utf8')])),
      expectedPath: join(folder, 'expected.json'),
      owners: ownersIn(join(folder, 'owners.json')),
      expectedSurveyPath: join(folder, 'expected-survey.json'),
    };
  });

/** A capture as the monitor makes it, asked at 1000 ms and answered 40 ms later. */
export function captureOf(
  texts: Readonly<Record<string, string>>,
  seq = 1,
  unreadable: readonly string[] = [],
): Capture {
  const uptimeSeconds = Number(texts['proc/uptime']?.split(' ')[0]);
  return {
    bootId: 'b0071d00-0000-4000-8000-000000000000',
    clock: 'asked',
    seq,
    hostUptimeMs: Math.round(uptimeSeconds * 1000),
    askedAtMs: 1000,
    receivedAtMs: 1040,
    text: texts,
    unreadable,
  };
}

/**
 * The slices of a survey that read all of a fixture: everything at its first moment, and what it has of processes a moment
 * later.
 */
export function surveyCapturesOf({ texts, later = {}, unreadable }: ProcFixture): SurveyCapture[] {
  const slice = (text: Readonly<Record<string, string>>, uptime: string | undefined): SurveyCapture => ({
    bootId: texts['proc/sys/kernel/random/boot_id']?.trim() ?? 'boot',
    hostUptimeMs: Math.round(Number(uptime?.split(' ')[0]) * 1000),
    pids: pidsOf(texts),
    unchangedPids: [],
    cgroups: cgroupsOf(text),
    text,
    unreadable,
  });
  const processesLater = Object.entries(later).filter(([path]) => /^proc\/\d/.test(path));
  return [
    slice(texts, texts['proc/uptime']),
    ...(processesLater.length > 0 ? [slice(Object.fromEntries(processesLater), later['proc/uptime'])] : []),
  ];
}

/** Processes that a fixture holds, in the order of their numbers. */
function pidsOf(texts: Readonly<Record<string, string>>): number[] {
  return Object.keys(texts)
    .flatMap((path) => /^proc\/(\d+)\/stat$/.exec(path)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other);
}

/** Memory cgroups that a fixture holds, by path. */
function cgroupsOf(texts: Readonly<Record<string, string>>): string[] {
  const paths = Object.keys(texts).flatMap((path) => {
    const [, folder] = /^sys\/fs\/cgroup(.*)\/(?:memory|pids)\.[a-z._]+$/.exec(path) ?? [];
    return folder === undefined ? [] : folder.replace(/^\/memory(?=\/|$)/, '') || '/';
  });
  return [...new Set(paths)].sort();
}

function ownersIn(path: string): Record<string, string> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {};
}

function textsUnder(folder: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const top of ['proc', 'sys', 'etc', 'run']) {
    if (!existsSync(join(folder, top))) continue;
    for (const file of readdirSync(join(folder, top), { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, top, file);
      if (statSync(path).isFile()) texts[unescaped(relative(folder, path))] = readFileSync(path, 'utf8');
    }
  }
  return texts;
}

/** No file on Windows has a backslash in its name. */
function unescaped(path: string): string {
  return path.replaceAll('%5C', '\\');
}
