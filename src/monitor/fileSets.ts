import { factPaths } from '../core/hostFacts';
import { fastSources } from '../core/sample';

const factsAt = (path: string): typeof factPaths => factPaths.filter((fact) => fact.path === path);

/** Facts that may change while a host is up: read again now and then, one slice at a time. */
export const factSlices = {
  swaps: factsAt('proc/swaps'),
  zones: factsAt('proc/zoneinfo'),
  processors: factsAt('sys/devices/system/cpu/online'),
  vm: factPaths.filter(({ path }) => path.startsWith('proc/sys/vm/')),
};

export type FactSlice = keyof typeof factSlices;

export const factSliceNames = Object.keys(factSlices) as FactSlice[];

/** The files the program reads, by the name a question uses. */
export const fileSets = { facts: factPaths, fast: Object.values(fastSources), ...factSlices };

/** The texts of those files, where they came. */
export function textsOf(
  files: readonly { readonly path: string }[],
  texts: Readonly<Record<string, string>>,
): Record<string, string> {
  const some: Record<string, string> = {};
  for (const { path } of files) {
    const text = Object.hasOwn(texts, path) ? texts[path] : undefined;
    if (text !== undefined) some[path] = text;
  }
  return some;
}
