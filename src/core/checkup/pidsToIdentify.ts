import type { CheckupReadings } from './inputs';
import { byUse, mostTaskLines, tasksOf } from './tasks';

/**
 * Whose `proc/PID/status` is to be read and put among the texts of the end: those that have a line in `pidstat` or `top`.
 * @returns at most 40 pids, the one that used the most processor time first.
 */
export function pidsToIdentify(readings: CheckupReadings): readonly number[] {
  return byUse(tasksOf(readings).tasks)
    .slice(0, mostTaskLines)
    .map(({ stat }) => stat.pid);
}
