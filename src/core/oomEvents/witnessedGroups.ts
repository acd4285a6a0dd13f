import type { WitnessedKills } from './hostEvent';

const mostGroups = 20;

/** A rise of a cgroup's own counter between two readings. Times are the host's uptime in ms. */
export interface GroupRise {
  readonly path: string;
  readonly kills: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Version 2 counts a kill in each ancestor as well: of each group, those that are of none below it. */
export function innermost(rises: readonly GroupRise[]): WitnessedKills['cgroups'] {
  const kills = new Map<string, number>();
  for (const { path, kills: more } of rises) kills.set(path, (kills.get(path) ?? 0) + more);
  const own = new Map(kills);
  for (const [path, count] of kills) {
    const above = nearestAbove(path, kills);
    if (above !== undefined) own.set(above, (own.get(above) ?? 0) - count);
  }
  return [...own]
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .slice(0, mostGroups)
    .map(([path, count]) => ({ path, kills: count }));
}

function nearestAbove(path: string, groups: ReadonlyMap<string, number>): string | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const above = path.slice(0, end);
    if (groups.has(above)) return above;
  }
  return path !== '/' && groups.has('/') ? '/' : undefined;
}

/** Whether a cgroup is that group or below it. */
export function isIn(path: string, group: string): boolean {
  return path === group || group === '/' || path.startsWith(`${group}/`);
}
