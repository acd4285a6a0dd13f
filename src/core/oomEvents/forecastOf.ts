import type { HostFacts } from '../hostFacts';
import type { Meminfo } from '../proc/meminfo';
import type { Survey } from '../survey/survey';
import type { Forecast } from './forecast';
import { formulaOf } from './forecastFormula';
import type { ForecastKnowledge } from './forecastDoubts';
import { ScopeForecast } from './forecastOfScope';
import { measuredProcesses } from './forecastProcesses';
import { cgroupScopes, machineScope, pathsUpFrom, type MachineMemory } from './forecastScopes';
import { userSpaceKillersOf } from './userSpaceKillers';

/** What is known of a host besides its survey. */
export interface ForecastFacts {
  readonly meminfo: Pick<Meminfo, 'memTotalBytes' | 'swapTotalBytes'> | undefined;
  readonly host: Pick<
    HostFacts,
    'osrelease' | 'pageSizeBytes' | 'zones' | 'panicOnOom' | 'oomKillAllocatingTask' | 'swappiness'
  >;
}

/** What is made use of of a {@link Survey}. */
export type ForecastSurvey = Pick<Survey, 'processes' | 'cgroups' | 'inside' | 'roundsDone'>;

const usualPageBytes = 4096;

/**
 * Who would be killed now, by the kernel's own formula: first where the machine ran out, then in each cgroup with a limit
 * that it can meet, those nearest to it first. Groups without any process are left out.
 * @returns empty while too little is known: memory of the machine, and of at least one process its oom_score_adj (2.6.36+).
 */
export function forecastsOf(survey: ForecastSurvey, facts: ForecastFacts): readonly Forecast[] {
  const { processes: table, cgroups } = survey;
  const { processes } = table;
  const { meminfo, host } = facts;
  if (meminfo === undefined || !processes.some(({ details }) => details?.oomScoreAdj !== undefined))
    return [];
  const { memTotalBytes } = meminfo;
  const { zones, pageSizeBytes = usualPageBytes } = host;
  const inside = survey.inside({ memTotalBytes, zones, pageSizeBytes: host.pageSizeBytes });
  const machine: MachineMemory = {
    memTotalBytes: inside?.machineTotalBytes ?? memTotalBytes,
    swapTotalBytes: meminfo.swapTotalBytes,
    swappiness: host.swappiness,
  };
  const known: ForecastKnowledge = {
    host,
    formula: formulaOf(host.osrelease, pageSizeBytes, processes),
    isContainer: inside !== undefined,
    isOwnMeminfo: inside?.ownMeminfo === true,
    isWhole: survey.roundsDone > 0,
    killers: userSpaceKillersOf(processes),
    childrenOf: (parent) => processes.filter((one) => one.stat.ppid === parent.pid),
    oomGroupOf: (path) => cgroups.get(path),
  };
  const scopes = [machineScope(machine), ...cgroupScopes(cgroups.all, machine)].map(
    (scope) => new ScopeForecast(scope, known),
  );
  const [ofMachine] = scopes;
  const byPath = new Map(scopes.map((one) => [one.path, one]));
  const scopesAround = new Map<string, readonly ScopeForecast[]>();
  for (const measured of measuredProcesses(processes, (pid) => table.get(pid))) {
    ofMachine?.add(measured);
    const { cgroup } = measured;
    if (cgroup === undefined) {
      // It may be in any of them.
      if (measured.isGuessed) for (const one of scopes) one.addUnknown();
      continue;
    }
    let around = scopesAround.get(cgroup);
    if (around === undefined) {
      around = pathsUpFrom(cgroup).flatMap((path) => byPath.get(path) ?? []);
      scopesAround.set(cgroup, around);
    }
    for (const one of around) one.add(measured);
  }
  return scopes.filter((one) => one === ofMachine || one.hasAny).map((one) => one.forecast());
}
