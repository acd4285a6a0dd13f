import type { CheckupInputs } from '../core/checkup/inputs';
import { pidsToIdentify } from '../core/checkup/pidsToIdentify';
import type { HostMonitor } from './hostMonitor';
import { pause } from './pause';
import { checkupEndSet, checkupSet } from './surveyFiles';

/**
 * Reads what a checkup is made of: the whole host at the start and at the end of a span. The span is the host's own: it ends
 * later where the host answers late.
 * @throws {Error} where the host answers no surveys, where the connection ends, and when `signal` is aborted.
 */
export async function runCheckup(
  monitor: HostMonitor,
  spanMs: number,
  signal: AbortSignal,
): Promise<CheckupInputs> {
  const whole = { sets: [checkupSet], allProcesses: true, processes: [] };
  const start = await monitor.readAtOnce(whole, signal);
  await pause(spanMs, signal);
  signal.throwIfAborted();
  const end = await monitor.readAtOnce(whole, signal);
  const users = pidsToIdentify({ start, end }).map((pid) => ({ pid, files: ['s'] as const }));
  const links = { sets: [checkupEndSet], allProcesses: false, processes: users };
  return inputsOf(monitor, start, [...end, ...(await monitor.readAtOnce(links, signal))]);
}

function inputsOf(
  { facts, survey, oom, latest }: HostMonitor,
  start: CheckupInputs['start'],
  end: CheckupInputs['end'],
): CheckupInputs {
  const { hostname, osrelease, pageSizeBytes, zones, minFreeKbytes } = facts ?? {};
  const btimeMs = latest?.sample.stat?.btimeMs;
  const endUptimeMs = end.at(-1)?.hostUptimeMs ?? 0;
  const userNames = survey?.slow.passwd?.value;
  return {
    start,
    end,
    endedAtMs: btimeMs === undefined ? Date.now() : btimeMs + endUptimeMs,
    ...(hostname !== undefined && { hostname }),
    ...(osrelease !== undefined && { osrelease }),
    ...(pageSizeBytes !== undefined && { pageSizeBytes }),
    ...(zones && { zones }),
    ...(minFreeKbytes !== undefined && { minFreeKbytes }),
    ...kernelLogOf(oom),
    ...(userNames && { userNames }),
  };
}

function kernelLogOf({ logState, lastLines }: HostMonitor['oom']): Partial<CheckupInputs> {
  switch (logState?.kind) {
    case 'reading':
      return { kernelLog: lastLines };
    case 'denied':
      return {
        kernelLogProblem: 'The kernel log may not be read by this user, see “Memory: Show permissions”.',
      };
    case 'ended':
      return { kernelLogProblem: `The reader of the kernel log has ended. ${logState.reason}`.trim() };
    case undefined:
      return { kernelLogProblem: 'The kernel log has not been read yet.' };
  }
}
