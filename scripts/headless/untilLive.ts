import type { HostMonitor } from '../../src/monitor/hostMonitor';

/** Waits for the first sample, or, with `survey`, until a condition holds after a slice of the survey. Rejects when `over` is aborted. */
export function untilLive(
  monitor: HostMonitor,
  over: AbortSignal,
  isDone: () => boolean = () => true,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (monitor.latest && isDone()) resolve();
    };
    monitor.onMoment(look);
    monitor.onSurvey(look);
    over.addEventListener('abort', () => reject(new Error('it was ended')), { once: true });
  });
}
