import { setTimeout as sleep } from 'node:timers/promises';
import { stepsFromNow, type Step } from './step';
import type { RescueVm } from './rescueVm';

/** So long somebody waits; it then counts as so late. */
export const patienceMs = 900_000;

export interface SshRun {
  readonly steps: readonly Step[];
  /** Until the command returned, or the patience was over. */
  readonly resultsMs: number;
  readonly timedOut: boolean;
  /** Times that the program `ssh` gave up, and was started again. */
  readonly failures: number;
}

/**
 * What a person would do: `ssh HOST 'docker kill $(docker ps -q)'`. When the connection fails (the server closes a login
 * that takes two minutes) it is tried again at once, until the command has returned or no patience is left.
 */
export async function killBySsh(vm: RescueVm): Promise<SshRun> {
  const { steps, note } = stepsFromNow();
  const startedAtMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedAtMs;
  for (let failures = 0; ; failures++) {
    const leftMs = Math.round(patienceMs - elapsedMs());
    if (leftMs < 1) return { steps, resultsMs: patienceMs, timedOut: true, failures };
    note({ what: 'ssh' });
    try {
      await vm.ssh('docker kill $(docker ps -q)', leftMs);
      note({ what: 'ssh', outcome: 'returned' });
      return { steps, resultsMs: elapsedMs(), timedOut: false, failures };
    } catch (error) {
      const code = exitCodeOf(error);
      note({ what: 'ssh', outcome: code === undefined ? 'timed out' : `exit code ${code}` });
      if (code !== undefined && code !== connectionFailed)
        return { steps, resultsMs: elapsedMs(), timedOut: false, failures };
      await sleep(Math.min(1000, Math.max(0, leftMs)));
    }
  }
}

/** Of ssh(1): the connection failed, not the command. */
const connectionFailed = 255;

/** Undefined: it took too long and was killed. @throws what is no end of a program. */
function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') return error.code;
  if (error instanceof Error && 'killed' in error && error.killed === true) return undefined;
  throw error;
}
