import { hostFactsOf } from '../../../../src/core/hostFacts';
import { insidePaths } from '../../../../src/core/cgroups/inside';
import type { ForecastFacts } from '../../../../src/core/oomEvents/forecastOf';
import { sampleOf } from '../../../../src/core/sample';
import type { SurveyCapture } from '../../../../src/core/survey/capture';
import { Survey } from '../../../../src/core/survey/survey';
import { captureOf, procFixtures, surveyCapturesOf } from '../fixtures';
import { slice, statText, type StatFigures } from '../processes/slices';

/** A host as it is known when a forecast is made. */
export interface KnownHost {
  readonly survey: Survey;
  readonly facts: ForecastFacts;
}

/** What was recorded of a host, at its first moment. */
export function recordedHost(name: string): KnownHost {
  const fixture = procFixtures.find((candidate) => candidate.name === name);
  const [capture] = fixture ? surveyCapturesOf(fixture) : [];
  if (!fixture || !capture) throw new Error(`there is no fixture ${name}`);
  const { texts, unreadable } = fixture;
  const host = hostFactsOf(texts);
  const survey = new Survey(capture.bootId, host.pageSizeBytes);
  const absent = insidePaths.map(({ path }) => path).filter((path) => !(path in texts));
  survey.add({ ...capture, unreadable: [...unreadable, ...absent] });
  return { survey, facts: { meminfo: sampleOf(captureOf(texts, 1, unreadable)).meminfo, host } };
}

/** What a test says of a process. */
export interface Told extends StatFigures {
  readonly pid: number;
  readonly ppid?: number;
  /** Absent: its other files were not read. */
  readonly adj?: number;
  readonly cgroup?: string;
  readonly swapKib?: number;
  readonly pteKib?: number;
  readonly uid?: number;
  readonly commandLine?: string;
}

/** Files of the machine and its cgroups by path, and processes; all read at 100 s of the uptime, pages of 4 KiB. */
export function writtenHost(
  processes: readonly Told[],
  files: Readonly<Record<string, string>> = {},
  host: ForecastFacts['host'] = {},
): KnownHost {
  const survey = new Survey('boot', 4096);
  const text = Object.assign({}, files, ...processes.map(textsOf)) as Record<string, string>;
  const cgroups = Object.keys(files).flatMap((path) => {
    const [, folder] = /^sys\/fs\/cgroup(\/.*)\/memory\.[a-z._]+$/.exec(path) ?? [];
    return folder === undefined ? [] : folder.replace(/^\/memory(?=\/)/, '');
  });
  const capture: SurveyCapture = slice(100, {
    pids: processes.map(({ pid }) => pid),
    cgroups: [...new Set(cgroups)],
    text,
  });
  survey.next(99_000, 1);
  survey.add(capture);
  const meminfo = { memTotalBytes: 1000 * 4096 * 1000, swapTotalBytes: 0 };
  return { survey, facts: { meminfo, host: { osrelease: '6.1.0-50-amd64', pageSizeBytes: 4096, ...host } } };
}

function textsOf(told: Told): Record<string, string> {
  const { pid, ppid = 1, adj, cgroup = '/', swapKib = 0, pteKib = 0, uid = 1000, commandLine } = told;
  const stat = { [`proc/${pid}/stat`]: statText(pid, told).replace(/\) (\w) 1 /, `) $1 ${ppid} `) };
  if (adj === undefined) return stat;
  const rssKib = (told.rss ?? 100) * 4;
  return {
    ...stat,
    [`proc/${pid}/status`]: `Uid:\t${uid}\t${uid}\t${uid}\t${uid}\nVmRSS:\t${rssKib} kB\nVmSwap:\t${swapKib} kB\nVmPTE:\t${pteKib} kB\n`,
    [`proc/${pid}/oom_score_adj`]: `${adj}\n`,
    [`proc/${pid}/cgroup`]: `0::${cgroup}\n`,
    ...(commandLine !== undefined && {
      [`proc/${pid}/cmdline`]: `${commandLine.replaceAll(' ', '\0')}\0`,
    }),
  };
}
