import type { Circumstances } from '../core/schedule';
import type { WatchCost } from './costMeter';
import type { MonitorOptions } from './monitorOptions';
import type { Moment } from './moments';

/**
 * What the pace of a host depends on, as far as it is known.
 * @param rests whether the program on the host has spent its budget.
 */
export function circumstancesOf(
  latest: Moment | undefined,
  cost: WatchCost | undefined,
  rests: boolean,
  { budget, looked }: Pick<MonitorOptions, 'budget' | 'looked'>,
): Circumstances {
  const { processorShare, bytesPerSecond } = budget();
  const available = latest?.available?.bytes;
  const total = latest?.sample.meminfo?.memTotalBytes;
  return {
    looked: looked(),
    availableShare: available === undefined || total === undefined ? undefined : available / total,
    memoryFullPercent: latest?.rates?.memoryFullPercent,
    processorMsPerAnswer: cost?.processorMsPerAnswer,
    budgetShare: processorShare,
    bytesPerAnswer: cost?.bytesPerAnswer,
    budgetBytesPerSecond: bytesPerSecond,
    rests,
  };
}
