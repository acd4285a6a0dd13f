import type { OomEvent } from './event';
import { explanationOf } from './explanation/explanation';

/**
 * An event as `headless oom` prints it; what the log does not tell is absent. `time` is ISO 8601: of UTC where the log
 * tells the zone, else as the log has it, perhaps without a year. `kernelTime` is in seconds, as exactly as it is printed.
 * `cgroup` is the group whose limit was reached or that was killed as a whole, `victimCgroup` that of the first victim.
 */
export function eventJson(event: OomEvent): object {
  const { id, kernelTimeMs, kernelTimeMicroseconds, wallMs, localTime, kind, scope, ...others } = event;
  const { constraint, cgroup, trigger, victims, tasks, complete, missing, ...more } = others;
  return {
    time: timeOf(wallMs) ?? localTime,
    kernelTime: secondsOf(kernelTimeMicroseconds, kernelTimeMs),
    kind,
    scope,
    constraint,
    cgroup: cgroup?.limit ?? (kind === 'kernel' ? undefined : cgroup?.task),
    victimCgroup: cgroup?.task,
    trigger,
    victims,
    tasks: tasks?.rows,
    complete,
    missing,
    id,
    ...more,
    moreTasks: tasks !== undefined && tasks.moreRows > 0 ? tasks.moreRows : undefined,
    tasksWhole: tasks?.whole,
    explanation: explanationOf(event).sentences.map(({ text }) => text),
  };
}

/** Dates end 8.64e15 ms from 1970. */
function timeOf(wallMs: number | undefined): string | undefined {
  return wallMs === undefined || Math.abs(wallMs) > 8.64e15 ? undefined : new Date(wallMs).toISOString();
}

function secondsOf(microseconds: number | undefined, ms: number | undefined): number | undefined {
  if (microseconds !== undefined) return microseconds / 1_000_000;
  return ms === undefined ? undefined : ms / 1000;
}
