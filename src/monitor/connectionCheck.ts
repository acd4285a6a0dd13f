import type { ConnectStep, TimedStep } from '../core/connection/connectStep';
import { errorText } from '../core/errorText';
import type { PermissionAnswers } from '../core/permissions/answers';
import { hostToolsOf, type HostTools } from '../core/permissions/hostTools';
import { sampleOf, type Sample } from '../core/sample';
import { ConnectionError, type Prompts, type Transport } from '../transport/connection';
import type { ConnectTrace } from '../transport/connectTrace';
import type { LaunchMemory } from './launch';
import { probePermissions, type ProbeOptions } from './permissionProbe';
import type { Budget } from './programAwk';
import { ownClockFor } from './ownClock';
import { Session } from './session';

export interface CheckOptions extends ProbeOptions {
  /** What the program on the host may cost; it is asked once. */
  readonly budget: Budget;
  /** Told of each step as it happens. */
  readonly onStep: (step: ConnectStep) => void;
}

/** What became of a check, with times in ms of our monotonic clock. */
export interface CheckedConnection {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly steps: readonly TimedStep[];
  /** Why it went no further; absent: it went all the way. */
  readonly error?: ConnectionError;
  readonly permissions?: { readonly answers: PermissionAnswers; readonly tools: HostTools };
}

/** A sample that has not come by then is not waited for: the report is about the connection. */
const sampleMs = 10_000;

/**
 * Makes a connection of its own, as watching would, looks at the shell and at what the user may see there, and closes it.
 * @throws {ConnectionError} remedy cancelled: the person said no, or `signal` was aborted. Any other failure is part of
 *   what is given back.
 */
export async function checkConnection(
  transport: Transport,
  prompts: Prompts,
  signal: AbortSignal,
  options: CheckOptions,
): Promise<CheckedConnection> {
  const startedAtMs = performance.now();
  const steps: TimedStep[] = [];
  const trace: ConnectTrace = (step) => {
    steps.push({ step, atMs: performance.now() });
    options.onStep(step);
  };
  const result = (rest: Pick<CheckedConnection, 'error' | 'permissions'>): CheckedConnection => {
    if (signal.aborted) throw cancelled();
    return { startedAtMs, endedAtMs: performance.now(), steps, ...rest };
  };
  const launchMemory: LaunchMemory = { way: 'plain' };
  let session: Session | undefined;
  const close = (): void => session?.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    session = await Session.open(traced(transport, trace), prompts, signal, {
      budget: options.budget,
      launchMemory,
    });
    const { hello, facts } = session;
    trace({
      kind: 'shell-started',
      shell: hello.shell,
      awk: hello.awk,
      ownClock: hello.ownClock,
      inTerminal: launchMemory.way === 'terminal',
      osrelease: facts.osrelease,
    });
    const tools = hostToolsOf(await sampleFrom(session), facts, hello.ownClock);
    const answers = await probePermissions(session.connection, options);
    trace({ kind: 'permissions', complete: answers.complete });
    return result({ permissions: { answers, tools } });
  } catch (thrown) {
    const error = asConnectionError(thrown);
    if (error.remedy === 'cancelled') throw error;
    return result({ error });
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** The transport, whose steps are told; the first command that it runs is one of them. */
function traced(transport: Transport, trace: ConnectTrace): Transport {
  return {
    connect: async (prompts, signal) => {
      const connection = await transport.connect(prompts, signal, trace);
      const execInTerminal = connection.execInTerminal?.bind(connection);
      let isFirst = true;
      return {
        exec: async (command) => {
          const channel = await connection.exec(command);
          if (isFirst) trace({ kind: 'channel-opened' });
          isFirst = false;
          return channel;
        },
        ...(execInTerminal && { execInTerminal }),
        openUnixSocket: (path) => connection.openUnixSocket(path),
        close: () => connection.close(),
        closed: connection.closed,
      };
    },
  };
}

/** One sample; undefined where it does not come in time. */
async function sampleFrom(session: Session): Promise<Sample | undefined> {
  let sample: Sample | undefined;
  session.onCapture = (capture) => (sample = sampleOf(capture));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, sampleMs)));
  await Promise.race([session.collect(ownClockFor(1000)), session.ended, late]).finally(() =>
    clearTimeout(timer),
  );
  return sample;
}

function asConnectionError(thrown: unknown): ConnectionError {
  if (thrown instanceof ConnectionError) return thrown;
  return new ConnectionError('connection', 'retry', `Unexpected: ${errorText(thrown)}.`);
}

function cancelled(): ConnectionError {
  return new ConnectionError('connection', 'cancelled', 'The check was cancelled.');
}
