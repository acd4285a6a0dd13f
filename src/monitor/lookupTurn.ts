import type { CommandChannel, Connection } from '../transport/connection';
import type { HostCommands } from './hostCommands';
import { isAborted, pause } from './pause';

/** It is looked so often whether the host still has room for a lookup, and waited so long until it has again; ms. */
const lookEveryMs = 1000;
const waitMs = 60_000;

export interface LookupTurnOptions {
  readonly commands: HostCommands;
  /** The live one; undefined while there is none. */
  readonly connection: () => Connection | undefined;
  /** Why nothing may be started on the host now, in words; undefined: it may. */
  readonly obstacle: () => string | undefined;
}

/**
 * Runs one command of a lookup, when no other command is run on the connection and nothing stands against it; it is ended as soon as
 * something does.
 * @throws {Error} where it could not be run or was ended, in words.
 */
export async function runLookupCommand<T>(
  { commands, connection, obstacle }: LookupTurnOptions,
  command: string,
  read: (channel: CommandChannel, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const untilMs = performance.now() + waitMs;
  for (let why = obstacle(); why !== undefined; why = obstacle()) {
    if (performance.now() > untilMs) throw new Error(why);
    await pause(lookEveryMs, signal);
    signal.throwIfAborted();
  }
  const current = connection();
  if (!current) throw new Error('There is no connection to the host.');
  return commands.alone(current, async () => {
    signal.throwIfAborted();
    const over = new AbortController();
    const why = obstacle();
    if (why !== undefined) throw new Error(why);
    let stoppedBy = undefined as string | undefined;
    const channel = await current.exec(command);
    const looking = (async () => {
      while (!isAborted(over.signal) && (stoppedBy = obstacle()) === undefined)
        await pause(lookEveryMs, over.signal);
      over.abort();
    })();
    const stop = (): void => over.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const output = await read(channel, over.signal);
      signal.throwIfAborted();
      if (stoppedBy !== undefined) throw new Error(stoppedBy);
      return output;
    } finally {
      signal.removeEventListener('abort', stop);
      over.abort();
      await looking;
    }
  });
}
