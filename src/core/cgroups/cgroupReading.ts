import { readSource, type Problem } from '../sample';
import { cgroupFilePath, cgroupFiles1, cgroupFiles2, type CgroupFile } from './cgroupFiles';
import type { CgroupFacts } from './cgroupOf';

/** Texts by path, as in {@link SurveyCapture}. */
type Texts = Readonly<Record<string, string>>;

/** All that is known of a group's files. */
export interface CgroupReading {
  readonly read: CgroupFacts;
  /** Why a file gave nothing, or which of its values were refused, by the file's path. */
  readonly problems: Readonly<Record<string, Problem>>;
}

/**
 * Reads the files of a group that came. A file that did not is what it was; one that could not be read is not known any
 * more, which is no problem: kernels differ in which files they have. Never throws.
 * @param last what was known before.
 * @returns undefined where nothing tells the version.
 */
export function cgroupReadingOf(
  path: string,
  texts: Texts,
  unreadable: ReadonlySet<string>,
  last: CgroupReading | undefined,
): CgroupReading | undefined {
  const version = versionOf(path, texts) ?? last?.read.version;
  if (version === undefined) return undefined;
  const known = last?.read.version === version ? last : undefined;
  const facts = new Map<string, unknown>(Object.entries(known?.read.facts ?? {}));
  const problems = new Map(Object.entries(known?.problems ?? {}));
  const files: Readonly<Record<string, CgroupFile<unknown>>> = version === 1 ? cgroupFiles1 : cgroupFiles2;
  for (const [id, file] of Object.entries(files)) {
    const full = cgroupFilePath(version, path, file);
    const came = Object.hasOwn(texts, full);
    if (!came && !unreadable.has(full)) continue;
    facts.delete(id);
    problems.delete(full);
    if (!came) continue;
    const { value, problem } = readSource({ ...file, path: full }, texts);
    if (value !== undefined) facts.set(id, value);
    if (problem !== undefined) problems.set(full, problem);
  }
  // What the files of one version said, by the same ids.
  const read = { version, facts: Object.fromEntries(facts) } as CgroupFacts;
  return { read, problems: Object.fromEntries(problems) };
}

/** Hybrid hosts have the memory controller in one version, so a group has the files of one. Undefined: no file tells. */
function versionOf(path: string, texts: Texts): 1 | 2 | undefined {
  const has = (version: 1 | 2, file: CgroupFile<unknown>): boolean =>
    Object.hasOwn(texts, cgroupFilePath(version, path, file));
  // Not memory.stat: that of a group /memory of version 2 has the path of the root's of version 1.
  if ([cgroupFiles1.usage, cgroupFiles1.limit, cgroupFiles1.oomControl].some((file) => has(1, file)))
    return 1;
  const files2: readonly CgroupFile<unknown>[] = Object.values(cgroupFiles2);
  return files2.some((file) => file.ofEveryGroup !== true && has(2, file)) ? 2 : undefined;
}
