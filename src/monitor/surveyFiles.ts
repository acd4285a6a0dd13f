import { cgroupFiles1, cgroupFiles2, type CgroupFile } from '../core/cgroups/cgroupFiles';
import { insidePaths } from '../core/cgroups/inside';
import { detailFiles } from '../core/processes/processFiles';
import type { Source } from '../core/proc/source';
import { processFiles } from '../core/survey/question';
import {
  checkupFamilySources,
  checkupSources,
  familySources,
  insideSet,
  slowSources,
} from '../core/survey/sources';
import type { SurveyFiles, WantedCgroupFile } from './programSurvey';
import type { WantedFile } from './programText';

type Sources = Readonly<Record<string, Source<unknown>>>;

const wanted = ({ path, keep, drop }: Source<unknown>): WantedFile => ({
  path,
  ...(keep && { keep }),
  ...(drop !== undefined && { drop }),
});

const listOf = (sources: Sources): WantedFile[] => Object.values(sources).map(wanted);

const cgroupListOf = (files: Readonly<Record<string, CgroupFile<unknown>>>): WantedCgroupFile[] =>
  Object.values(files).map((file) => ({
    ...wanted(file),
    ...(file.root !== undefined && { root: file.root }),
    ...(file.ofEveryGroup && { ofEveryGroup: true }),
    ...(file.seldom && { seldom: true }),
  }));

const eachByItself = (sources: Sources): Record<string, WantedFile[]> =>
  Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, [wanted(source)]]));

/** The set of files that is read at both ends of a checkup. */
export const checkupSet = 'checkup';
/** What of a checkup is read at its end only. */
export const checkupEndSet = 'checkupEnd';

/** What a survey reads of a host. Each slow source is a set of its own, by its name. */
export const surveyFiles: SurveyFiles = {
  sets: {
    ...eachByItself(slowSources),
    ...eachByItself(familySources),
    [insideSet]: insidePaths.map(({ path, keep }) => ({ path, ...(keep && { keep }) })),
    [checkupSet]: listOf(checkupSources),
    [checkupEndSet]: listOf(checkupFamilySources),
  },
  process: listOf(detailFiles)
    .map((file) => ({ ...file, path: file.path.slice(file.path.lastIndexOf('/') + 1) }))
    .filter(({ path }) => (Object.values(processFiles) as string[]).includes(path)),
  cgroup: { 1: cgroupListOf(cgroupFiles1), 2: cgroupListOf(cgroupFiles2) },
};
