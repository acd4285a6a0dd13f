import { errorText } from '../../src/core/errorText';
import { steadyPace } from '../../src/core/schedule';
import { HostMonitor } from '../../src/monitor/hostMonitor';
import { unlimited } from '../../src/monitor/programAwk';
import { transportTo } from '../../src/transport/transportTo';
import { noPrompts } from './prompts';

export interface HostOptions {
  /** `local` or what one would type after `ssh`. */
  readonly host: string;
  readonly intervalMs: number;
  readonly configFile: string | undefined;
  /** Whether processes, cgroups and slow sources are read too. */
  readonly survey?: boolean;
  readonly kernelLog?: boolean;
}

export interface Running {
  /** Ends it with this exit code. What comes after the first call does not count. */
  readonly finish: (code: number) => void;
  /** Aborted when it ends. */
  readonly over: AbortSignal;
}

/**
 * Watches a host until `work` has ended it; messages go to standard error. It ends with 1 where the host cannot be reached
 * or is lost for good, where somebody stops it and where nobody reads its output any more.
 * @returns the exit code.
 */
export async function attached(
  { host, intervalMs, configFile, survey = false, kernelLog = false }: HostOptions,
  work: (monitor: HostMonitor, running: Running) => void | Promise<void>,
): Promise<number> {
  const transport = transportTo(host, { ...(configFile !== undefined && { configFile }) });
  const monitor = new HostMonitor(transport, noPrompts, {
    pace: () => steadyPace(intervalMs),
    looked: () => true,
    budget: () => unlimited,
    kernelLog,
    survey,
    sudo: () => false,
    log: () => undefined,
  });
  const over = new AbortController();
  return new Promise((resolve) => {
    const finish = (code: number): void => {
      if (over.signal.aborted) return;
      over.abort();
      monitor.stop();
      resolve(code);
    };
    let live = false;
    monitor.onMoment(() => (live = true));
    monitor.onState((state) => {
      if (over.signal.aborted) return;
      if (state.kind === 'silent') process.stderr.write(`${host}: no answer yet\n`);
      if (!('error' in state) || (state.kind === 'reconnecting' && state.nextAttemptAtMs === undefined))
        return;
      const { message, advice } = state.error;
      process.stderr.write(`${host}: ${[message, advice].filter((part) => part !== '').join(' ')}\n`);
      // Before the first sample there is nothing to come back to: whoever scripts this wants to know at once.
      if (state.kind !== 'reconnecting' || !live) finish(1);
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => finish(1));
    process.stdout.on('error', () => finish(1)); // the reader of our output has gone
    void Promise.resolve(work(monitor, { finish, over: over.signal })).catch((error: unknown) => {
      process.stderr.write(`${host}: ${errorText(error)}\n`);
      finish(1);
    });
    monitor.start();
  });
}

/** One JSON object on a line of its own. */
export function print(object: object): void {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}
