import type { Cgroup, EffectiveLimit } from './cgroup';

/** The folders above a group, nearest first: `/a/b` has `/a` and `/`. */
export function ancestorPathsOf(path: string): string[] {
  if (path === '/') return [];
  const paths: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    paths.push(path.slice(0, end));
  return [...paths, '/'];
}

/**
 * The least of the limits of a group and its ancestors, which is what holds. The nearest one, where two are equal.
 * In version 1 an ancestor may be told not to count its descendants (`memory.use_hierarchy`), so there the kernel's own
 * figure is believed where it is known.
 * @param group finds an ancestor that was read.
 * @returns undefined where no limit is known, and where none of those known limits anything and others are not known.
 */
export function effectiveLimitOf(
  cgroup: Cgroup,
  kind: 'max' | 'high',
  group: (path: string) => Pick<Cgroup, 'limits'> | undefined,
): EffectiveLimit | undefined {
  const all = [cgroup.path, ...ancestorPathsOf(cgroup.path)].map((path) => ({
    path,
    // The machine's root group has no limit and, in version 2, no file that says so; a container's root has both.
    limit: limitAt(path) ?? (path === '/' && cgroup.version === 2 ? 'max' : undefined),
  }));
  function limitAt(path: string): number | 'max' | undefined {
    return (path === cgroup.path ? cgroup : group(path))?.limits[kind];
  }

  const told = kind === 'max' ? cgroup.limits.hierarchicalMax : undefined;
  if (told === 'max') return { bytes: 'max', path: undefined };
  if (told !== undefined) return { bytes: told, path: all.find(({ limit }) => limit === told)?.path };

  let least: EffectiveLimit | undefined;
  for (const { path, limit } of all) {
    if (typeof limit === 'number' && (least === undefined || limit < Number(least.bytes)))
      least = { bytes: limit, path };
  }
  if (least !== undefined) return least;
  return all.every(({ limit }) => limit === 'max') ? { bytes: 'max', path: undefined } : undefined;
}
