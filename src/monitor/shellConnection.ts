import type { Connection } from '../transport/connection';
import { launch, type LaunchMemory } from './launch';

/**
 * Reads a command that ends with a line of one dot, and runs it. By `read`, which takes no byte more than a line: a shell that
 * reads its commands in blocks would swallow what the command is sent.
 */
const commandReader =
  'n=$(printf "\\nx"); n=${n%x}; c=; while IFS= read -r l; do case $l in (.) break;; esac; c=$c$l$n; done; eval "$c"';

/**
 * The same connection, whose commands also reach a shell where the login shell loses them: there they are sent to a shell
 * that is launched for them. Where only a terminal gets one, standard error is lost, and their standard input never ends, but
 * hangs them up.
 *
 * @param memory of the host's launches: says how a shell is reached. What becomes of a single command changes nothing in it.
 */
export function shellConnection(connection: Connection, memory: LaunchMemory): Connection {
  return {
    exec: async (command) => {
      if (memory.way === 'plain') return connection.exec(command);
      const channel = await launch(connection, commandReader, { ...memory });
      channel.stream.write(`${command}\n.\n`);
      return channel;
    },
    openUnixSocket: (path) => connection.openUnixSocket(path),
    close: () => connection.close(),
    closed: connection.closed,
  };
}
