import { detailsDemand, statsDemand } from '../core/oomEvents/forecastDemand';
import type { HostMonitor } from './hostMonitor';

/**
 * Has all read anew that a forecast is made of; then the survey of the monitor has it.
 * @param within path of the cgroup that it is about first of all.
 * @throws {Error} where the host answers no surveys, where something else is being read at once, where the connection ends,
 * and when `signal` is aborted.
 */
export async function readForecastFacts(
  monitor: Pick<HostMonitor, 'readAtOnce' | 'survey' | 'latest'>,
  signal: AbortSignal,
  within?: string,
): Promise<void> {
  await monitor.readAtOnce(statsDemand, signal);
  const { survey, latest } = monitor;
  if (!survey) return;
  const { memTotalBytes = 0, swapTotalBytes = 0 } = latest?.sample.meminfo ?? {};
  const demand = detailsDemand(survey.processes, memTotalBytes + swapTotalBytes, within);
  await monitor.readAtOnce(demand, signal);
}
