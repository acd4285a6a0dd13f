/**
 * Gets a shell on the host, whatever the login shell is and whatever its start-up files do.
 *
 * The way that is tried first is a command over a plain channel. It is right in sh, bash, zsh, fish, csh and tcsh. But a
 * bash that sshd starts reads `.bashrc` for a command too, and where that says `exec zsh` or `exec fish` our command is
 * lost, and the other shell reads our standard input:
 * - zsh and ash run what stands there. So the command stands there once more, for whoever has not run it yet.
 * - fish reads to the end of the file before it runs anything, and csh does not understand the condition. In a terminal
 *   they run what is typed, line by line.
 *
 * The shell says a mark before it reads anything, and only then the program is sent. Whatever came before the mark is
 * the noise of a login; after it nothing is echoed, and no other shell takes the program for its own input.
 */
import type { CommandChannel, Connection } from '../transport/connection';
import { LaunchAttempt, type LaunchWay } from './launchAttempt';
import { pause } from './pause';

/** What is known of one host from earlier launches. The caller keeps it for as long as it watches the host. */
export interface LaunchMemory {
  /** The way that worked last and is therefore tried first. */
  way: LaunchWay;
}

/** A shell that has said nothing for so long, on a host that took our command quickly, has lost it. */
const lostAfterMs = 5000;
/** A host that took longer to take our command is slow, and is given nothing more to do. */
const quickMs = 1000;

/**
 * Starts a shell that reads its commands from the channel, and waits until it says that it does. There is no time-out:
 * a host that thrashes may take minutes. Closing the connection ends the waiting.
 *
 * Where one way stays silent, another is tried beside it; whichever speaks first is kept, the other one is closed.
 *
 * @param shell commands of `sh`, on one line and without single quotes. Those that become a shell which reads a program end
 *   in `exec SHELL "$@"`: the arguments make it read a terminal without taking it for a person.
 * @param memory read and written: what works is tried first the next time.
 * @returns the channel, whose output flows: to be listened to in the same turn.
 * @throws {ConnectionError} where the host runs no shell for us.
 */
export async function launch(
  connection: Connection,
  shell: string,
  memory: LaunchMemory = { way: 'plain' },
): Promise<CommandChannel> {
  const over = new AbortController();
  const opened: LaunchAttempt[] = [];
  const open = async (way: LaunchWay): Promise<LaunchAttempt> => {
    const attempt = await LaunchAttempt.open(connection, way, shell);
    opened.push(attempt);
    return attempt;
  };
  const openLater = async (way: LaunchWay): Promise<LaunchAttempt> => {
    await pause(lostAfterMs, over.signal);
    over.signal.throwIfAborted();
    const attempt = await open(way);
    if (over.signal.aborted) attempt.close();
    return attempt.heard;
  };

  const [way, otherWay] = waysOf(connection, memory);
  let kept: LaunchAttempt | undefined;
  try {
    const askedAtMs = performance.now();
    const first = await open(way);
    const isQuick = performance.now() - askedAtMs < quickMs;
    first.heard.catch(() => over.abort()); // the host has answered, though not as we would like
    const attempts = otherWay && isQuick ? [first.heard, openLater(otherWay)] : [first.heard];
    kept = await Promise.any(attempts);
    return kept.channel;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    over.abort();
    memory.way = kept?.way ?? 'plain';
    for (const attempt of opened) if (attempt !== kept) attempt.close();
  }
}

function waysOf(connection: Connection, { way }: LaunchMemory): [LaunchWay, LaunchWay?] {
  if (!connection.execInTerminal) return ['plain'];
  // Whether the command or the line on its standard input is heard shows by itself.
  return way === 'terminal' ? ['terminal', 'plain'] : ['plain', 'terminal'];
}
